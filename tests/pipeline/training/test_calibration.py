"""Probabilities rise with the logit, thresholds pass what they promise, and what is said in a rule holds."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.release import Stage
from pipeline.errors import NotCalibrated
from pipeline.examining.stability import VARIANTS
from pipeline.training import calibration, thresholds
from pipeline.training.calibration import METHODS, best_calibration, compare_methods, conformal_of, joint_of, weights_of
from pipeline.training.thresholds import (
    Scored,
    Uncalibrated,
    half_width,
    lower_end,
    margin_of,
    passing_threshold,
    quantile,
    stage_rules,
)

Sample = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def sample_of(n: int = 800, seed: int = 0, slope: float = 1.0, shift: float = 0.0, gap: float = 2.0) -> Sample:
    """Return logits, truth, weights and groups; the true log-odds are `slope` · logit + `shift`."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, gap, n)
    truth = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    truth[:4] = 0, 1, 0, 1
    return (odds - shift) / slope, truth, np.ones(n), np.arange(n) % 60


@given(st.integers(0, 10_000), st.integers(20, 200), st.sampled_from(sorted(METHODS)))
@settings(max_examples=30, deadline=None)
def test_every_calibration_rises_and_stays_inside(seed, n, method):
    logits, truth, _, _ = sample_of(n, seed)
    logits = np.round(logits, 1)  # ties
    weights = np.random.default_rng(seed).uniform(0.1, 9, n)
    try:
        fitted = METHODS[method](logits, truth, weights)
    except NotCalibrated:
        return
    knots = [x for x, _ in fitted.knots]
    asked = np.sort(np.concatenate([np.linspace(-30, 30, 301), logits, knots]))
    scores = fitted.probabilities(asked)
    assert (np.diff(scores) >= 0).all() and scores[0] > 0 and scores[-1] <= 1
    inner = fitted.probabilities(np.unique(np.concatenate([np.linspace(-8, 8, 50), knots])))
    inner = inner[(inner > 1e-9) & (inner < 1 - 1e-9)]
    assert (np.diff(inner) > 0).all(), "no plateau: photos keep their order"


def test_knots_are_inside_and_rise_so_that_a_release_can_hold_them():
    logits, truth, weights, _ = sample_of(gap=6)
    knots = METHODS["isotonic"](logits, truth, weights).knots
    assert len(knots) > 3 and all(0 < p < 1 for _, p in knots)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(knots))


def test_a_block_of_one_class_is_never_certain():
    logits = np.arange(40.0)
    truth = (logits >= 20).astype(float)
    knots = METHODS["isotonic"](logits, truth, np.ones(40)).knots
    assert knots == ((9.5, pytest.approx(1 / 22, abs=1e-6)), (29.5, pytest.approx(21 / 22, abs=1e-6)))


@pytest.mark.parametrize(("slope", "shift", "right"), [(0.5, 0.0, {"temperature", "platt"}), (0.7, 1.5, {"platt"})])
def test_the_right_method_is_found_and_fitted(slope, shift, right):
    fitted = best_calibration(*sample_of(4000, 3, slope, shift))
    assert fitted.method in right
    assert (fitted.slope, fitted.intercept) == (pytest.approx(slope, rel=0.1), pytest.approx(shift, abs=0.15))


def test_a_curve_that_is_no_line_asks_for_isotonic():
    rng = np.random.default_rng(1)
    logits = rng.uniform(-4, 4, 6000)
    truth = (rng.random(6000) < np.where(logits < 1, 0.2, 0.95)).astype(float)
    groups = np.arange(6000) % 60
    losses = compare_methods(logits, truth, np.ones(6000), groups)
    assert min(losses, key=lambda name: losses[name]) == "isotonic" and set(losses) == set(METHODS)
    scores = best_calibration(logits, truth, np.ones(6000), groups).probabilities(np.array([-3.0, -1.0, 2.0, 3.5]))
    np.testing.assert_allclose(scores, [0.2, 0.2, 0.95, 0.95], atol=0.06)


