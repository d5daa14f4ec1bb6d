"""Maps of many faces in one frame: the frame is what its module says, and a peak lands where it was on the face."""

import numpy as np
import pytest

from pipeline.errors import BadGrid
from pipeline.examining.find_faces import find_faces
from pipeline.face import window_of
from pipeline.heatmap import Heatmap
from pipeline.regions import region_of
from pipeline.results.canonical import (
    SIDE,
    affine,
    canonical_face,
    canonical_grid,
    mean_face,
    pack_grid,
    similarity,
    unpack_grid,
)


def test_the_stored_face_is_the_mean_of_the_samples(hopper, collins):
    made = mean_face([find_faces(photo)[0].landmarks for photo in (collins, hopper)])
    assert np.abs(made - canonical_face()).max() < 2e-3
    assert canonical_face().min() > 0 and canonical_face().max() < 1


def test_it_is_symmetrical_and_upright():
    face = canonical_face()
    for left, right in ((33, 263), (61, 291), (234, 454), (70, 300)):
        assert face[left] * (-1, 1) + (1, 0) == pytest.approx(face[right], abs=2e-3)
    assert face[10, 1] < face[1, 1] < face[152, 1]


def turned(face: np.ndarray, degrees: float, scale: float, squeeze: float = 1.0) -> np.ndarray:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (face * (squeeze, 1) * scale) @ turn.T + (400, 300)


def peaked(landmarks: np.ndarray, point: np.ndarray, cells: int) -> Heatmap:
    """A map with one peak, at a point of the photo."""
    window = window_of(landmarks, 1.45)
    column, row = ((point - window[:2]) / (window[2] - window[0]) * cells).astype(int)
    grid = np.full((cells, cells), -0.1, np.float32)
    grid[row, column] = 1
    return Heatmap(grid, window, "edited", "edited", "made up")


@pytest.mark.parametrize("cells", [8, 16, 32])
@pytest.mark.parametrize("degrees, squeeze", [(0, 1.0), (25, 1.0), (-15, 0.7)])
@pytest.mark.parametrize("part, landmark", [("left eye", 159), ("mouth", 13), ("nose", 4)])
def test_a_peak_lands_on_the_same_part_of_the_face(cells, degrees, squeeze, part, landmark):
    landmarks = turned(canonical_face(), degrees, 220, squeeze)
    grid = canonical_grid(peaked(landmarks, landmarks[landmark], cells), landmarks)
    row, column = np.unravel_index(np.nanargmax(grid), grid.shape)
    there = (np.array([column, row]) + 0.5) / SIDE
    assert np.abs(there - canonical_face()[landmark]).max() < 0.5 / SIDE + 1.0 / cells
    if cells > 8:
        assert region_of((float(there[0]), float(there[1])), canonical_face()) == part


def test_what_the_map_does_not_cover_is_unknown():
    landmarks = turned(canonical_face(), 0, 200)
    x0, y0, x1, y1 = window_of(landmarks, 1.2)
    half = Heatmap(np.ones((8, 8), np.float32) * np.arange(8), (x0, y0, (x0 + x1) / 2, y1), "edited", "edited", "")
    known = np.isfinite(canonical_grid(half, landmarks))
    assert known[:, : SIDE // 2 - 1].all() and not known[:, SIDE // 2 + 1 :].any()
    broken = Heatmap(np.full((8, 8), np.nan, np.float32), window_of(landmarks), "edited", "edited", "")
    assert np.isnan(canonical_grid(broken, landmarks)).all()


def test_a_similarity_and_an_affine_map_are_found_again():
    points = canonical_face().astype(float)
    moved = turned(points, 30, 150)
    for fit in (similarity, affine):
        matrix = fit(points, moved)
        assert points @ matrix[:, :2].T + matrix[:, 2] == pytest.approx(moved)
    squeezed = turned(points, 30, 150, 0.6)
    assert points @ affine(points, squeezed)[:, :2].T + affine(points, squeezed)[:, 2] == pytest.approx(squeezed)


@pytest.mark.parametrize("scale", [1e-6, 0.3, 250.0])
def test_a_packed_grid_comes_back(scale):
    grid = np.random.default_rng(0).normal(0, scale, (SIDE, SIDE)).astype(np.float32)
    grid[0, 3] = np.nan
    again = unpack_grid(pack_grid(grid))
    assert again.dtype == np.float32 and again.shape == (SIDE, SIDE)
    assert np.nanmax(np.abs(again - grid)) <= np.nanmax(np.abs(grid)) / 250
    assert np.array_equal(np.isnan(again), np.isnan(grid))
    assert len(pack_grid(grid)) < 370


def test_flat_and_unknown_grids_are_kept_as_such():
    assert np.array_equal(unpack_grid(pack_grid(np.zeros((SIDE, SIDE)))), np.zeros((SIDE, SIDE)))
    assert np.isnan(unpack_grid(pack_grid(np.full((SIDE, SIDE), np.nan)))).all()


@pytest.mark.parametrize("text", ["", "1.0", "1.0:AAAA", "x:" + "A" * 344, "1.0:***"])
def test_what_is_no_packed_grid_is_refused(text):
    with pytest.raises(BadGrid):
        unpack_grid(text)
