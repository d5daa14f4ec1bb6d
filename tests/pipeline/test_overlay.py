"""Overlays: only what is in a map is painted, and as strongly as it is."""

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.heatmap import Heatmap
from pipeline.overlay import CIVIDIS, DIVERGING, coloured, display_scale, overlay, overlay_png, shades, shrunk
from pipeline.photo import Photo

GREY = np.full((60, 80, 3), 128, np.uint8)


def photo(rgb: np.ndarray = GREY) -> Photo:
    return Photo(rgb, "ab" * 32, b"data", "PNG")


def made(grid) -> Heatmap:
    return Heatmap(np.asarray(grid, np.float32), (0.0, 0.0, 80.0, 60.0), "edited", "facetune", "gradcam")


SILENT = [np.zeros((4, 4)), np.full((4, 4), 7.0), np.full((4, 4), np.nan), [[np.inf, 0], [0, 0]]]


@pytest.mark.parametrize("grid", SILENT)
def test_a_map_that_says_nothing_paints_nothing(grid):
    colours, magnitude = coloured(made(grid), 60, 80)
    assert (magnitude == 0).all() and colours.shape == (60, 80, 3)
    assert (overlay(photo(), made(grid)) == GREY).all()


def test_magnitude_follows_the_raw_value_over_the_peak():
    grid = np.zeros((6, 8), np.float32)
    grid[:, :4], grid[:, 4:] = -2, 1
    colours, magnitude = coloured(made(grid), 60, 80)
    assert magnitude[30, 10] == pytest.approx(1) and magnitude[30, 70] == pytest.approx(0.5)
    blue, orange = colours[30, 10].astype(int), colours[30, 70].astype(int)
    assert blue[2] > blue[0] and orange[0] > orange[2], "against is blue, for is orange"
    assert (colours[30, 10] == DIVERGING[0]).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_one_sided_maps_have_their_own_scale(sign):
    grid = sign * np.linspace(0.5, 2, 48, dtype=np.float32).reshape(6, 8)
    colours, magnitude = coloured(made(grid), 60, 80)
    assert 0.2 < magnitude.min() < 0.35 and magnitude.max() == pytest.approx(1)
    assert (colours[-1, -1] == CIVIDIS[-1]).all()


def test_shades():
    stops = np.array([(0, 0, 0), (100, 100, 100), (200, 0, 0)])
    found = shades(np.array([-1, 0, 0.25, 0.5, 1, 2]), stops)
    assert found.tolist() == [[0, 0, 0], [0, 0, 0], [50, 50, 50], [100, 100, 100], [200, 0, 0], [200, 0, 0]]


def test_opacity():
    grid = np.ones((6, 8), np.float32)
    grid[0, 0] = -1
    assert (overlay(photo(), made(grid), 0) == GREY).all()
    some, full = (overlay(photo(), made(grid), opacity)[50, 70].astype(int) for opacity in (0.5, 1.0))
    assert np.abs(full - DIVERGING[-1]).max() <= 1 and np.abs(some - (128 + DIVERGING[-1]) / 2).max() <= 1


def test_a_large_photo_is_shrunk_with_its_map():
    large = photo(np.zeros((3000, 1500, 3), np.uint8))
    assert display_scale(large) == pytest.approx(1280 / 3000) and shrunk(large).shape == (1280, 640, 3)
    heatmap = Heatmap(np.eye(4, dtype=np.float32) - 0.5, (0.0, 0.0, 1500.0, 3000.0), "edited", "edited", "gradcam")
    assert overlay(large, heatmap).shape == (1280, 640, 3)
    assert shrunk(photo()) is photo().rgb, "a small one stays as it is"


def test_the_file_says_what_it_shows():
    data = overlay_png(photo(), made(np.eye(4) - 0.25))
    image = Image.open(io.BytesIO(data))
    assert image.size == (80, 60)
    said = "gradcam of edited for facetune, peak +0.7500"
    assert image.text == {"Description": said, "Source": "sha256 " + "ab" * 32}
