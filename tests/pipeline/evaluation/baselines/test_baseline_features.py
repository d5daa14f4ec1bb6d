"""Features of a crop: counts are right where they can be counted by hand, edits show, and the container is one."""

import numpy as np
import pytest

from pipeline.evaluation.baselines import features as module
from pipeline.evaluation.baselines.features import FAMILIES, WIDTH, cooccurrences, dct_features, features_of, quantise
from pipeline.examining.container import jpeg, settle
from tests.pipeline.evaluation.baselines.baseline_stores import crop_of


def test_runs_are_counted_once_with_their_mirror_and_their_turned_signs():
    run = np.array([[0, 1, 2, 4]], np.uint8)
    counts = [cooccurrences(steps) for steps in (run, run[:, ::-1], 4 - run, (4 - run)[:, ::-1])]
    assert counts[0].shape == (169,) and counts[0].sum() == 1
    assert all((other == counts[0]).all() for other in counts)
    assert (cooccurrences(np.array([[0, 1, 4, 2]], np.uint8)) != counts[0]).any()


def test_every_run_is_counted():
    steps = np.random.default_rng(0).integers(0, 5, (7, 20)).astype(np.uint8)
    assert cooccurrences(steps).sum() == 7 * 17


def test_residuals_are_rounded_to_steps_and_cut_off():
    assert quantise(np.array([-9.0, -2.1, -0.9, 0.9, 3.1, 99.0]), 2.0).tolist() == [0, 1, 2, 2, 4, 4]


def test_a_flat_block_has_its_coefficients_in_the_lowest_bin():
    numbers = dct_features(np.full((256, 256), 100, np.float32))
    histograms = numbers[: 63 * 5].reshape(63, 5)
    assert (histograms[:, 0] == 1).all() and not histograms[:, 1:].any()
    assert np.allclose(numbers[63 * 5 :][: 16 * 9], np.log(0.1)) and not numbers[63 * 5 :][16 * 9 :].any()


def test_the_steps_are_those_of_the_container():
    steps = module._steps()
    assert steps.shape == (64,) and steps[0] == 3 and steps.max() == 24  # Annex K's luma table at quality 90


def test_families_cover_all_numbers_and_none_is_undefined():
    crop = crop_of("real", np.random.default_rng(0))
    numbers = features_of(crop)
    assert numbers.shape == (WIDTH,) and numbers.dtype == np.float32 and np.isfinite(numbers).all()
    assert (
        FAMILIES["residuals"].stop == FAMILIES["dct"].start and FAMILIES["dct"].stop == FAMILIES["both"].stop == WIDTH
    )
    assert np.isfinite(features_of(np.zeros_like(crop))).all()
    assert (features_of(crop) == numbers).all()


def test_what_lies_outside_the_crop_of_a_detector_is_not_seen():
    crop = crop_of("real", np.random.default_rng(0))
    changed = crop.copy()
    changed[:22] = changed[:, -22:] = 0
    assert (features_of(changed) == features_of(crop)).all()


@pytest.mark.parametrize("half", [slice(0, 150), slice(150, 300)])
def test_smoothing_one_side_shows_where_the_sides_are_compared(half):
    crop = crop_of("real", np.random.default_rng(0))
    edited = crop.copy()
    edited[100:200, half] = 128
    plane, other = (settle(np.ascontiguousarray(c[22:278, 22:278]))[..., 1].astype(np.float32) for c in (crop, edited))
    even, uneven = (module.strength(p - p.mean())[64:] for p in (plane, other))
    assert uneven.max() > 5 * even.max()


def test_a_crop_that_was_compressed_before_is_told_from_one_that_was_not():
    crop = crop_of("real", np.random.default_rng(0))
    once, twice = features_of(crop), features_of(jpeg(crop, 40))
    assert np.abs(once - twice)[FAMILIES["dct"]].max() > 0.2 and np.abs(once - twice)[:1690].max() > 0.05
