"""What leaving a source out costs, from stored figures: which measurements belong beside each other."""

from pathlib import Path

import pytest

from pipeline.figures.left_out import ByTraining, LeftOut, auc_on, sources_left_out
from pipeline.results.evaluation import TRAINED_WITHOUT
from pipeline.results.figure import Figure
from pipeline.results.index import EvaluationFolder


def stored(value):
    return {"value": value, "low": value - 0.02, "high": value + 0.02, "n": 100}


def metrics(value):
    return {"edited": {"dfdc": {"AUC": stored(value)}}, "kind told right": {"dfdc": stored(value)}}


METRICS = {"dfdc": metrics(0.6), "none": metrics(0.7), "other": metrics(0.9), "release": metrics(0.8)}


def read(path: Path):
    return METRICS[path.parent.name]


def measured(name, problem="", **run):
    run = {"dataset": "test", "revision": "a", TRAINED_WITHOUT: name, "baseline": {}} | run
    return EvaluationFolder(Path(name or "none") / "test@a", run, problem)


RELEASE = EvaluationFolder(Path("release/test@a"), {"dataset": "test", "revision": "a"})


def test_the_same_training_and_the_release_stand_beside_it():
    (one,), problems = sources_left_out([measured("dfdc"), measured("")], [RELEASE], read)
    figures = one.stages["edited"]
    assert (figures.without.value, figures.beside.value, figures.shipped.value) == (0.6, 0.7, 0.8)
    assert one.source == "dfdc" and one.lost == pytest.approx(0.1) and one.kinds.shipped.value == 0.8
    assert one.stages["deepfake"] == ByTraining(None) and problems == []


@pytest.mark.parametrize(
    "other",
    [{"revision": "b"}, {"dataset": "unseen"}, {"baseline": {"edited": {"config": {"epochs": 9}}}}],
    ids=["other photos", "other part", "other training"],
)
def test_what_differs_is_no_comparison(other):
    (one,), _ = sources_left_out([measured("dfdc"), measured("", **other)], [], read)
    assert one.stages["edited"] == ByTraining(Figure.read(stored(0.6))) and one.lost == 0.0


def test_what_was_left_out_is_no_other_training():
    trained = {"baseline": {"edited": {"config": {"epochs": 9, "leave_out": "dfdc"}}}}
    same = {"baseline": {"edited": {"config": {"epochs": 9, "leave_out": ""}}}}
    (one,), _ = sources_left_out([measured("dfdc", **trained), measured("", **same)], [], read)
    assert one.stages["edited"].beside


def test_what_cannot_be_used_is_said():
    broken = EvaluationFolder(Path("x/test@1"), {}, "There is no run.json.")
    unsaid = EvaluationFolder(Path("y/test@1"), {"dataset": "test"})
    sources, problems = sources_left_out([broken, unsaid, measured("nowhere")], [], lambda _: {})
    assert sources == [] and [line.partition(":")[0] for line in problems] == ["x/test@1", "y/test@1", "nowhere/test@a"]
    assert (
        "does not say what it was trained without" in problems[1] and "no figure of stage 1 on nowhere" in problems[2]
    )


def test_the_largest_loss_comes_first():
    def left_out(name, lost):
        return LeftOut(
            name, {"edited": ByTraining(Figure(0.5, 0.4, 0.6, 9), Figure(0.5 + lost, 0.4, 0.6, 9))}, ByTraining(None)
        )

    assert left_out("a", 0.3).lost > left_out("b", 0.1).lost


def test_a_source_without_edits_stands_under_its_collection():
    figures = {"edited": {"stylegan2": {"AUC": stored(0.6)}}, "deepfake": {"forge-unsplash": {"AUC": stored(0.8)}}}
    assert auc_on(figures, "edited", "unsplash").value == auc_on(figures, "edited", "stylegan2").value == 0.6
    assert auc_on(figures, "deepfake", "stylegan2").value == 0.8 and auc_on(figures, "edited", "dfdc") is None
