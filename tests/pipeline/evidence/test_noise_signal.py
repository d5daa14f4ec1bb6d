"""Noise: known amounts are measured, a part with another amount stands out, and a face is set against its frame."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from savings import decoded, jpeg, opened, saved, scene

from pipeline.evidence.exhibits import BAR
from pipeline.evidence.finding import Finding
from pipeline.evidence.signals.noise import BLOCK, face_and_around, look, noise_levels

SIDE = 512
PART = np.s_[128:256, 192:352]
BLOCKS = np.s_[8:16, 12:22]


def smooth(side: int = SIDE) -> np.ndarray:
    """Return a photo without noise: the scene, much blurred; (side, side, 3) float."""
    large = cv2.resize(scene("collins.jpg", 0.75), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(cv2.GaussianBlur(large, (0, 0), 4).astype(float), 20, 235)


def noisy(levels: float | np.ndarray, side: int = SIDE) -> np.ndarray:
    grey = np.random.default_rng(1).normal(0, 1, (side, side, 1)) * levels
    return np.clip(np.rint(smooth(side) + grey), 0, 255).astype(np.uint8)


def spliced(part: float, rest: float) -> np.ndarray:
    levels = np.full((SIDE, SIDE, 1), rest)
    levels[PART] = part
    return noisy(levels)


def facts(finding: Finding) -> dict[str, str]:
    return {fact.name: fact.value for fact in finding.facts}


@pytest.mark.parametrize("level", [1.0, 2.0, 4.0, 8.0])
def test_a_known_amount_is_measured(level):
    assert np.median(noise_levels(noisy(level))) == pytest.approx(level, rel=0.08)


def test_edges_do_not_count_as_noise():
    rgb = np.full((256, 256, 3), 60, np.uint8)
    rgb[:, 120:] = 200
    rgb[100:] //= 2
    assert noise_levels(rgb).max() == 0


@pytest.mark.parametrize(("part", "rest"), [(6.0, 2.0), (1.0, 3.0), (0.3, 2.0)])
def test_a_spliced_part_with_another_amount_stands_out(part, rest):
    levels = noise_levels(spliced(part, rest))
    outside = np.ones(levels.shape, bool)
    outside[BLOCKS] = False
    inner, outer = np.median(levels[BLOCKS]), np.median(levels[outside])
    assert inner / outer == pytest.approx(part / rest, rel=0.35)
    drawn = decoded(look(opened(saved(spliced(part, rest), "PNG"))).exhibits[0].data)[:-BAR].astype(int) @ (2, 5, 1)
    cells = drawn.reshape(32, len(drawn) // 32, 32, -1).mean(axis=(1, 3))
    apart = np.median(cells[BLOCKS]) - np.median(cells[outside])
    assert np.sign(apart) == np.sign(part - rest) and abs(apart) > 150, "seen in the picture too"


def test_an_untouched_photo_has_no_such_step():
    levels = noise_levels(noisy(2.0))
    assert np.median(levels[BLOCKS]) == pytest.approx(np.median(levels), rel=0.1)


def test_a_face_is_set_against_what_is_around_it():
    evidence = replace(opened(saved(spliced(1.0, 3.0), "PNG")), faces=((192.0, 128.0, 352.0, 256.0),))
    value = facts(look(evidence))["Noise of face 1"]
    assert value.endswith("times") and float(value.split()[-2]) == pytest.approx(1 / 3, rel=0.25)
    assert not [name for name in facts(look(replace(evidence, faces=()))) if "face" in name]


def test_a_face_too_small_or_without_surroundings_tells_nothing():
    levels = noise_levels(noisy(2.0))
    assert face_and_around(levels, (0.0, 0.0, 20.0, 20.0))[0] is None
    assert face_and_around(levels, (-50.0, -50.0, 600.0, 600.0))[1] is None
    evidence = replace(opened(saved(noisy(2.0), "PNG")), faces=((0.0, 0.0, 20.0, 20.0),))
    assert facts(look(evidence))["Noise of face 1"] == "too few blocks to tell"


def test_what_is_cut_off_is_unknown():
    rgb = noisy(3.0)
    rgb[:128] = 255
    levels = noise_levels(rgb)
    assert np.isnan(levels[:8]).all() and np.isfinite(levels[8:]).all()
    finding = look(opened(saved(np.zeros((80, 80, 3), np.uint8), "PNG")))
    assert finding.weight == "nothing" and not finding.exhibits


def test_compression_that_wipes_noise_out_is_told():
    finding = look(opened(jpeg(noisy(1.0), 20)))
    assert finding.shows.startswith("Hardly any noise is left")
    assert not look(opened(jpeg(noisy(4.0), 95))).shows.startswith("Hardly")


@pytest.mark.parametrize("shape", [(16, 400), (31, 31), (1, 1)])
def test_a_picture_of_a_few_blocks_is_left_alone(shape):
    finding = look(opened(saved(np.zeros((*shape, 3), np.uint8), "PNG")))
    assert finding.weight == "nothing" and "too small" in finding.shows


def test_a_reduced_photo_says_that_its_noise_is_lower(setting):
    large = np.tile(noisy(3.0), (3, 3, 1))
    assert "decoded smaller" not in facts(look(opened(jpeg(large, 90))))["Looked at"]
    setting(max_megapixels=1)
    assert "decoded smaller" in facts(look(opened(jpeg(large, 90))))["Looked at"]


def test_blocks_cover_the_picture_from_its_corner():
    assert noise_levels(noisy(1.0)[: 5 * BLOCK + 3, : 7 * BLOCK + 9]).shape == (5, 7)
