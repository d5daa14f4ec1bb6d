"""The page Calibration on made-up evaluations, and what it says where there is little or nothing to show."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import copy_evaluation, write_evaluation
from streamlit.testing.v1 import AppTest

from dashboard.kit import charts
from dashboard.views.calibration import curves, risk
from dashboard.views.calibration.frequencies import frequencies, photos_for, round_to
from dashboard.views.calibration.rates import STEPS
from dashboard.views.calibration.wording import say_cautions, say_curve, say_sets
from models.release import read_release
from pipeline.figures.base_rates import Rates, Tally
from pipeline.results.evaluation import Evaluation, read_predictions
from pipeline.words.figures import hundred, interval_of, say


@pytest.fixture
def stored(setting, tmp_path):
    """A folder of evaluations that the page reads."""
    setting(evaluations=tmp_path / "evaluations", home=tmp_path / "home")
    return tmp_path / "evaluations"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """An evaluation, made once: its figures take long."""
    return write_evaluation(tmp_path_factory.mktemp("base"))


@pytest.fixture
def write(base, stored):
    """Write a copy of it, under another release or data set, with a changed run.json (None: left out)."""

    return lambda *whose, **changed: copy_evaluation(base, stored, *whose, **changed)


def page():
    test = AppTest.from_string("from dashboard.views.calibration import page\npage.render()", default_timeout=120)
    test.run()
    assert not test.exception
    return test


def said(test):
    parts = (*test.markdown, *test.caption, *test.info, *test.warning, *test.error)
    return "\n".join(part.value for part in parts).replace("\\", "") + str(
        [part.proto.body for part in test.get("html")]
    )


def readings(test):
    assert not test.exception
    return [part.proto.body for part in test.get("html") if "tt-reading" in part.proto.body]


def _flag(path, many):
    """Make so many of an evaluation's unedited photos false alarms, and no others."""
    table = read_predictions(path / "predictions.csv")
    reals = table.index[table.label == "real"]
    table.loc[reals, "verdict"] = "real"
    table.loc[reals[:many], "verdict"] = "deepfake"
    table.to_csv(path / "predictions.csv", index=False)


def test_a_flag_is_worth_less_the_rarer_edits_are(write):
    _flag(write(), 5)
    test = page()
    often = readings(test)
    assert len(often) == 2 and "are edited</p>" in often[0] and "all the same" in often[1]
    test.select_slider(key="rate-one-in").set_value(10_000).run()
    rare = readings(test)
    assert "fewer than 1 (about 1 in " in rare[0] and "fewer than 1 (about 1 in " in rare[1]
    assert "about" in often[0] and "1 in 10\u202f000" in said(test)


def test_where_no_false_alarm_was_met_only_limits_are_said(write):
    _flag(write(), 0)
    test = page()
    test.select_slider(key="rate-one-in").set_value(1000).run()
    assert "anything in" in readings(test)[0] and "about" in readings(test)[1]
    assert "That is no promise" in said(test)


def test_the_reader_chooses_the_edits(write):
    write()
    test = page()
    rates = test.dataframe[0].value.set_index("photos")
    test.multiselect(key="rate-kinds").set_value(["face swap"]).run()
    swaps = test.dataframe[0].value.set_index("photos")
    assert swaps.n["edited, as chosen"] < rates.n["edited, as chosen"]
    assert swaps.n["all of these photos"] == rates.n["all of these photos"]
    test.multiselect(key="rate-kinds").set_value(["retouch"]).run()
    test.multiselect(key="rate-sources").set_value(["ciplab"]).run()
    assert not test.exception and test.dataframe[0].value.n[0] < swaps.n["edited, as chosen"]


