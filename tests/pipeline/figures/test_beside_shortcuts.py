"""A release beside shortcuts: where it is doubtful, where only the face can tell, and which baseline belongs to it."""

from pathlib import Path

from pipeline.figures.beside_shortcuts import BASELINE, BLANKED, RELEASE, BesideShortcut, blind_baseline
from pipeline.results.figure import Figure
from pipeline.results.index import EvaluationFolder


def around(value):
    return Figure(value, value - 0.05, value + 0.05, 100)


def row(release, **shortcuts):
    figures = {RELEASE: around(release)} | {name: around(value) for name, value in shortcuts.items()}
    return BesideShortcut("edited", "ciplab", figures, False)


def test_a_release_that_a_shortcut_reaches_is_doubtful():
    close, far = row(0.9, **{BLANKED: 0.85, BASELINE: 0.6}), row(0.9, **{BLANKED: 0.7})
    assert close.shortcut == (BLANKED, around(0.85)) and close.doubtful and not far.doubtful
    assert close.margin < far.margin and not close.silent


def test_where_no_shortcut_is_above_guessing_only_the_face_can_tell():
    assert row(0.9, **{BLANKED: 0.52}).silent and not row(0.52, **{BLANKED: 0.52}).silent
    assert not row(0.9).silent and not row(0.9).doubtful and row(0.9).shortcut is None


def test_without_an_interval_nothing_lies_above():
    figures = {RELEASE: Figure(0.9, None, None, 3), BLANKED: around(0.6)}
    assert BesideShortcut("edited", "ciplab", figures, False).doubtful


def test_the_newest_blind_baseline_of_the_same_photos_is_taken():
    def folder(release, revision, problem=""):
        return EvaluationFolder(Path(release), {"release": release, "dataset": "test", "revision": revision}, problem)

    wanted, older = folder("baselines/metadata", "a"), folder("baselines/metadata", "b")
    every = [older, wanted, folder("baselines/svm", "a"), folder("baselines/metadata", "a", "damaged")]
    assert blind_baseline(every, {"dataset": "test", "revision": "a"}) is wanted
    assert blind_baseline(every, {"dataset": "test", "revision": "c"}) is None
