"""Geometry: similarity fits, piecewise-affine warps and local displacements."""

import cv2
import numpy as np
from scipy.spatial import Delaunay

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LEFT_BROW, LIPS, NOSE, OVAL, RIGHT_BROW
from pipeline.forge.geometry.masks import INNER_LIPS

MESH = tuple(
    dict.fromkeys(
        OVAL + IMAGE_LEFT_EYE + IMAGE_RIGHT_EYE + LEFT_BROW + RIGHT_BROW + NOSE + LIPS + INNER_LIPS
        + (50, 280, 205, 425, 101, 330, 36, 266, 187, 411, 151, 9, 199, 175, 200, 117, 346)
    )
)  # fmt: skip
"""The landmarks that span the piecewise-affine warp of a whole face."""
NO_SECOND_MAP = np.empty(0, np.float32)
"""OpenCV's sign that the first map holds both coordinates."""


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the (2, 3) similarity that takes (N, 2) points nearest to others (Umeyama, PAMI 1991)."""
    centre, goal = source.mean(axis=0), target.mean(axis=0)
    a, b = (source - centre).astype(np.float64), (target - goal).astype(np.float64)
    energy = max(float((a**2).sum()), 1e-9)
    cosine, sine = float((a * b).sum()) / energy, float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / energy
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, goal - turn @ centre])


def scale_of(matrix: np.ndarray) -> float:
    """Return the scale of a (2, 3) similarity."""
    return float(np.hypot(matrix[0, 0], matrix[1, 0]))


def jitter(matrix: np.ndarray, centre: np.ndarray, scale: float, degrees: float, shift: np.ndarray) -> np.ndarray:
    """Scale and turn a (2, 3) map's result about a (2,) centre of the target, then shift it by (2,) pixels."""
    extra = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), degrees, scale)
    extra[:, 2] += shift
    return extra[:, :2] @ matrix + np.column_stack([np.zeros((2, 2)), extra[:, 2]])


def warp(rgb: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Resample (H, W, 3) uint8 RGB by a (2, 3) forward map into a picture of `shape`. Cubic; reflects outside."""
    size = (shape[1], shape[0])
    return cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def warp_mesh(rgb: np.ndarray, source: np.ndarray, target: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Warp a face piecewise-affinely so that its landmarks fall on others; outside their hull the picture is black.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        source: (468, 2) landmarks in its pixels.
        target: (468, 2) landmarks in the result's pixels.
        shape: height and width of the result.
    """
    start, goal = source[list(MESH)].astype(np.float64), target[list(MESH)].astype(np.float64)
    triangles = _triangles(goal)
    numbers = np.full(shape[:2], -1, np.int32)
    for number, triangle in enumerate(triangles):
        cv2.fillConvexPoly(numbers, np.rint(goal[triangle]).astype(np.int32), number)
    corners = np.concatenate([goal[triangles], np.ones((len(triangles), 3, 1))], axis=2)
    maps = np.linalg.solve(corners, start[triangles])
    rows, columns = np.nonzero(numbers >= 0)
    chosen = maps[numbers[rows, columns]]
    back = np.full((*shape[:2], 2), -1e4, np.float32)
    back[rows, columns] = columns[:, None] * chosen[:, 0] + rows[:, None] * chosen[:, 1] + chosen[:, 2]
    return cv2.remap(rgb, back, NO_SECOND_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)


def folded_share(source: np.ndarray, target: np.ndarray) -> float:
    """Return the share of a face's mesh whose triangles turn over between two poses, by area in the target."""
    start, goal = source[list(MESH)].astype(np.float64), target[list(MESH)].astype(np.float64)
    triangles = _triangles(goal)
    before, after = _areas(start, triangles), _areas(goal, triangles)
    return float(np.abs(after)[before * after < 0].sum() / max(np.abs(after).sum(), 1e-9))


def _areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Return twice the signed areas of (N, 3) triangles of (M, 2) points."""
    a, b = points[triangles[:, 1]] - points[triangles[:, 0]], points[triangles[:, 2]] - points[triangles[:, 0]]
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _triangles(points: np.ndarray) -> np.ndarray:
    """Return the (N, 3) Delaunay triangles of (M, 2) points, without the flat ones that cannot be warped."""
    triangles = Delaunay(points).simplices
    return triangles[np.abs(_areas(points, triangles)) > 1e-3]


def displace(rgb: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Read every pixel of a uint8 RGB picture from its place plus an (H, W, 2) float32 offset in pixels, cubic."""
    rows, columns = np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32)
    there = np.stack([columns, rows], axis=2) + offset
    return cv2.remap(rgb, there, NO_SECOND_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def elastic(shape: tuple[int, ...], rng: np.random.Generator, sigma: float, reach: float) -> np.ndarray:
    """Return a smooth random (H, W, 2) float32 offset of at most `reach` pixels, smooth over `sigma` pixels."""
    cells = (max(3, round(shape[1] / sigma)), max(3, round(shape[0] / sigma)))
    coarse = rng.uniform(-1, 1, (cells[1], cells[0], 2)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), -1, 1) * np.float32(reach)
