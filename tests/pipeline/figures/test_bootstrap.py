"""Figures that can be computed by hand, and intervals that say how much they are worth."""

import numpy as np
import pandas as pd
import pytest

from pipeline.figures.bootstrap import (
    JOINT_MEASURES,
    STAGE_MEASURES,
    auc,
    average_precision,
    balanced_accuracy,
    confusion,
    coverage,
    expected_calibration_error,
    false_alarm,
    interval,
    joint_figures,
    macro_f1,
    recall,
    selective_accuracy,
    stage_figures,
)


def stage(positive, score, threshold=0.5, group=None) -> pd.DataFrame:
    table = pd.DataFrame({"positive": np.array(positive, bool), "score": np.array(score, float)})
    return table.assign(said=table.score >= threshold, group=group if group is not None else range(len(table)))


def joint(label, forced, verdict=None) -> pd.DataFrame:
    table = pd.DataFrame({"label": label, "forced": forced, "verdict": verdict if verdict is not None else forced})
    return table.assign(group=range(len(table)))


EXAMPLE = stage([1, 1, 1, 0, 0], [0.9, 0.6, 0.4, 0.7, 0.1])


def test_stage_measures_by_hand():
    assert auc(EXAMPLE) == pytest.approx(4 / 6)
    assert recall(EXAMPLE) == pytest.approx(2 / 3) and false_alarm(EXAMPLE) == pytest.approx(1 / 2)
    assert balanced_accuracy(EXAMPLE) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert average_precision(EXAMPLE) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_a_perfect_and_a_useless_stage():
    perfect = stage([1, 1, 0, 0], [1, 1, 0, 0])
    assert auc(perfect) == average_precision(perfect) == balanced_accuracy(perfect) == 1
    assert expected_calibration_error(perfect) == 0
    useless = stage([1, 0, 1, 0], [0.5] * 4)
    assert auc(useless) == 0.5 and balanced_accuracy(useless) == 0.5


def test_calibration_error_by_hand():
    table = stage([1, 0, 0, 0, 1, 1], [0.05, 0.05, 0.05, 0.05, 0.95, 1.0])
    assert expected_calibration_error(table) == pytest.approx((4 * abs(0.05 - 0.25) + 2 * abs(0.975 - 1)) / 6)


@pytest.mark.parametrize("measure", [auc, average_precision, balanced_accuracy])
@pytest.mark.parametrize("positive", [[1, 1], [0, 0]])
def test_one_class_alone_gives_no_figure(measure, positive):
    assert np.isnan(measure(stage(positive, [0.2, 0.8])))


def test_joint_measures_by_hand():
    label = ["real", "real", "deepfake", "facetune", "facetune"]
    forced = ["real", "facetune", "deepfake", "facetune", "real"]
    verdict = ["real", "inconclusive", "deepfake", "facetune", "inconclusive"]
    table = joint(label, forced, verdict)
    assert macro_f1(table) == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
    assert coverage(table) == pytest.approx(3 / 5) and selective_accuracy(table) == 1
    assert confusion(table)["real"] == {"real": 1, "deepfake": 0, "facetune": 0, "inconclusive": 1}
    assert confusion(table)["facetune"] == {"real": 0, "deepfake": 0, "facetune": 1, "inconclusive": 1}
    assert sum(sum(row.values()) for row in confusion(table).values()) == 5


def test_abstaining_always_gives_no_accuracy():
    table = joint(["real"] * 3, ["real"] * 3, ["inconclusive"] * 3)
    assert coverage(table) == 0 and np.isnan(selective_accuracy(table))


def random_stage(count: int, group=None, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.5
    return stage(positive, np.clip(0.5 + 0.2 * (positive - 0.5) + rng.normal(0, 0.2, count), 0, 1), group=group)


def test_an_interval_holds_its_value_and_has_its_n():
    figure = interval(random_stage(80), auc)
    assert set(figure) == {"value", "low", "high", "n"} and figure["n"] == 80
    assert 0 <= figure["low"] < figure["value"] < figure["high"] <= 1
    assert figure == interval(random_stage(80), auc), "the same table gives the same interval"


def test_more_photos_narrow_an_interval():
    few, many = (interval(random_stage(count), balanced_accuracy) for count in (40, 600))
    assert many["high"] - many["low"] < 0.5 * (few["high"] - few["low"])


def test_photos_of_one_person_count_as_one_draw():
    table = random_stage(40)
    copied = pd.concat([table] * 10, ignore_index=True)
    alone, together = interval(copied.assign(group=range(400)), auc), interval(copied, auc)
    assert together["high"] - together["low"] > 2 * (alone["high"] - alone["low"])
    once = interval(table, auc)
    assert together["high"] - together["low"] == pytest.approx(once["high"] - once["low"], rel=0.15)


def test_figures_of_nothing_and_of_one_class():
    nothing = interval(random_stage(10).iloc[:0], auc)
    assert nothing == {"value": None, "low": None, "high": None, "n": 0}
    assert interval(stage([1, 1, 1], [0.1, 0.2, 0.9]), auc) == {"value": None, "low": None, "high": None, "n": 3}


def test_all_figures_have_n_and_an_interval():
    label, stage = ["real", "deepfake", "facetune"] * 10, random_stage(30)
    both = joint(label, label[::-1]).assign(verdict=["inconclusive"] * 4 + label[::-1][4:])
    edits = int(stage.positive.sum())
    about = {"recall": edits, "recall at 95 % passed": edits, "false alarms": 30 - edits, "risk": 26,
             "accuracy where a verdict is given": 26}  # fmt: skip
    for figures, names in ((stage_figures(stage), STAGE_MEASURES), (joint_figures(both), JOINT_MEASURES)):
        assert set(figures) == set(names)
        assert all(figure["low"] <= figure["high"] for figure in figures.values())
        assert {name: figure["n"] for name, figure in figures.items()} == {name: about.get(name, 30) for name in names}
