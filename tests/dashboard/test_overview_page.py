import json

import pandas as pd
import pytest
from made_up_evaluation import copy_evaluation, write_evaluation
from streamlit.testing.v1 import AppTest

from dashboard.kit.confusion import shares
from dashboard.views.overview import beside as overview_beside
from dashboard.views.overview import limits
from models.files import write_json
from models.release import read_release
from pipeline.results.index import beside
from pipeline.settings import settings

PAGE = (
    "from dashboard.kit.messages import showing_errors\nfrom dashboard.views.overview import page\n"
    "with showing_errors():\n    page.render()"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Write one evaluation; the tests copy it, as its figures take a while."""
    return write_evaluation(tmp_path_factory.mktemp("made"), 300, "made")


@pytest.fixture
def copied(evaluations, made):
    """Copy the evaluation as that of a release: the one in use, if none is named."""

    return lambda name="", **run: copy_evaluation(made, evaluations, name or read_release().name, **run)


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
    return "\n".join(str(part.value) for part in parts)


def test_without_an_evaluation_it_says_how_to_make_one():
    test = shown()
    assert "no evaluation of test" in test.info[0].value
    assert "evaluate" in test.code[0].value and not test.metric


def test_a_whole_evaluation_is_told(copied):
    path = copied()
    metrics = json.loads((path / "metrics.json").read_text())
    test = shown()
    auc = metrics["edited"]["collections"]["AUC"]
    assert (test.metric[0].label, test.metric[0].value) == ("AUC", f"{auc['value']:.2f}")
    same = metrics["deepfake"]["same originals"]["AUC"]
    assert test.metric[5].value == f"{same['value']:.2f}"
    assert f"n {same['n']}" in said(test)
    assert "What it must not be used for" in said(test) and "Not proof" in said(test)
    assert not test.error


def test_one_release_has_no_trend_and_no_baseline(copied):
    copied()
    showing_errors = said(shown())
    assert "Only one release has been evaluated" in showing_errors and "No baseline was measured" in showing_errors


def test_baselines_on_the_same_photos_stand_beside_the_release(copied):
    copied()
    copied("baselines/svm")
    copied("baselines/majority", revision="other")
    test = shown()
    assert list(test.dataframe[0].value["release"]) == [read_release().name, "svm"]
    assert "baselines/majority" in said(test).replace("\\", "")


def test_a_baseline_that_was_measured_on_other_photos_later_still_stands_beside_the_release(copied):
    copied()
    copied("baselines/svm", date="2026-11-20")
    copied("baselines/svm", date="2026-11-30", revision="9876543210")
    copied("baselines/majority", date="2026-11-30", revision="9876543210")
    test = shown()
    assert list(test.dataframe[0].value["release"]) == [read_release().name, "svm"]
    told = said(test).replace("\\", "")
    assert "not beside it: baselines/majority." in told and "No baseline was measured" not in told


def test_what_must_be_known_of_a_baseline_stands_under_the_table_and_is_not_cut_off(copied):
    copied()
    stage = {"started from": "random weights", "seconds of training": 90}
    copied("baselines/resnet-152", baseline={"edited": stage, "deepfake": stage})
    test = shown()
    assert "two ResNet-152, as in the original system" in list(test.dataframe[0].value["what"])
    assert "resnet-152**: from random weights, 3 minutes of training" in said(test).replace("\\", "")


def test_several_releases_have_a_trend(copied):
    copied(date="2026-11-20")
    copied("2031.01-1", date="2026-12-01")
    test = shown()
    assert "Only one release" not in said(test)
    assert test.selectbox[0].options == ["2031.01-1", read_release().name]
    test.selectbox[0].set_value("2031.01-1").run()
    assert not test.exception
    assert any("is not kept here" in showing_errors.value for showing_errors in test.info)
    assert test.metric


def test_damaged_folders_are_named_and_the_rest_is_shown(evaluations, copied):
    copied()
    (evaluations / "half" / "test@1").mkdir(parents=True)
    test = shown()
    assert any("half" in part.value for part in test.markdown) and test.metric


def test_figures_that_lack_everything_are_said_to(copied):
    path = copied()
    write_json(path / "metrics.json", {})
    test = shown()
    assert {metric.value for metric in test.metric} == {"–"}
    assert "Where errors arise: not measured" in said(test)


def test_damaged_unseen_figures_do_not_hide_the_rest(copied):
    copied()
    unseen = copied(dataset="unseen")
    (unseen / "metrics.json").write_text("{")
    test = shown()
    assert "metrics.json" in test.error[0].value.replace("\\", "") and test.metric


def test_a_predictions_file_of_another_version_is_said(copied):
    path = copied()
    (path / "predictions.csv").write_text("id,label\n1,real\n")
    assert "another version" in shown().error[0].value


def test_names_of_sources_cannot_act_as_markup():
    unseen = {"false alarms": {"<b>x</b>": {}}}
    test = AppTest.from_string(
        "from dashboard.views.overview.answers import draw_answers\nfrom pipeline.words.answers import answers\n"
        f"draw_answers(answers({{}}, {unseen!r}))",
    ).run()  # fmt: skip
    assert not test.exception
    assert "<b>" not in test.get("html")[0].proto.body


def test_limits_are_told_sentence_by_sentence():
    text = "Not proof. Not for faces under 0.5 m. A wrong “edited” harms. “No” is no proof."
    assert limits.sentences(text) == [
        "Not proof.",
        "Not for faces under 0.5 m.",
        "A wrong “edited” harms.",
        "“No” is no proof.",
    ]
    assert limits.sentences("") == []


def test_the_cards_of_the_weights_that_were_measured_are_read(tmp_path):
    release = read_release()
    run = {"release": "gone", "weights": {release.edited.weights: "…"}}
    assert [card.weights for card in limits.cards_of(run)] == [release.edited.weights]


def test_a_release_of_before_has_no_cards_and_a_damaged_one_is_an_error(copied):
    copied("2025.01-1", weights={"edited-gone-00000000": "…"})
    test = shown()
    assert "is not kept here" in said(test) and not test.error
    copied(weights={"edited-gone-00000000": "…"})
    test = shown()
    assert any("edited-gone-00000000" in error.value.replace("\\", "") for error in test.error)


@pytest.mark.parametrize(
    ("low", "high", "how"), [(0.7, 0.9, "above it"), (0.1, 0.2, "below it"), (0.5, 0.9, "the intervals meet")]
)
def test_a_release_beats_a_baseline_only_where_the_intervals_part(low, high, how):
    rows = [("r", low, (low + high) / 2, high), ("baselines/a", 0.5, 0.55, 0.6), ("baselines/b", 0.1, 0.2, 0.3)]
    table = pd.DataFrame([{"release": name, "measure": "m", "value": value, "low": low, "high": high, "n": 9}
                          for name, low, value, high in rows])  # fmt: skip
    sentence = overview_beside.say_standing(table, "r", "m")
    assert sentence.endswith(f"{how}.") and "best baseline a" in sentence


def test_a_figure_that_no_baseline_has_is_said():
    table = beside([], [])
    assert "not measured" in overview_beside.say_standing(table, "r", "both stages: macro-F1")


def test_shares_of_a_confusion_add_up_and_an_empty_row_has_none():
    table = shares({"real": {"real": 6, "deepfake": 1, "inconclusive": 1}, "deepfake": {"real": 0}})
    real = table[table.label == "real"]
    assert real.share.sum() == 1 and real.set_index("verdict").share["real"] == 0.75
    assert table[table.label == "deepfake"].share.isna().all()


def test_a_baseline_of_random_weights_says_that_it_shows_its_cost():
    stage = {"started from": "random weights", "seconds of training": 90}
    run = {"release": "baselines/resnet-152", "baseline": {"edited": stage, "deepfake": stage | {"started from": "x"}}}
    assert overview_beside.say_baseline(run) == (
        "two ResNet-152, as in the original system",
        "from random weights, 3 minutes of training: shows its cost, not what it can reach",
    )
    known = {"release": "baselines/resnet-152", "baseline": {"edited": {"started from": "ImageNet"}}}
    assert overview_beside.say_baseline(known) == ("two ResNet-152, as in the original system", "")
    assert overview_beside.say_baseline({"release": "baselines/majority", "baseline": 3}) == (
        "always the commonest class",
        "",
    )
    assert overview_beside.say_baseline({"release": "2026.11-4"}) == ("this release", "")


def test_unseen_sources_of_another_version_or_of_a_trial_are_told_as_such(copied):
    copied()
    copied(dataset="unseen", release_sha256=read_release().sha256)
    assert "no model saw is of" not in " ".join(one.value for one in shown().warning)
    copied(dataset="unseen", revision="9999999999", date="2031-01-01T10:00:00Z", release_sha256="0" * 64, most=9)
    told = " ".join(one.value for one in shown().warning)
    assert "no model saw is of another version" in told and "no model saw is of a trial" in told