def test_a_persons_photos_are_never_on_both_sides():
    logits, truth, _, _ = sample_of(300)
    groups = np.arange(300) % 40
    for known, new in calibration._folds(logits, truth, groups):
        assert not set(groups[known]) & set(groups[new]) and set(truth[known]) == {0, 1}


def test_the_weights_count():
    logits, truth, _, _ = sample_of(4000, 2)
    heavy = np.where(truth == 1, 9.0, 1.0)
    plain, tilted = (METHODS["platt"](logits, truth, weights) for weights in (np.ones(4000), heavy))
    assert tilted.intercept - plain.intercept == pytest.approx(np.log(9), abs=0.15)


def test_classes_and_sources_have_the_same_say():
    rows = pd.DataFrame({"source": ["a"] * 6 + ["b"] * 2, "kind": "camera"})
    rows.loc[[6], "kind"] = "swap"
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 0])
    rows.loc[[4, 5], "kind"] = "retouch"
    weights = weights_of(rows, truth)
    assert weights[truth == 1].sum() == pytest.approx(weights[truth == 0].sum()) == pytest.approx(4)
    assert weights[:4].sum() == pytest.approx(weights[7]) and weights[4:6].sum() == pytest.approx(weights[6])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda logits, truth, weights, groups: (logits, truth * 0, weights, groups), "one class"),
        (lambda logits, truth, weights, groups: (-logits, truth, weights, groups), "smaller chance"),
        (lambda logits, truth, weights, groups: (logits + np.nan, truth, weights, groups), "800 validation logits"),
        (lambda logits, truth, weights, groups: (logits, truth, weights, groups * 0), "one group"),
    ],
)
def test_what_cannot_be_calibrated_is_said(change, reason):
    with pytest.raises(NotCalibrated, match=reason):
        best_calibration(*change(*sample_of()))


@given(st.integers(0, 10_000), st.integers(2, 60), st.floats(0.05, 0.99))
@settings(max_examples=80, deadline=None)
def test_the_threshold_passes_what_it_promises(seed, n, share):
    rng = np.random.default_rng(seed)
    scores = np.round(rng.uniform(0.01, 0.99, n), 2)  # ties
    truth = rng.random(n) < 0.5
    truth[0] = False
    photos = Scored(scores, truth, rng.uniform(0.1, 5, n), np.arange(n))
    threshold = passing_threshold(photos, share)
    real = ~truth
    assert photos.share(scores < threshold, real) >= share - 1e-9
    below = scores[real & (scores < threshold)].max()
    assert photos.share(scores < below, real) < share + 1e-9, "and no higher than it must be"


def test_a_weighted_quantile():
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0])
    assert [quantile(values, weights, share) for share in (0.5, 0.8, 0.81, 0.9, 1.0)] == [1, 1, 2, 2, 3]
    assert np.isnan(quantile(values, weights * 0, 0.5)) and np.isnan(quantile(values[:0], weights[:0], 0.5))


def photos_of(scores: list[float], truth: list[bool]) -> Scored:
    return Scored(np.array(scores), np.array(truth), np.ones(len(scores)), np.arange(len(scores)))


def test_the_band_begins_where_the_risk_is_low_enough():
    real, edited = list(np.linspace(0.01, 0.2, 95)) + [0.3] * 5, list(np.linspace(0.22, 0.29, 20)) + [0.9] * 80
    photos = photos_of(real + edited, [False] * 100 + [True] * 100)
    low = lower_end(photos, 0.6)
    assert thresholds.share_missed(photos, low) <= thresholds.MISSED
    assert thresholds.share_missed(photos, low + 0.01) > thresholds.MISSED, "the highest such start"
    assert thresholds.share_unsure(photos, low, 0.6, ~photos.truth) == pytest.approx(0.05)


