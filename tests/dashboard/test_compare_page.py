import json

import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import copy_evaluation, write_evaluation
from streamlit.testing.v1 import AppTest

from dashboard.views.compare.measurements import newest_of_each, others_of
from dashboard.views.compare.wording import say_mcnemar, say_pair, say_summary
from models.files import write_json
from models.release import read_release
from pipeline.results.evaluation import BARE, read_predictions
from pipeline.results.index import EvaluationFolder
from pipeline.settings import settings

PAGE = (
    "from dashboard.kit.messages import showing_errors\nfrom dashboard.views.compare import page\n"
    "with showing_errors():\n    page.render()"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Write one evaluation; the tests copy it, as its figures take a while and are not what is tested here."""
    return write_evaluation(tmp_path_factory.mktemp("made"), 240, "made")


@pytest.fixture
def copied(evaluations, made):
    """Copy the evaluation as that of a release: the one in use, if none is named."""

    return lambda name="", **run: copy_evaluation(made, evaluations, name or read_release().name, **run)


@pytest.fixture
def another(copied):
    """Copy it as what a second release says of the same photos: scores that wander, changed further as asked."""

    def write(name="2031.01-1", change=None, **run):
        path = copied(name, **run)
        table = read_predictions(path / "predictions.csv")
        first = np.clip(table.p_edited + np.random.default_rng(1).normal(0, 0.2, len(table)), 0.001, 0.999)
        forced = np.where(first < 0.7, "real", np.where(table.says_deepfake, "deepfake", "facetune"))
        table = table.assign(p_edited=first, says_edited=first >= 0.7, forced=forced, verdict=forced, reasons="")
        table = change(table) if change else table
        table.to_csv(path / "predictions.csv", index=False)
        write_json(path / "run.json", json.loads((path / "run.json").read_text()) | {"n": len(table)})
        return path

    return write


@pytest.fixture(autouse=True)
def evaluations(tmp_path, monkeypatch):
    home = tmp_path / "evaluations"
    home.mkdir()
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TELLTALE_EVALUATIONS", str(home))
    settings.cache_clear()
    yield home
    settings.cache_clear()


def shown():
    test = AppTest.from_string(PAGE, default_timeout=120).run()
    assert not test.exception
    return test


def said(test):
    parts = [*test.markdown, *test.caption, *test.info, *test.warning, *test.error]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def test_without_an_evaluation_it_says_how_to_make_one():
    test = shown()
    assert "no evaluation" in test.info[0].value and not test.selectbox


def test_one_evaluation_is_not_enough(evaluations, copied):
    copied()
    copied("2031.01-1", dataset="unseen")
    test = shown()
    assert "takes two evaluations of one data set" in test.info[0].value
    assert "baseline svm" in test.code[0].value and not test.selectbox


def test_two_releases_are_compared(copied, another):
    copied()
    another()
    test = shown()
    assert [box.value for box in test.selectbox] == ["test", "2031.01-1", read_release().name]
    frame = test.dataframe[0].value
    assert len(frame) == 9 and set(frame.iloc[:, 4]) <= {
        "better", "worse", "not told apart", "more verdicts", "fewer verdicts"
    }  # fmt: skip
    assert "Against 2031.01-1" in said(test) and "exact, n 240" in said(test)
    assert "Compared: 240 photos that both judged." in said(test)


def test_forged_edits_are_added_where_asked_for(copied, another):
    copied()
    another()
    test = shown()
    few = test.dataframe[0].value.n[0]
    scope = next(one for one in test.get("button_group") if one.key == "compare-scope")
    scope.set_value("Forged edits too").run()
    assert test.dataframe[0].value.n[0] == 240 > few


def test_maps_of_two_methods_are_said_to_differ_in_kind(copied, another):
    copied()
    another(change=lambda table: table.assign(map_method="parts"))
    told = said(shown())
    assert "gradcam (what moved the score)" in told and "parts (where it holds the face edited)" in told


def test_maps_of_one_method_are_not_said_to_differ(copied, another):
    copied()
    another()
    assert "differ in kind" not in said(shown())


def test_flipped_photos_are_shown_both_ways(copied, another):
    copied()
    another()
    test = shown()
    ways = next(one for one in test.get("button_group") if str(one.key).startswith("flip-way"))
    assert any("right → wrong" in option for option in ways.options)
    assert any("wrong → right" in option for option in ways.options)
    view = next(one for one in test.get("button_group") if one.key == "flip-view")
    view.set_value("Table").run()
    table = test.dataframe[-1].value
    assert {"photo", "is", "2031.01-1", read_release().name} <= set(table)


def test_photos_that_only_one_judged_are_counted(copied, another):
    copied()
    another(change=lambda table: table.head(200))
    assert "200 photos that both judged. 40 that only" in said(shown())


def test_a_baseline_has_no_maps_and_says_so(copied, another):
    copied()
    another("baselines/svm", lambda table: table[list(BARE)])
    test = shown()
    assert test.selectbox[1].value == "svm (baseline)"
    assert test.get("image") and "Against svm (baseline)" in said(test)


def test_two_baselines_have_only_the_table(another):
    another("baselines/svm", lambda table: table[list(BARE)])
    another("baselines/x", lambda table: table[list(BARE)].assign(verdict="real", forced="real"))
    test = shown()
    assert not test.get("image") and "photo" in test.dataframe[-1].value


def test_other_revisions_are_warned_of(copied, another):
    copied()
    another(revision="9999999999")
    assert "different revisions" in shown().warning[0].value


@pytest.mark.parametrize(("release", "name"), [("2031.01-1", "2031.01-1"), ("baselines/svm", "svm (baseline)")])
def test_one_release_on_two_revisions_is_told_apart_by_them_everywhere(copied, another, release, name):
    copied(release, date="2026-11-20")
    another(release, revision="9999999999", date="2026-11-30")
    test = shown()
    old, new = f"{name}, revision 0123456789", f"{name}, revision 9999999999"
    told = said(test)
    assert f"Against {old}, **{new}**" in told and f"**{old}**" in told and f"from {old} → to {new}" in told
    assert f"only {new} is right" in told and f"Against {name}, **" not in told
    figures, right = (test.dataframe[place].value for place in (0, 1))
    assert list(figures)[1:3] == [old, new] and list(figures)[4] == f"so {new} is"
    assert list(right)[1:] == [f"{new} right", f"{new} wrong"] and right.iloc[0, 0] == f"{old} right"
    view = next(one for one in test.get("button_group") if one.key == "flip-view")
    view.set_value("Table").run()
    flipped = test.dataframe[-1].value
    assert {old, new} <= set(flipped) and (flipped[old] != flipped[new]).all()


def test_wrong_verdicts_are_said_with_the_photos_that_got_one_of_each_side(copied, another):
    path = copied()
    another()
    own = read_predictions(path / "predictions.csv")
    own = own[~own.source.str.startswith("forge-")]
    answered = int((own.verdict != "inconclusive").sum())
    shares = shown().dataframe[0].value.set_index("figure")
    wrong = shares.loc["both stages: wrong verdicts"]
    assert pd.isna(wrong["n"]) and answered < len(own)
    assert wrong["2031.01-1"].endswith(f"n {len(own)}") and wrong[read_release().name].endswith(f"n {answered}")
    assert shares.loc["both stages: gets a verdict", "n"] == len(own)


def test_no_common_photo_is_said(copied, another):
    copied()
    another(change=lambda table: table.assign(id="x" + table.id))
    test = shown()
    assert "no photo in common" in test.warning[0].value and not test.dataframe


def test_the_same_verdicts_have_no_flips(copied):
    copied()
    copied("2031.01-1")
    told = said(shown())
    assert "both say the same of all 240" in told and "right and wrong on the very same photos" in told


def test_one_class_alone_is_said_to_tell_nothing_of_the_others(copied, another):
    copied()
    another(change=lambda table: table[table.label == "real"])
    test = shown()
    standings = dict(zip(test.dataframe[0].value.figure, test.dataframe[0].value.iloc[:, 4], strict=True))
    assert standings["stage 1: AUC"] == "not measured" != standings["stage 1: real called edited"]


def test_a_half_written_folder_is_named(evaluations, copied, another):
    copied()
    another()
    (evaluations / "half" / "test@1").mkdir(parents=True)
    test = shown()
    assert "half" in said(test) and len(test.dataframe) >= 1


def test_predictions_of_another_version_are_said(copied, another):
    copied()
    (another() / "predictions.csv").write_text("id,label\n1,real\n")
    assert "another version" in shown().error[0].value


def test_a_damaged_map_is_drawn_as_none(copied, another):
    copied()
    another(change=lambda table: table.assign(heatmap="1:!"))
    assert shown().get("image")


def found(release, revision="1", dataset="test"):
    return EvaluationFolder(None, {"release": release, "revision": revision, "dataset": dataset})


def test_releases_come_before_baselines_and_the_same_revision_first():
    old, other, base, new = found("r1"), found("r1", "2"), found("baselines/svm", "2"), found("r2", "2")
    mine = newest_of_each([old, other, base, new, found("r3", dataset="val")], "test")
    assert mine == [new, other, old, base]
    assert others_of(new, mine) == [other, base, old]
    assert others_of(old, mine) == [new, other, base]


def test_the_summary_names_every_standing():
    rows = [("AUC", "better"), ("recall", "worse"), ("balanced accuracy", "not told apart"), ("coverage", "fewer")]
    known = pd.DataFrame([{"stage": "stage 1", "measure": name, "standing": standing} for name, standing in rows])
    told = say_summary(known, "a", "b").replace("\\", "")
    assert told == ("Against a, **b** is **better** on stage 1: AUC; it is **worse** on stage 1: edits found; it is "
                    "**not told apart** on stage 1: balanced accuracy; it gives **fewer** verdicts.")  # fmt: skip


def test_mcnemar_is_said_with_who_is_right_more_often():
    test = {"only second right": 30, "only first right": 5, "both right": 50, "both wrong": 5, "p": 0.0001, "n": 90}
    assert "**b** is right more often (p < 0.001, exact, n 90)" in say_mcnemar(test, "a", "b")
    assert "may well be chance (p = 0.400" in say_mcnemar(test | {"p": 0.4}, "a", "b")
    even = test | {"only second right": 0, "only first right": 0}
    assert say_mcnemar(even, "a", "b") == "Both are right and wrong on the very same photos."


def test_both_sides_of_a_difference_are_said_like_every_figure():
    sides = {"first_value": 0.8, "first_low": 0.75, "first_high": 0.85, "second_value": float("nan"),
             "second_low": float("nan"), "second_high": float("nan")}  # fmt: skip
    row = pd.DataFrame([{"measure": "recall", "n": 90, **sides}]).iloc[0]
    assert say_pair(row) == "80 % (75–85) → –"
