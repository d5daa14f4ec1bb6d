"""Measures of many draws at once give what a library, or a resampled table, gives for each."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as library

from pipeline.figures import bootstrap, measures


@pytest.fixture
def scored():
    rng = np.random.default_rng(3)
    positive = rng.random(60) < 0.4
    score = np.round(np.clip(0.5 + 0.3 * (positive - 0.5) + rng.normal(0, 0.2, 60), 0, 1), 1)  # many ties
    return positive, score, rng.integers(0, 4, (5, 60)).astype(float)


@pytest.mark.parametrize(
    "measure, expected",
    [
        (measures.auc, library.roc_auc_score),
        (measures.average_precision, library.average_precision_score),
        (measures.log_loss, lambda y, p, sample_weight: library.log_loss(y, np.clip(p, 1e-7, 1 - 1e-7),
                                                                         sample_weight=sample_weight)),
    ],
)  # fmt: skip
def test_weighted_measures_are_those_of_the_library(scored, measure, expected):
    positive, score, weights = scored
    want = [expected(positive, score, sample_weight=row) for row in weights]
    assert measure(positive, score, weights) == pytest.approx(want)


def test_thresholds_by_hand():
    positive = np.array([1, 1, 1, 0, 1, 0, 0, 0], bool)
    score = np.array([9, 8, 7, 6, 5, 4, 3, 2]) / 10
    ones = np.ones((1, 8))
    assert measures.equal_error_rate(positive, score, ones)[0] == pytest.approx(0.25)
    assert measures.recall_at(positive, score, ones)[0] == pytest.approx(0.75), "no negative of four may be said"
    reals = np.r_[positive, np.zeros(16, bool)], np.r_[score, np.linspace(0.01, 0.1, 16)]
    assert measures.recall_at(*reals, np.ones((1, 24)))[0] == 1, "one of twenty may"


def test_a_perfect_and_a_useless_score():
    positive, ones = np.array([1, 0, 1, 0], bool), np.ones((1, 4))
    assert measures.equal_error_rate(positive, positive.astype(float), ones)[0] == 0
    assert measures.equal_error_rate(positive, np.full(4, 0.5), ones)[0] == pytest.approx(0.5)
    assert measures.recall_at(positive, np.full(4, 0.5), ones)[0] == 0


@pytest.mark.parametrize("measure", [measures.auc, measures.average_precision, measures.equal_error_rate,
                                     measures.recall_at])  # fmt: skip
def test_a_draw_with_one_class_is_undefined(scored, measure):
    positive, score, weights = scored
    weights[0, positive] = 0
    weights[1, ~positive] = 0
    found = measure(positive, score, weights)
    assert np.isnan(found[:2]).all() and np.isfinite(found[2:]).all()


def test_macro_f1_is_the_library_s(scored):
    rng = np.random.default_rng(1)
    label, said = (rng.choice(bootstrap.LABELS, 60) for _ in range(2))
    want = [library.f1_score(label, said, average="macro", sample_weight=row) for row in scored[2]]
    assert measures.macro_f1(label, said, bootstrap.LABELS, scored[2]) == pytest.approx(want)
    without = scored[2] * (label != "real")
    assert np.isnan(measures.macro_f1(label, said, bootstrap.LABELS, without)).all()


def test_many_draws_at_once_are_the_same_draws_as_one_by_one(scored, monkeypatch):
    positive, score, _ = scored
    table = pd.DataFrame({"positive": positive, "score": score, "said": score > 0.5, "group": np.arange(60) // 3})
    monkeypatch.setattr(bootstrap, "DRAWS", 30)
    for measure in (bootstrap.auc, bootstrap.balanced_accuracy, bootstrap.expected_calibration_error):
        assert bootstrap.interval(table, measure) == bootstrap.interval(table, lambda part, one=measure: one(part))


def test_memory_does_not_grow_with_the_photos(scored, monkeypatch):
    positive, score, _ = scored
    table = pd.DataFrame({"positive": positive, "score": score, "said": score > 0.5, "group": np.arange(60)})
    together = bootstrap.stage_figures(table)
    monkeypatch.setattr(bootstrap, "ROOM", 700)
    sizes = [len(part) for part in bootstrap.draws(table.group, 1)]
    assert max(sizes) == 11 and sum(sizes) == bootstrap.DRAWS
    assert bootstrap.stage_figures(table) == together


def test_a_calibration_error_by_luck_is_that_of_a_score_that_is_right():
    assert measures.calibration_chance(np.array([0.5]), 50) == 0.5, "one coin is always half off"
    rng = np.random.default_rng(3)
    few, many = rng.random(80), rng.random(20_000)
    assert measures.calibration_chance(few, 200) > 0.05 > 0.01 > measures.calibration_chance(many, 50)
    errors = [measures.calibration_error(rng.random(80) < few, few, np.ones((1, 80)))[0] for _ in range(400)]
    assert measures.calibration_chance(few, 400) == pytest.approx(np.mean(errors), rel=0.06)
    assert measures.calibration_chance(few, 40) == measures.calibration_chance(few, 40), "the same each time"
    assert measures.calibration_chance(np.array([0.0, 1.0]), 9) == 0, "what is sure and right has no luck"