def test_a_risk_that_costs_too_many_real_photos_is_not_bought():
    """As in the first release: most edited photos score as real ones do."""
    rng = np.random.default_rng(0)
    photos = photos_of(list(rng.uniform(0, 0.6, 400)), [i % 2 == 0 for i in range(400)])
    low = lower_end(photos, 0.6)
    assert low == 0.5, "never above 0.5, where edited is likelier than not"
    low = lower_end(photos, 0.5)
    lying = thresholds.share_unsure(photos, low, 0.5, ~photos.truth)
    assert low < 0.5 and thresholds.REAL_UNSURE - 0.01 < lying <= thresholds.REAL_UNSURE


def test_stage_twos_band_is_the_narrowest_that_holds_its_risk():
    scores = [0.45] * 10 + [0.1] * 190
    photos = photos_of(scores + [1 - s for s in scores], [True] * 10 + [False] * 190 + [False] * 10 + [True] * 190)
    half = half_width(photos)
    assert half == pytest.approx(0.0) and thresholds.share_wrong(photos, half) == pytest.approx(0.05)
    photos = photos_of([*photos.scores, 0.42], [*photos.truth, True])
    half = half_width(photos)
    assert half == pytest.approx(0.05)
    assert thresholds.share_wrong(photos, half) <= thresholds.WRONG < thresholds.share_wrong(photos, half - 0.005)


def test_stage_twos_band_does_not_swallow_all():
    photos = photos_of(list(np.linspace(0.01, 0.99, 200)), [i % 2 == 0 for i in range(200)])
    half = half_width(photos)
    lying = thresholds.share_unsure(photos, 0.5 - half, 0.5 + half, np.ones(200, bool))
    assert thresholds.EDITED_UNSURE - 0.02 < lying <= thresholds.EDITED_UNSURE


STEADY = Stage("w", 1.0, 0.0, 0.7, (0.4, 0.7), "")


def test_the_margin_covers_the_answers_that_turn():
    rng = np.random.default_rng(0)
    own = rng.normal(0, 3, 4000)
    logits = np.column_stack([own, own[:, None] + rng.normal(0, 1.0, (4000, 4))])
    margin = margin_of(STEADY, logits, np.ones(4000), most=0.5)
    room = np.array([STEADY.room(p) for p in calibration.probabilities(STEADY, own)])
    turned = np.array([STEADY.flips(p[0], p[1:]) for p in calibration.probabilities(STEADY, logits)])
    assert turned.sum() > 20 and (turned & (room >= margin)).mean() <= thresholds.FLIPS_LEFT
    assert (turned & (room >= margin - 0.05)).mean() > 0, "no wider than that takes"


def test_the_margin_is_held_to_its_cost_and_never_nothing():
    rng = np.random.default_rng(0)
    own = rng.normal(0, 3, 4000)
    for noise, share in ((3.0, 0.05), (0.0, thresholds.LEAST_CHECKED)):
        logits = np.column_stack([own, own[:, None] + rng.normal(0, noise, (4000, 4))])
        margin = margin_of(STEADY, logits, np.ones(4000), most=0.05)
        room = np.array([STEADY.room(p) for p in calibration.probabilities(STEADY, own)])
        assert (room < margin).mean() == pytest.approx(share, abs=0.002)


@pytest.mark.parametrize("stage", ["edited", "deepfake"])
def test_a_stages_rules_hold_on_the_photos_they_were_made_on(stage):
    logits, truth, weights, groups = sample_of(1000, 5, 0.8)
    near = logits[:, None] + np.random.default_rng(1).normal(0, 0.2, (1000, len(VARIANTS)))
    photos = Uncalibrated(logits, truth, weights, groups, near)
    ruled = stage_rules(stage, photos, "w")
    scores = calibration.probabilities(ruled, logits)
    low, high = ruled.abstain
    assert 0 < low <= 0.5 <= high < 1 and low <= ruled.threshold <= high and ruled.stability_margin > 0
    assert (ruled.weights, ruled) == ("w", stage_rules(stage, photos, "w"))
    if stage == "edited":
        assert (scores[truth == 0] < ruled.threshold).mean() >= 0.95 and ruled.threshold == high
        assert (
            f"of {(truth == 0).sum()} of sources that training saw" in ruled.rule
            and "95% of the real photos" in ruled.rule
        )
    assert "95 % interval" in ruled.rule and "harmless variants" in ruled.rule
    without = stage_rules(stage, replace(photos, variants=None))
    assert without.stability_margin == 0 and "harmless" not in without.rule and without.abstain == ruled.abstain


