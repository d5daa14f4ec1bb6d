"""The page Shortcuts on made-up audits, and what it says where there is none, or a damaged one."""

import json
from pathlib import Path

import pytest
from made_up_audit import comparison, figure, stored, written
from made_up_evaluation import copy_evaluation, write_evaluation
from streamlit.testing.v1 import AppTest

from dashboard.views.shortcuts import folds, left_out, wording
from dashboard.views.shortcuts.data_wording import say_against, say_leaks
from models.release import read_release
from pipeline.errors import BadEvaluation
from pipeline.figures.beside_shortcuts import beside_shortcuts
from pipeline.figures.left_out import ByTraining, LeftOut, auc_on
from pipeline.results.audit import Audit
from pipeline.results.evaluation import Evaluation
from pipeline.results.figure import Figure
from pipeline.results.folds import EACH, EVEN, WITHIN, Folded

LUCK = "How much is luck of the split?"


@pytest.fixture
def home(setting, tmp_path):
    """A folder of evaluations that the page reads."""
    setting(evaluations=tmp_path / "evaluations", home=tmp_path / "home")
    return tmp_path / "evaluations"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """An evaluation, made once: its figures take long."""
    return write_evaluation(tmp_path_factory.mktemp("base"))


@pytest.fixture
def write(base, home):
    """Write a copy of it, under another release or data set, with a changed run.json (None: left out)."""

    return lambda *whose, **changed: copy_evaluation(base, home, *whose, **changed)


def page():
    test = AppTest.from_string("from dashboard.views.shortcuts import page\npage.render()", default_timeout=120).run()
    assert not test.exception
    return test


def said(test):
    parts = (*test.markdown, *test.caption, *test.info, *test.warning, *test.error)
    return "\n".join(part.value for part in parts).replace("\\", "")


def audit_of(tmp_path, **changed):
    return Audit.read(written(tmp_path, stored(**changed)))


def test_the_whole_page(home, write):
    write()
    written(home, stored())
    test = page()
    told = said(test)
    assert "1 of the 2 shortcuts" in told and "1 were there before and are gone" in told
    assert "No networks were trained without one" in told and "No sign of it" in told
    assert "No baseline that sees no picture" in told
    assert len(test.get("plotly_chart")) == 2


def test_the_question_is_chosen(home):
    rows = [comparison(after=figure(0.6), outcome="told"), comparison("x", "deepfake", after=figure(0.5))]
    written(home, stored(comparisons=rows))
    test = page()
    assert "What is left" in said(test)
    test.segmented_control(key="shortcut-stage").set_value("deepfake").run()
    assert not test.exception and "Nothing is left" in said(test)


def test_no_audit_yet(write):
    write()
    test = page()
    assert "There is no shortcut audit" in said(test) and "make audit" in test.code[0].value
    assert "No networks were trained without one" in said(test), "what does not need the audit is shown"


def test_no_evaluation_yet(home):
    written(home, stored())
    told = said(page())
    assert "There is no evaluation of test" in told and "1 of the 2 shortcuts" in told


@pytest.mark.parametrize(("data", "reason"), [("{", "no valid JSON"), (stored(schema=9), "schema 9"),
                                              (stored(leakage=3), "damaged")])  # fmt: skip
def test_damaged_audits_are_named_beside_whole_ones(home, data, reason):
    written(home, data, "bad")
    written(home, stored(), "good")
    told = said(page())
    assert f"bad.json {'is' if reason != 'schema 9' else 'is of'}" in told and reason in told
    assert "1 of the 2 shortcuts" in told


def test_one_audit_of_several_is_picked(home):
    written(home, stored(), "a")
    other = stored()["conditions"] | {"manifest_sha256": "cd" * 32, "date": "2026-12-01"}
    written(home, stored(conditions=other), "b")
    test = page()
    assert test.selectbox(key="shortcut-audit").value == "b" and "cdcdcdcdcdcd" in said(test)


def test_names_of_strangers_are_no_markup(home):
    bad = "<b>*x*</b>"
    rows = [comparison(bad, by=bad, after=figure(0.9), before=figure(0.9), outcome=bad), comparison(after=figure(0.5))]
    written(home, stored(comparisons=rows, consequences={bad: [bad]}))
    test = page()
    assert all("<b>" not in part.value.replace("\\<", "") for part in test.markdown)
    assert "<b>" not in wording.label_html(bad, bad)


def test_a_source_left_out_stands_beside_the_release(write):
    write()
    write("left-out/dfdc", **{"trained without": "dfdc"})
    told = said(page())
    assert "**dfdc**: trained without it, stage 1 reaches AUC" in told
    assert "the release, trained with it, 0." in told and "Not measured" not in told
    assert "from a source that it was not trained on, stage 1 reaches AUC 0." in told