def test_unseen_sources_can_be_chosen_and_stand_beside(write):
    write()
    _only_real(write(dataset="unseen"))
    test = page()
    assert any("unseen sources" in option for option in test.selectbox(key="rate-unedited").options)
    assert "of sources that no model saw" in said(test)
    test.selectbox(key="rate-unedited").set_value("all of unseen sources").run()
    assert not test.exception
    count = test.dataframe[0].value.set_index("photos").n["all of unseen sources"]
    assert f"n {count} unedited photos" in said(test)


def _only_real(path):
    """Leave only the unedited photos of an evaluation, and a reliability as it is then."""
    table = read_predictions(path / "predictions.csv")
    reals = table[table.label == "real"]
    reals.to_csv(path / "predictions.csv", index=False)
    (path / "tiers.csv").unlink()
    run, found = (json.loads((path / name).read_text()) for name in ("run.json", "metrics.json"))
    (path / "run.json").write_text(json.dumps(run | {"n": len(reals)}))
    bins = [one | {"value": 0.0, "low": 0.0, "high": 0.0} for one in found["reliability"]["edited"]]
    found["reliability"] = {"edited": bins, "deepfake": []}
    (path / "metrics.json").write_text(json.dumps(found))
    return path


def test_photos_of_one_class_are_said_not_drawn(write):
    _only_real(write(dataset="unseen"))
    told = said(page())
    assert "hold no edited ones" in told and "all of these photos are of one class" in told
    assert "no photo here that this stage is asked about" in told


def test_nothing_yet(stored):
    test = page()
    assert "There is no evaluation" in said(test) and not test.get("plotly_chart")


def test_a_half_written_folder_and_another_version_are_named(stored, write):
    write()
    write("old", format=1)
    (stored / "cut" / "test@2").mkdir(parents=True)
    told = said(page())
    assert "format 1" in told and "no whole evaluation" in told


def test_predictions_of_another_version_are_said(write):
    path = write()
    (path / "predictions.csv").write_text("id,score\n1,2\n")
    code = "from dashboard.kit.messages import showing_errors\nfrom dashboard.views.calibration import page\n"
    test = AppTest.from_string(f"{code}with showing_errors():\n    page.render()", default_timeout=120).run()
    assert not test.exception and "another version" in test.error[0].value


def test_figures_that_are_missing_are_said(write):
    path = write()
    found = json.loads((path / "metrics.json").read_text())
    for section in ("reliability", "risk coverage", "joint", "edited", "deepfake"):
        del found[section]
    (path / "metrics.json").write_text(json.dumps(found))
    told = said(page())
    assert "Risk and coverage were not measured" in told and "was not measured on these photos" in told


def test_sets_of_another_release_are_not_shown(write):
    path = write()
    run = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(run | {"release_sha256": "0" * 64}))
    assert "has changed since" in risk.measured_release(Evaluation.read(path))
    (path / "run.json").write_text(json.dumps(run | {"release": "gone"}))
    assert "not known here" in risk.measured_release(Evaluation.read(path))
    (path / "run.json").write_text(json.dumps(run))
    assert risk.measured_release(Evaluation.read(path)) == read_release(run["release"])


def rates(flagged, passed, unsure, groups=100):
    counts = np.array([flagged, passed, unsure], float)
    value = counts / counts.sum()
    return Rates(counts, groups, value, np.tile(value, (5, 1)))


@pytest.mark.parametrize("one_in", STEPS)
def test_a_tree_is_whole(one_in):
    table = frequencies(rates(30, 35, 35), rates(1, 80, 19), one_in)
    photos = photos_for(one_in)
    assert table.photos.sum() == photos
    assert table.photos[table.truth == "edited"].sum() == photos // one_in >= 10


def test_whole_numbers_keep_their_sum():
    assert round_to(np.array([30.4, 35.3, 34.3]), 100).tolist() == [31, 35, 34]
    assert round_to(np.array([0.0, 900.0, 0.0]), 900).tolist() == [0, 900, 0]


