"""Maps of many faces in one frame: a mean face in the unit square, and each map as 16 × 16 cells of that square.

The mean face is that of sample_data's two portraits, made level and mirrored onto themselves (generalised Procrustes
analysis: Gower, Psychometrika 1975), so that it leans to no side. It is a frame of reference, no one's likeness.
"""

import base64
import binascii
from collections.abc import Sequence

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from pipeline.errors import BadGrid
from pipeline.face import window_of
from pipeline.heatmap import Heatmap
from pipeline.mean_face import canonical_face

SIDE = 16
"""Cells a side of a packed map."""
EXTENT = 1.2
"""Side of the canonical square over the longer side of the mean face's box."""
UNSEEN = -128
"""Stands for a cell that lies outside a map's window, or that is no number."""
_ROUNDS = 5


def mean_face(faces: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of faces, upright and mirrored onto itself, (468, 2) float64 in the canonical square.

    Args:
        faces: landmarks, (468, 2) each, in any pixels.
    """
    mean = _upright(faces[0])
    mirror = _counterparts(mean)
    for _ in range(_ROUNDS):
        fitted = [_apply(similarity(face, mean), face) for face in faces]
        mean = np.mean(fitted + [_mirror(face)[mirror] for face in fitted], axis=0)
        mirror = _counterparts(mean)
    x0, y0, x1, _ = window_of(mean, EXTENT)
    return (mean - (x0, y0)) / (x1 - x0)


def _upright(points: np.ndarray) -> np.ndarray:
    """Centre a face and turn its axis, from chin to forehead, upright."""
    centred = points - points.mean(axis=0)
    across, down = centred[152] - centred[10]
    angle = np.arctan2(across, down)
    return centred @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _mirror(points: np.ndarray) -> np.ndarray:
    return points * (-1, 1)


def _counterparts(points: np.ndarray) -> np.ndarray:
    """Return for each landmark its counterpart on the other side: the nearest one-to-one match of the mirrored face."""
    gaps = np.linalg.norm(points[:, None] - _mirror(points)[None], axis=2)
    return linear_sum_assignment(gaps**2)[1]


def similarity(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the (2, 3) turn, scale and shift that takes points to a target best, by least squares; (N, 2) each."""
    here, there = (array @ (1, 1j) for array in (points.astype(float), target.astype(float)))
    factor = np.vdot(here - here.mean(), there - there.mean()) / np.vdot(here - here.mean(), here - here.mean())
    shift = there.mean() - factor * here.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def affine(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the (2, 3) affine map that takes points to a target best, by least squares; (N, 2) each.

    Unlike a similarity it also takes up that a face turned away looks narrower.
    """
    return np.linalg.lstsq(np.column_stack([points, np.ones(len(points))]), target, rcond=None)[0].T


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def canonical_grid(heatmap: Heatmap, landmarks: np.ndarray) -> np.ndarray:
    """Resample a map onto the canonical face, bilinear between its cells' centres.

    Args:
        heatmap: of the face; its values stay in its own unit, that of one of its own cells, see `Heatmap.meaning`.
        landmarks: (468, 2) in the frame of the heatmap's window.

    Returns:
        (16, 16) float32, signed; NaN in cells outside the map's window, and everywhere in a map that is no number.
    """
    centres = (np.indices((SIDE, SIDE))[::-1].reshape(2, -1).T + 0.5) / SIDE
    points = _apply(affine(canonical_face(), landmarks), centres)
    x0, y0, x1, y1 = heatmap.window
    rows, columns = heatmap.grid.shape
    shares = (points - (x0, y0)) / (x1 - x0, y1 - y0)
    x, y = (shares * (columns, rows) - 0.5).astype(np.float32).reshape(SIDE, SIDE, 2).transpose(2, 0, 1)
    grid = cv2.remap(heatmap.grid.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = ((shares >= 0) & (shares <= 1)).all(axis=1).reshape(SIDE, SIDE)
    return np.where(inside & (heatmap.state != "not a number"), grid, np.nan).astype(np.float32)


def pack_grid(grid: np.ndarray) -> str:
    """Return a grid as text: its largest magnitude, a colon, and base64 of int8 steps of 1/127 of it, row by row.

    Args:
        grid: (16, 16) float; NaN where nothing is known.
    """
    known = np.isfinite(grid)
    scale = float(np.float32(np.abs(grid, where=known, out=np.zeros(grid.shape)).max()))
    steps = np.full(grid.shape, UNSEEN, np.int8)
    steps[known] = np.rint(grid[known] / (scale or 1) * 127)
    return f"{scale:.6g}:{base64.b64encode(steps.tobytes()).decode()}"


def unpack_grid(text: str) -> np.ndarray:
    """Return the (16, 16) float32 grid that `pack_grid` wrote: right to 1/254 of its magnitude, NaN where unknown.

    Raises:
        BadGrid: the text is none of `pack_grid`.
    """
    scale, _, coded = text.partition(":")
    try:
        steps = np.frombuffer(base64.b64decode(coded, validate=True), np.int8).reshape(SIDE, SIDE)
        grid = steps.astype(np.float32) * np.float32(scale) / 127
    except (ValueError, binascii.Error) as problem:
        raise BadGrid(f"{text[:20]!r} is no packed map of {SIDE} × {SIDE} cells.") from problem
    return np.where(steps == UNSEEN, np.nan, grid).astype(np.float32)
