"""Maps: what they say of themselves, and where they lie in a photo."""

import numpy as np
import pytest

from pipeline.heatmap import FLAT, Heatmap


def made(grid, window=(10.0, 20.0, 90.0, 100.0)) -> Heatmap:
    return Heatmap(np.asarray(grid, np.float32), window, "edited", "edited", "gradcam")


def peaked(row: int, column: int, window=(10.0, 20.0, 90.0, 100.0), side: int = 8) -> Heatmap:
    grid = np.full((side, side), -0.1, np.float32)
    grid[row, column] = 1.0
    return made(grid, window)


STATES = [
    ([[np.nan, 1], [0, 1]], "not a number"),
    ([[np.inf, 1], [0, 1]], "not a number"),
    ([[0, 0], [0, 0]], "flat"),
    ([[5, 5], [5, 5 + FLAT / 2]], "flat"),
    ([[0, 1], [2, 3]], "one-sided for"),
    ([[0, -1], [-2, -3]], "one-sided against"),
    ([[-1, 1], [0, 0]], "clear"),
]


@pytest.mark.parametrize(("grid", "state"), STATES)
def test_states(grid, state):
    heatmap = made(grid)
    assert heatmap.state == state
    assert (heatmap.peak_point is None) == (state in ("not a number", "flat", "one-sided against"))
    assert np.isnan(heatmap.peak) == (state == "not a number")
    full = heatmap.in_photo(120, 120)
    assert np.isfinite(full).all() and full.shape == (120, 120) and full.dtype == np.float32
    if state == "not a number":
        assert (full == 0).all()


def test_the_peak_is_the_largest_raw_value():
    assert made([[-3, 1], [2.5, 0]]).peak == 2.5
    assert made([[-3, -1], [-2.5, -2]]).peak == -1


def test_the_peak_point_is_its_cells_centre():
    assert peaked(0, 0).peak_point == (15.0, 25.0)
    assert peaked(7, 3).peak_point == (45.0, 95.0)


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.37, 2.0])
@pytest.mark.parametrize("window", [(10.0, 20.0, 90.0, 100.0), (-30.5, -12.25, 97.5, 115.75), (3.3, 40.1, 67.3, 104.1)])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 5), (7, 7), (4, 0)])
def test_the_peak_in_the_photo_is_where_the_peak_point_says(row, column, window, scale):
    heatmap = peaked(row, column, window)
    x, y = heatmap.peak_point
    height, width = 110, 100
    if not (0 < x < width and 0 < y < height):
        return
    full = heatmap.in_photo(height, width, scale)
    assert full.shape == (max(1, round(height * scale)), max(1, round(width * scale)))
    found_y, found_x = np.unravel_index(full.argmax(), full.shape)
    cell = (window[2] - window[0]) / 8 * scale
    assert abs((found_x + 0.5) - x * scale) <= cell / 2 + 1 and abs((found_y + 0.5) - y * scale) <= cell / 2 + 1
    assert 0.7 < full.max() <= 1.0 + 1e-6, "drawn nowhere higher than it is"


def test_nothing_lies_outside_the_window():
    full = made(np.ones((4, 4))).in_photo(120, 110)
    assert (full[20:100, 10:90] == 1).all() and full.sum() == 80 * 80


def test_a_window_partly_outside_the_photo_is_cut_not_squeezed():
    window = (-40.0, -40.0, 40.0, 40.0)
    grid = np.zeros((8, 8), np.float32)
    grid[:, :4] = -1
    grid[:, 4:] = 1
    full = made(grid, window).in_photo(60, 60)
    assert (full[:40, 6:40] > 0.9).all() and (full[41:] == 0).all() and (full[:, 41:] == 0).all()
    assert (full > -0.6).all(), "the left half lies outside"


def test_a_window_wholly_outside_paints_nothing():
    for window in ((200.0, 200.0, 280.0, 280.0), (-90.0, -90.0, -10.0, -10.0)):
        assert (made(np.ones((4, 4)), window).in_photo(50, 50) == 0).all()


def test_rows_and_columns_are_not_exchanged():
    grid = np.zeros((2, 4), np.float32)
    grid[0, 3], grid[1, 0] = 1, -1
    heatmap = made(grid, (0.0, 0.0, 40.0, 20.0))
    assert heatmap.peak_point == (35.0, 5.0)
    full = heatmap.in_photo(20, 40)
    assert full[2, 38] > 0.8 and full[17, 2] < -0.8


def test_signs_are_kept():
    full = made([[-2, 2], [2, -2]], (0.0, 0.0, 20.0, 20.0)).in_photo(20, 20)
    assert full.min() == pytest.approx(-2) and full.max() == pytest.approx(2)
