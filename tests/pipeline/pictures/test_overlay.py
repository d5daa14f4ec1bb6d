"""Overlays: only what is in a map is painted, and as strongly as it is."""

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.pictures.overlay import (
    CIVIDIS,
    LEGEND,
    colours_of,
    lay_over,
    overlay,
    overlay_png,
    shades,
    strongest,
)
from pipeline.pictures.photo import picture

GREY = np.full((60, 80, 3), 128, np.uint8)


def photo(rgb: np.ndarray = GREY) -> Photo:
    return Photo(rgb, "ab" * 32, b"data", "PNG")


def made(grid) -> Heatmap:
    return Heatmap(np.asarray(grid, np.float32), (0.0, 0.0, 80.0, 60.0), "edited", "facetune", "gradcam")


SILENT = [np.zeros((4, 4)), np.full((4, 4), 7.0), np.full((4, 4), np.nan), [[np.inf, 0], [0, 0]]]


@pytest.mark.parametrize("grid", SILENT)
def test_a_map_that_says_nothing_paints_nothing(grid):
    colours, magnitude = colours_of(made(grid), 60, 80)
    assert (magnitude == 0).all() and colours.shape == (60, 80, 3)
    assert (overlay(photo(), made(grid)) == GREY).all()


def test_magnitude_follows_the_raw_value_over_the_peak():
    grid = np.zeros((6, 8), np.float32)
    grid[:, :4], grid[:, 4:] = -2, 1
    colours, magnitude = colours_of(made(grid), 60, 80)
    assert magnitude[30, 70] == pytest.approx(1), "the scale ends at the peak"
    assert magnitude[30, 10] == pytest.approx(0.5), "what speaks against is clipped, and painted half as strongly"
    blue, yellow = colours[30, 10].astype(int), colours[30, 70].astype(int)
    assert blue[2] > blue[0] and yellow[1] > yellow[2] + 40, "against is blue, for is yellow"
    assert (colours[30, 10] == CIVIDIS[0]).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_one_sided_maps_use_their_half_of_the_scale(sign):
    grid = sign * np.linspace(0.5, 2, 48, dtype=np.float32).reshape(6, 8)
    colours, magnitude = colours_of(made(grid), 60, 80)
    full = 1 if sign > 0 else 0.5
    assert 0.2 * full < magnitude.min() < 0.35 * full and magnitude.max() == pytest.approx(full)
    assert (colours[-1, -1] == CIVIDIS[-1 if sign > 0 else 0]).all()


def test_shades():
    stops = np.array([(0, 0, 0), (100, 100, 100), (200, 0, 0)])
    found = shades(np.array([-1, 0, 0.25, 0.5, 1, 2]), stops)
    assert found.tolist() == [[0, 0, 0], [0, 0, 0], [50, 50, 50], [100, 100, 100], [200, 0, 0], [200, 0, 0]]


def test_opacity():
    grid = np.ones((6, 8), np.float32)
    grid[0, 0] = -1
    assert (overlay(photo(), made(grid), 0) == GREY).all()
    some, full = (overlay(photo(), made(grid), opacity)[50, 70].astype(int) for opacity in (0.5, 1.0))
    assert np.abs(full - CIVIDIS[-1]).max() <= 1 and np.abs(some - (128 + CIVIDIS[-1]) / 2).max() <= 1


def test_the_photo_lies_under_its_map_in_grey_and_is_itself_where_nothing_is_lay_over():
    skin = np.full((60, 80, 3), (224, 172, 105), np.uint8)
    grid = np.zeros((6, 8), np.float32)
    grid[0, 0], grid[5, 7] = 3, -1
    over = lay_over(skin, made(grid), 0.6)
    assert (over[30, 30] == over[30, 30, 0]).all() and abs(int(over[30, 30, 0]) - 180) < 4, "grey of the same luma"
    assert (lay_over(skin, made(grid), 0.0) == skin).all() and (lay_over(skin, made(grid * 0), 0.6) == skin).all()


def test_a_line_surrounds_the_strongest_tenth_of_the_map():
    grid = np.full((10, 8), -1, np.float32)
    grid[2:4, 2:6] = 2
    inside = strongest(made(grid), 60, 80)
    rows, columns = np.where(inside)
    assert rows.min() >= 8 and rows.max() <= 28 and columns.min() >= 15 and columns.max() <= 65
    large = Heatmap(grid, (0.0, 0.0, 800.0, 600.0), "edited", "edited", "mask")
    for shade in (0, 128, 255):
        over = lay_over(np.full((600, 800, 3), shade, np.uint8), large, 0.6)[60:310, 120:680].astype(int)
        white, black = (over > 245).all(axis=2).sum(), (over < 10).all(axis=2).sum()
        assert white > 500 and black > 500, f"seen on {shade}"


def test_no_line_where_nothing_speaks_for_the_label():
    assert not strongest(made(np.linspace(-2, -1, 48).reshape(6, 8)), 60, 80).any()
    few = np.full((10, 8), -1, np.float32)
    few[0, 0] = 1
    assert 0 < strongest(made(few), 60, 80).mean() < 0.02, "cells against the label are not surrounded"


def test_the_scale_is_grey_in_its_middle_and_rises_evenly_in_lightness():
    middle = shades(np.array([0.5]), CIVIDIS)[0].astype(int)
    assert np.ptp(middle) < 12
    lightness = np.array([116 * np.cbrt((stop / 255) ** 2.2 @ (0.2126, 0.7152, 0.0722)) - 16 for stop in CIVIDIS])
    steps = np.diff(lightness)
    assert steps.min() > 0.6 * steps.mean() and steps.max() < 1.5 * steps.mean()


def test_a_large_photo_is_shrunk_with_its_map():
    large = photo(np.zeros((3000, 1500, 3), np.uint8))
    assert picture(large).scale == pytest.approx(1280 / 3000) and picture(large).rgb.shape == (1280, 640, 3)
    heatmap = Heatmap(np.eye(4, dtype=np.float32) - 0.5, (0.0, 0.0, 1500.0, 3000.0), "edited", "edited", "gradcam")
    assert overlay(large, heatmap).shape == (1280, 640, 3)
    assert picture(photo()).rgb is photo().rgb, "a small one stays as it is"


def test_the_file_says_what_it_shows():
    data = overlay_png(overlay(photo(), made(np.eye(4) - 0.25)), made(np.eye(4) - 0.25), photo().sha256)
    image = Image.open(io.BytesIO(data))
    assert image.size == (80, 60)
    said = "gradcam of edited for facetune, peak +0.7500"
    assert image.text == {"Description": said, "Legend": LEGEND, "Source": "sha256 " + "ab" * 32}
    assert "yellow" in LEGEND and "strongest 10%" in LEGEND.replace("\u2009", "")
