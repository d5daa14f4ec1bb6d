"""A drawn difference is as strong as it is, tells its scale, and hides neither what is missing nor the photo."""

import numpy as np
import pytest

from pipeline.pictures.difference import LEAST_TOP, draw_difference, legend_of

SKIN = np.full((120, 160, 3), (224, 172, 105), np.uint8)
NOTHING = np.zeros((120, 160), np.float32)


def step(level: float) -> np.ndarray:
    values = NOTHING.copy()
    values[30:90, 40:120] = level
    return values


def test_where_nothing_differs_the_photo_lies_in_its_own_grey():
    over, legend = draw_difference(SKIN, NOTHING)
    assert (over == over[0, 0, 0]).all() and abs(int(over[0, 0, 0]) - 180) < 4
    assert (legend.top, legend.peak, legend.clipped, legend.unseen) == (LEAST_TOP, 0, 0, 0)


def test_opacity_follows_the_difference():
    over = {level: draw_difference(SKIN, step(level), top=48)[0].astype(int) for level in (0, 12, 24, 48)}
    yellow = {level: int(rgb[60, 80, 1] - rgb[60, 80, 2]) for level, rgb in over.items()}
    assert yellow[0] == 0 < yellow[12] < yellow[24] < yellow[48] and yellow[48] > 100
    assert (over[48][5, 5] == over[0][5, 5]).all(), "only there"


def test_what_two_encodings_leave_looks_weak():
    noise = np.abs(np.random.default_rng(0).normal(0, 2, NOTHING.shape)).astype(np.float32)
    over, legend = draw_difference(SKIN, noise)
    assert legend.top == LEAST_TOP and np.abs(over.astype(int) - over[..., :1]).max() < 60


def test_the_scale_ends_at_the_strongest_and_is_told():
    values = step(90)
    values[0, 0] = 200
    legend = legend_of(values)
    assert legend.top == pytest.approx(90) and legend.peak == 200 and 0 < legend.clipped < 0.001
    assert [tick for tick, _ in legend.ticks] == [0, 22.5, 45, 67.5, 90]
    assert legend.ticks[-1][1] == "#fee838" and "0 to 90 of 255 grey levels apart, the peak is 200" in legend.words
    assert legend_of(step(5), top=60).top == 60, "several pictures may share a scale"


def test_the_colours_of_the_scale_become_steadily_lighter():
    colours = np.array([list(bytes.fromhex(colour[1:])) for _, colour in legend_of(step(50)).ticks])
    lightness = 116 * np.cbrt((colours / 255) ** 2.2 @ (0.2126, 0.7152, 0.0722)) - 16
    steps = np.diff(lightness)
    assert len(colours) == 5 and steps.min() > 0.6 * steps.mean() and steps.max() < 1.5 * steps.mean()


def test_where_the_original_has_no_pixel_it_is_hatched_and_told():
    values = step(40)
    values[:, :40] = np.nan
    over, legend = draw_difference(SKIN, values)
    assert legend.unseen == pytest.approx(0.25) and "hatched, 25 %" in legend.words
    left, right = over[:, :36].reshape(-1, 3), over[:, 124:].reshape(-1, 3)
    assert (left < 10).all(axis=1).any() and (left > 245).all(axis=1).any() and len(np.unique(right)) == 1


def test_an_original_that_shows_nothing_of_the_photo():
    over, legend = draw_difference(SKIN, np.full((120, 160), np.nan, np.float32))
    assert legend.unseen == 1 and "no pixel anywhere" in legend.words and over.shape == SKIN.shape


def test_a_line_surrounds_what_is_beyond_and_no_specks():
    large, values = np.repeat(np.repeat(SKIN, 4, 0), 4, 1), np.repeat(np.repeat(step(10), 4, 0), 4, 1)
    plain, _ = draw_difference(large, values)
    over, _ = draw_difference(large, values, values > 0)
    drawn = (over != plain).any(axis=2)
    rows, columns = np.where(drawn)
    assert (over[drawn] > 245).all(axis=1).any() and (over[drawn] < 10).all(axis=1).any()
    assert 110 <= rows.min() <= 122 and 357 <= rows.max() <= 370 and columns.min() >= 150 and columns.max() <= 490
    assert not drawn[140:340, 180:460].any(), "around it, not over it"
    speck = np.zeros_like(drawn)
    speck[200:202, 300:302] = True
    assert (draw_difference(large, values, speck)[0] == plain).all()


def test_a_map_of_another_size_is_laid_over_the_picture_shown():
    small = step(60)[::2, ::2]
    over, _ = draw_difference(SKIN, small, small > 30)
    whole, _ = draw_difference(SKIN, step(60), step(60) > 30)
    assert over.shape == SKIN.shape and np.abs(over.astype(int) - whole).mean() < 3


def test_at_no_opacity_the_photo_stays():
    assert draw_difference(SKIN, step(60), step(60) > 30, opacity=0)[0] is SKIN