def test_the_same_training_with_the_source_stands_between_them(write):
    write()
    write("left-out/none", **{"trained without": ""})
    write("left-out/dfdc", **{"trained without": "dfdc"})
    told = said(page())
    assert "the same training with it 0." in told and "left aside" not in told.lower()
    assert "**none**" not in told and "it has no figure" not in told


def test_another_training_is_no_comparison(write):
    write()
    write("left-out/none", **{"trained without": "", "baseline": {"edited": {"config": {"epochs": 9}}}})
    write("left-out/dfdc", **{"trained without": "dfdc", "baseline": {"edited": {"config": {"epochs": 4}}}})
    told = said(page())
    assert "the same training with it" not in told and "the same short training" not in told


def test_a_damaged_comparison_is_left_aside(home, write):
    write()
    (write("left-out/none", **{"trained without": ""}) / "metrics.json").write_text("{")
    write("left-out/dfdc", **{"trained without": "dfdc"})
    told = said(page())
    assert "**dfdc**: trained without it, stage 1 reaches AUC" in told and "the same training with it" not in told
    assert "Left aside: none/test@0123456789" in told and "no valid JSON" in told


def test_stage_2_is_told_on_edits_forged_of_the_source():
    one, two = figure(0.6), figure(0.8)
    metrics = {"edited": {"stylegan2": {"AUC": one}}, "deepfake": {"forge-unsplash": {"AUC": two}}}
    assert auc_on(metrics, "edited", "stylegan2") == Figure.read(one)
    assert auc_on(metrics, "deepfake", "stylegan2") == Figure.read(two)
    assert auc_on(metrics, "deepfake", "dfdc") is None
    assert auc_on({}, "edited", "dfdc") is None


def test_what_a_source_left_out_costs_stands_in_words():
    def by_training(*values):
        return ByTraining(*(Figure.read(figure(value)) for value in values))

    stages = {"edited": by_training(0.6, 0.8), "deepfake": by_training(0.7, 0.9)}
    one = LeftOut("dfdc", stages, by_training(0.5, 0.75))
    (line,) = left_out.say_sources([one])
    assert "the right kind of 50 %" in line and "75 %" in line and one.lost == pytest.approx(0.2)
    assert "forged from its photos: 0.70" in line and "0.90 (" in line and "not measured on the same photos" in line


def test_sources_left_out_on_other_photos_or_half_written_are_said(home, write):
    write()
    write("left-out/dfdc", revision="other", **{"trained without": "dfdc"})
    write("left-out/ciplab")
    (home / "left-out" / "x" / "test@1").mkdir(parents=True)
    write("left-out/nowhere", **{"trained without": "nowhere"})
    told = said(page())
    assert "the release was not measured on the same photos" in told
    assert "does not say what it was trained without" in told
    assert "no whole evaluation" in told and "no figure of stage 1 on nowhere" in told


def test_unseen_sources_are_what_is_known_instead(write):
    write()
    write(dataset="unseen")
    write(dataset="same-originals")
    told = said(page())
    assert "false alarms**: of their unedited photos" in told
    assert "edits** that Telltale itself made" in told and "ciplab AUC" in told


def test_no_shortcut_left_is_said(tmp_path):
    audit = audit_of(tmp_path, comparisons=[comparison(before=figure(0.9), after=figure(0.5))])
    assert wording.say_answer(audit).startswith("**No sign of it.**")
    only = audit_of(tmp_path, comparisons=[comparison("forge-x", after=figure(0.6), outcome="told")])
    assert "not known" in wording.say_answer(only) and "1 of 1 questions" in wording.say_traces(only)


def test_the_strongest_comes_first(tmp_path):
    rows = [comparison("real photos", "", "still told", kind="source", chance=0.14, after=figure(0.76)),
            comparison("b", outcome="told", after=figure(0.98)), comparison("c", after=figure(0.5))]  # fmt: skip
    order = [one.scope for one in wording.questions_of(audit_of(tmp_path, comparisons=rows))]
    assert order == ["b", "real photos", "c"], "by how far from chance to certain, not by the share"


def test_the_release_is_held_against_shortcuts(tmp_path, base):
    shown = Evaluation.read(base)
    own = shown.metrics["edited"]["ciplab"]["AUC"]["value"]
    entry = {"audit": "around the face", "stage": "edited", "by": "net", "condition": "after"}
    better = audit_of(tmp_path, entries=[entry | {"scope": "ciplab", "AUC": figure(min(own + 0.01, 1.0))}])
    (row,) = beside_shortcuts(better, shown, None)
    assert row.scope == "ciplab" and row.doubtful and not row.silent
    blind = audit_of(tmp_path, entries=[entry | {"scope": "ciplab", "AUC": figure(0.5)}])
    (row,) = beside_shortcuts(blind, shown, None)
    assert row.silent and not row.doubtful
    assert beside_shortcuts(audit_of(tmp_path, entries=[]), shown, None) == []


