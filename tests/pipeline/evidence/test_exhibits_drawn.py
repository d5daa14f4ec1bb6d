"""Exhibits: bounded, the same each time, without metadata, and coloured as their captions say."""

import io

import numpy as np
import pytest
from PIL import Image
from savings import decoded

from pipeline.evidence.exhibits import BAR, LONGEST, UNKNOWN, colour_map, scale_end, show_map, show_picture


def brightness(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(int) @ (2, 5, 1)


def test_a_map_is_black_at_nothing_brightest_at_its_end_and_grey_where_unknown():
    colours = colour_map(np.array([[0.0, 1.0, 2.0, 4.0, 9.0, -1.0, np.nan]]), 4.0)[0]
    rising = brightness(colours[:4])
    assert (np.diff(rising) > 100).all() and rising[0] < 50
    assert colours[4].tolist() == colours[3].tolist(), "beyond the end it is no brighter"
    assert colours[5].tolist() == colours[0].tolist() and colours[6].tolist() == list(UNKNOWN)


def test_brightness_rises_evenly_along_the_scale():
    shades = brightness(colour_map(np.linspace(0, 1, 64)[None], 1.0)[0])
    assert (np.diff(shades) >= 0).all(), "it reads in black and white"


@pytest.mark.parametrize("shape", [(3000, 4000), (1, 5000), (5000, 1), (7, 9), (1, 1), (320, 320)])
def test_a_map_is_bounded_and_keeps_its_shape(shape):
    exhibit = show_map(np.ones(shape, np.float32), 1.0, "Map", "caption")
    height, width = decoded(exhibit.data).shape[:2]
    assert (exhibit.width, exhibit.height) == (width, height)
    assert max(width, height - BAR) <= LONGEST
    if min(shape) > 5:
        assert (height - BAR) / width == pytest.approx(shape[0] / shape[1], rel=0.02)


def test_the_cells_of_a_small_map_stay_sharp_and_its_scale_stands_below():
    values = np.array([[0.0, 1.0], [np.nan, 0.5]])
    drawn = decoded(show_map(values, 1.0, "Map", "caption").data)
    side = (len(drawn) - BAR) // 2
    cells = drawn[: 2 * side].reshape(2, side, 2, -1, 3)
    assert all(len(np.unique(cells[row, :, column].reshape(-1, 3), axis=0)) == 1 for row in (0, 1) for column in (0, 1))
    bar = brightness(drawn[-1])
    assert bar[0] == brightness(cells[0, 0, 0, 0]) and bar[-1] == brightness(cells[0, 0, 1, 0])


def test_an_unknown_part_spoils_no_more_than_its_place_when_a_map_is_shrunk():
    values = np.ones((1800, 1800), np.float32)
    values[:600, :600] = np.nan
    drawn = decoded(show_map(values, 1.0, "Map", "caption").data)[:-BAR]
    grey = (drawn == UNKNOWN).all(axis=2)
    assert grey[:298, :298].all() and not grey[303:, :].any() and not grey[:, 303:].any()


def test_nothing_but_pixels_is_in_an_exhibit_and_it_is_the_same_each_time():
    values = np.random.default_rng(1).random((50, 70)).astype(np.float32)
    rgb = np.random.default_rng(1).integers(0, 256, (1000, 1200, 3), dtype=np.uint8)
    for make in (lambda: show_map(values, 1.0, "Map", "caption"), lambda: show_picture(rgb, "Photo", "caption")):
        assert make().data == make().data
        with Image.open(io.BytesIO(make().data)) as image:
            assert not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "transparency"}
            assert max(image.size) <= LONGEST + BAR


def test_a_scale_ends_under_the_brightest_cells_but_never_at_next_to_nothing():
    values = np.full((100, 100), 2.0)
    values[0, 0], values[1] = 500.0, np.nan
    assert scale_end(values, 1.0) == pytest.approx(2.0)
    assert scale_end(values / 1000, 1.0) == 1.0
    assert scale_end(np.full((3, 3), np.nan), 1.0) == 1.0
