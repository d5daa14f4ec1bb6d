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


SIDE, WINDOW = 16, (37.25, -12.5, 293.25, 243.5)
"""A fine grid over a window of 256 pixels, so that each cell is a square of 16."""


def spot(x: float, y: float) -> Heatmap:
    """Return the grid that a network with perfect sight would give of a small bright spot at x, y in the photo."""
    across = np.arange(256) + 0.5
    bright = np.exp(-((across - (x - WINDOW[0])) ** 2 + (across[:, None] - (y - WINDOW[1])) ** 2) / (2 * 10**2))
    return made(bright.reshape(SIDE, 16, SIDE, 16).mean(axis=(1, 3)), WINDOW)


def spots() -> np.ndarray:
    return np.random.default_rng(3).uniform((70, 20), (260, 210), (200, 2))


def test_a_peak_in_a_grid_of_16_lies_where_the_spot_is_without_a_lean():
    off = np.array([spot(x, y).peak_point for x, y in spots()]) - spots()
    assert np.abs(off).max() <= 8.5, "never further than half a cell"
    assert np.abs(off.mean(axis=0)).max() < 1.2, "half a cell off would be 8"


def test_a_drawn_grid_of_16_lies_where_the_spot_is_without_a_lean():
    rows, columns = np.mgrid[:260, :300] + 0.5
    off = []
    for x, y in spots()[:40]:
        drawn = spot(x, y).in_photo(260, 300)
        off.append((np.array([(drawn * columns).sum(), (drawn * rows).sum()]) / drawn.sum()) - (x, y))
    assert np.abs(np.mean(off, axis=0)).max() < 0.3 and np.abs(off).max() < 4


def test_every_cell_of_a_grid_of_16_is_named_and_drawn_at_its_own_place():
    for cell in range(0, SIDE * SIDE, 7):
        row, column = divmod(cell, SIDE)
        heatmap = peaked(row, column, WINDOW, SIDE)
        assert heatmap.peak_point == (WINDOW[0] + 16 * column + 8, WINDOW[1] + 16 * row + 8)
        drawn = heatmap.in_photo(260, 300)
        left, top = max(WINDOW[0] + 16 * column, 0), max(WINDOW[1] + 16 * row, 0)
        inner = drawn[int(top) + 5 : int(top) + 11, int(left) + 5 : int(left) + 11]
        if WINDOW[1] + 16 * row >= 0:
            assert inner.min() > 0.4 and drawn.max() == pytest.approx(inner.max(), abs=1e-3)


def test_the_peak_of_a_grid_of_16_is_named_after_the_part_it_lies_in(hopper):
    from pipeline.examining.find_faces import find_faces
    from pipeline.face import REGIONS
    from pipeline.regions import region_of

    (face,) = find_faces(hopper)
    x0, y0, x1, _ = face.window
    for name, part in REGIONS.items():
        x, y = face.landmarks[list(part)].mean(axis=0)
        column, row = (int((value - edge) / (x1 - x0) * SIDE) for value, edge in ((x, x0), (y, y0)))
        point = peaked(row, column, face.window, SIDE).peak_point
        assert region_of(point, face.landmarks) == name


@pytest.mark.parametrize(
    ("method", "label", "word"),
    [
        ("mask", "edited", "was edited, as the network's mask"),
        ("mask", "real", "was left as it was"),
        ("parts", "edited", "was edited, as the network's mask and its answers about parts"),
        ("parts", "real", "was left as it was"),
        ("gradcam", "edited", "score"),
        ("gradcam", "real", "score"),
    ],
)
def test_a_map_says_what_its_numbers_are(method, label, word):
    heatmap = Heatmap(np.eye(2, dtype=np.float32), (0.0, 0.0, 4.0, 4.0), "edited", label, method)
    assert word in heatmap.meaning and heatmap.accounts_for_score == (method == "gradcam")
