"""JPEG ghosts: a part that was saved before at another quality shows in the panel of that quality, and there alone."""

import numpy as np
import pytest
from savings import decoded, jpeg, saved, scene

from pipeline.evidence.exhibits import LONGEST
from pipeline.evidence.pixels.ghosts import QUALITIES, ghosts, show_ghosts
from pipeline.evidence.pixels.stored import Stored

PLACE = np.s_[8:14, 10:18]
"""Blocks of the part, of 8 pixels."""
PART = np.s_[64:112, 80:144]


def luminance(rgb: np.ndarray) -> np.ndarray:
    return decoded(saved(rgb, "PNG"))[..., 1]


@pytest.mark.parametrize("earlier", [55, 65, 75])
def test_a_part_that_was_saved_before_is_darkest_at_its_quality(earlier):
    rgb = scene("collins.jpg", 0.75).copy()
    rgb[PART] = decoded(jpeg(rgb, earlier, subsampling=0))[PART]
    panels = ghosts(luminance(decoded(jpeg(rgb, 95, subsampling=0))))
    inside, outside = panels[(slice(None), *PLACE)].mean(axis=(1, 2)), np.median(panels, axis=(1, 2))
    at = QUALITIES.index(earlier)
    assert inside[at] < 0.65 * outside[at], "the ghost"
    away = [place for place, quality in enumerate(QUALITIES) if quality < earlier - 10]
    assert (inside[away] > 0.6 * outside[away]).all(), "no ghost where it was not saved"


def test_a_photo_saved_once_has_no_part_that_is_darker_than_the_rest():
    panels = ghosts(luminance(decoded(jpeg(scene("collins.jpg", 0.75), 95, subsampling=0))))
    inside, outside = panels[(slice(None), *PLACE)].mean(axis=(1, 2)), np.median(panels, axis=(1, 2))
    assert (inside > 0.8 * outside)[QUALITIES.index(55) : QUALITIES.index(75) + 1].all()


@pytest.mark.parametrize("shape", [(64, 64), (300, 80), (80, 300), (2000, 3000)])
def test_the_sheet_of_panels_is_bounded(shape):
    exhibit = show_ghosts(Stored(np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)))
    assert decoded(exhibit.data).shape == (exhibit.height, exhibit.width, 3)
    assert max(exhibit.width, exhibit.height) <= LONGEST and str(QUALITIES[0]) not in exhibit.title