def test_a_good_stage_says_edited_from_a_half():
    logits, truth, weights, groups = sample_of(1000, 5, gap=12)
    ruled = stage_rules("edited", Uncalibrated(logits, truth, weights, groups))
    assert ruled.threshold == 0.5


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_conformal_sets_cover_each_class(coverage):
    rng = np.random.default_rng(0)
    labels = rng.choice(calibration.LABELS, 6000, p=[0.7, 0.1, 0.2])
    edited = 1 / (1 + np.exp(-(np.where(labels == "real", -1, 1) + rng.normal(0, 1, 6000))))
    deepfake = 1 / (1 + np.exp(-(np.where(labels == "deepfake", 1.5, -1.5) + rng.normal(0, 1, 6000))))
    joint = joint_of(edited, deepfake)
    assert joint.sum(axis=1) == pytest.approx(1)
    half = np.arange(6000) < 3000
    conformal = conformal_of(joint[half], labels[half], np.ones(3000), coverage)
    for place, label in enumerate(calibration.LABELS):
        mine = ~half & (labels == label)
        assert (1 - joint[mine, place] <= conformal["quantiles"][label]).mean() == pytest.approx(coverage, abs=0.045)


def test_conformal_quantiles_are_those_of_the_formula():
    joint = np.column_stack([np.linspace(0.99, 0.01, 99), np.full(99, 0.5), np.zeros(99)])
    labels = np.array(["real"] * 99, dtype=object)
    conformal = conformal_of(joint, labels, np.full(99, 3.0))
    assert conformal["quantiles"]["real"] == pytest.approx(0.9), "the 90th of 99: ⌈0.9 · 100⌉"
    assert conformal["quantiles"]["deepfake"] == conformal["quantiles"]["facetune"] == 1.0, "no photos: never ruled out"
    assert conformal_of(joint[:8], labels[:8], np.ones(8))["quantiles"]["real"] == 1.0, "too few for nine in ten"


def test_the_threshold_is_the_higher_of_what_sources_seen_and_unseen_need():
    """Of 100 real photos of seen sources 5 lie above 0.6, of 20 of unseen ones 2 above 0.8."""
    real = [0.1] * 95 + [0.7] * 5 + [0.2] * 18 + [0.9, 0.95]
    scores, truth = np.array(real + [0.99] * 10), np.array([False] * len(real) + [True] * 10)
    seen = np.array([True] * 100 + [False] * 20 + [True] * 10)
    photos = Scored(scores, truth, np.ones(len(scores)), np.arange(len(scores)), seen)
    threshold = passing_threshold(photos)
    assert 0.9 < threshold <= 0.95, "19 of 20 unseen ones are 95 %"
    assert passing_threshold(replace(photos, seen=None)) < threshold, "together they would hide each other"
    assert 0.1 < passing_threshold(replace(photos, seen=~seen | truth)) <= 0.95
    side, other = photos.sides
    assert side.sum() == 100 and other.sum() == 20 and not (side & other).any()


def test_variants_that_were_not_looked_at_do_not_count():
    logits, truth, weights, groups = sample_of()
    variants = np.column_stack([logits, logits - 4])
    variants[::2] = np.nan
    photos = Uncalibrated(logits, truth, weights, groups, variants)
    ruled = stage_rules("edited", photos, "w")
    half = np.isfinite(variants).all(axis=1)
    whole = stage_rules("edited", replace(photos, variants=None), "w")
    margin = thresholds.margin_of(whole, np.column_stack([logits, variants])[half], weights[half], 0.05)
    assert ruled.stability_margin == margin and "2 harmless variants" in ruled.rule