def test_no_false_alarm_is_no_promise():
    none = Tally.of(_table(flagged=0))
    rates_of = none.rates(np.ones(len(none.cells), bool))
    lines = say_cautions(rates(30, 35, 35), rates_of, 10)
    assert any("None" in line and "no promise" in line for line in lines)
    assert any("Few photos" in line for line in lines)
    assert len(say_cautions(rates(30, 35, 35), rates(3, 80, 17), 10)) == 1


def _table(flagged):
    verdicts = ["deepfake"] * flagged + ["real"] * (30 - flagged)
    return pd.DataFrame({"label": "real", "kind": "camera", "source": "a", "verdict": verdicts,
                         "group": [str(i) for i in range(30)]})  # fmt: skip


def test_shares_are_never_rounded_to_certainty():
    assert hundred(0.0013) == "fewer than 1 (about 1 in 770)"
    assert hundred(0.999) == "more than 99" and hundred(1.0) == "about 100" and hundred(0.604) == "about 60"
    assert interval_of(0.0009, 0.0023, "%") == "0.1–0.2" and interval_of(0.5, 0.71, "%") == "50–71"
    assert interval_of(0.9971, 1.0, "%") == "99.7–100.0" and interval_of(0.0, 0.0, "%") == "0–0"
    figure = {"value": 0.0021, "low": 0.0, "high": 0.0054, "n": 9}
    assert say(figure, "%", n=False) == "0.2 % (0.0–0.5)" and say(figure | {"value": None}, "%", n=False) == "–"


def a_bin(start, score, value, low, high, n=100):
    return {"from": start, "to": start + 0.1, "score": score, "value": value, "low": low, "high": high, "n": n}


def test_a_reliability_curve_in_words():
    bins = [a_bin(0.2, 0.25, 0.41, 0.36, 0.46), a_bin(0.5, 0.55, 0.5, 0.4, 0.6), a_bin(0.8, 0.85, 0.7, 0.6, 0.8)]
    lines = say_curve(bins, "edited")
    assert "0.85" in lines[0] and "less often than it says" in lines[0]
    assert "as often as it says" in lines[1] and "more often" in lines[2]
    assert "In 1 of 3 ranges" in lines[3]
    alike = say_curve([a_bin(0.8, 0.85, 1.0, 1.0, 1.0, n=20)], "edited")
    assert "too few differ to tell" in alike[0] and "In 0 of 1 ranges it was so more often" in alike[1]
    few = [one | {"n": 19} for one in bins]
    assert "too few" in say_curve(few, "edited")[0]


def test_sets_that_hold_less_than_promised_are_said_to():
    held = {"value": 0.8, "low": 0.75, "high": 0.85, "n": 100}
    part = {"held": held, "3": held}
    assert "**less** than the" in say_sets({"real": part}, 0.9)[0]
    assert "in keeping" in say_sets({"real": part}, 0.8)[0]
    assert "more than" in say_sets({"real": part}, 0.7)[0]


def test_what_few_photos_show_by_luck_is_drawn_where_it_was_measured(tmp_path):
    shown = Evaluation.read(write_evaluation(tmp_path, 200))
    table = pd.DataFrame([{"photos": "a", "value": 0.1, "chance": 0.04}, {"photos": "b", "value": 0.2, "chance": 0.05}])
    made = charts.empty_plot("", "", "", 200)
    curves._draw_luck(made, table)
    (strokes,) = made.data
    assert list(strokes.x) == [0.04, 0.05] and list(strokes.y) == ["a", "b"]
    before = charts.empty_plot("", "", "", 200)
    curves._draw_luck(before, table.drop(columns="chance"))
    assert not before.data, "evaluations of before do not tell it"
    assert shown.metrics["edited"]["collections"]["ECE"]["chance"] > 0


def test_unseen_sources_of_another_version_are_told_as_such(write):
    write()
    _only_real(write(dataset="unseen", release_sha256="0" * 64))
    assert "no model saw is of another version" in " ".join(one.value for one in page().warning)