def test_the_baseline_of_the_same_photos_is_found(home, write):
    written(home, stored())
    write()
    write("baselines/metadata")
    assert "trained on the files' facts alone" in said(page())


def test_whether_it_is_the_same_manifest(tmp_path, write):
    path = write()
    run = json.loads((path / "run.json").read_text())
    audit = audit_of(tmp_path)

    def told(**known):
        (path / "run.json").write_text(json.dumps(run | known))
        return " ".join(say_against(audit, Evaluation.read(path)))

    assert "very manifest" in told(manifest_sha256=audit.manifest_sha256)
    assert "another manifest" in told(manifest="manifest.parquet", manifest_sha256="0" * 64)
    assert "cannot be told by hash" in told(manifest="crops.parquet", manifest_sha256="0" * 64)
    assert "The data differ" in told(manifest="crops.parquet"), "50 photos of test there, more here"
    assert "The data differ" not in told(most=10)


def test_a_leak_is_called_one(tmp_path):
    leak = stored()["leakage"][0] | {"standing": "more than unrelated photos", "share": figure(0.3)}
    assert say_leaks(audit_of(tmp_path, leakage=[leak])).startswith("**Yes, in part**")
    unknown = leak | {"standing": "not measurable"}
    assert "Not known" in say_leaks(audit_of(tmp_path, leakage=[unknown]))
    assert "No sign" in say_leaks(audit_of(tmp_path))


def test_a_release_name_is_nowhere_fixed():
    name = read_release().name
    files = [*Path(wording.__file__).parent.glob("*.py")]
    assert files and not any(name in path.read_text(encoding="utf-8") for path in files)


def by_folds(home, source="ciplab", revision="0123456789", **changed):
    """Write a measurement by folds, as `folds` does; the folds' intervals are 6, 8 and 12 points wide."""
    each = [
        {"value": 0.6 + n / 50, "low": 0.57, "high": 0.57 + wide, "n": 20} for n, wide in enumerate((0.06, 0.08, 0.12))
    ]
    found = {"all": {WITHIN: figure(0.63, n=60), EVEN: figure(0.58, n=60)}, EACH: each} | changed
    path = home / "folds" / source / f"net-3@{revision}"
    path.mkdir(parents=True)
    run = {"format": 1, "collection": source, "revision": revision, "folds": [{"seconds of training": 180}] * 3}
    (path / "metrics.json").write_text(json.dumps(found))
    (path / "run.json").write_text(json.dumps(run))
    return path


def test_a_collection_by_folds_says_how_little_one_split_tells(home, write):
    write()
    by_folds(home)
    by_folds(home, "other")
    test = page()
    told = said(test)
    assert "each of its 60 photos held out once" in told and "reaches AUC 0.60 to 0.64" in told
    assert "3 networks, each trained for about 3 minutes" in told
    assert "A figure from 20 of its photos is uncertain by about ±4 points" in told
    assert len(test.get("plotly_chart")) == 2 and [one.value for one in test.subheader].count(LUCK) == 1


def test_without_folds_there_is_no_heading(write):
    write()
    assert LUCK not in [one.value for one in page().subheader]


def test_a_damaged_measurement_by_folds_is_left_aside_and_the_rest_stays(home, write):
    write()
    (by_folds(home, "a") / "metrics.json").write_text("{")
    by_folds(home, "old", revision="9876543210")
    by_folds(home, "<b>*x*")
    test = page()
    told = said(test)
    assert told.count("Left aside") == 2 and "no valid JSON" in told and "net-3@9876543210 is of another" in told
    assert told.count("held out once") == 1
    assert all("<b>" not in part.value.replace("\\<", "") for part in (*test.markdown, *test.caption))


@pytest.mark.parametrize(
    "found",
    [{}, {"all": {}}, {EACH: []}, {EACH: [{"value": None}] * 3}, {EACH: [{"value": 0.5, "low": 0.4, "high": 1}]}],
)
def test_a_measurement_by_folds_that_lacks_something_is_refused(home, found):
    path = by_folds(home)
    whole = json.loads((path / "metrics.json").read_text())
    (path / "metrics.json").write_text(json.dumps(whole | found if found else {}))
    with pytest.raises(BadEvaluation, match=r"metrics\.json"):
        Folded.read(path)


def test_the_release_stands_among_the_folds(home):
    found = Folded.read(by_folds(home))
    rows = list(folds._fold_rows(found, figure(0.79)))
    assert [row["held out"] for row in rows] == ["fold 1", "fold 2", "fold 3", "within folds, all",
                                                 "the release, its test split"]  # fmt: skip
    assert rows[-1]["value"] == 0.79 and rows[3]["value"] == 0.63
    assert len(list(folds._fold_rows(found, None))) == 4
