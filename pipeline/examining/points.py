"""Points that two pictures share, and the simplest model that explains where they lie."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.examining.laying import corners, transform

POINTS = 4000
CONTRAST = 0.02
"""SIFT's least contrast, half of the usual: soft skin and sky have little."""
RATIO = 0.8
"""Lowe's: a match counts where its second best lies so much farther."""
REACH = 3.0
"""Pixels within which a point agrees with a fit."""
LEAST_INLIERS = 12
MORE = 1.1
"""A freer model is taken where it wins at least so many times the points."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Where one grey picture lies on another.

    Attributes:
        matrix: (3, 3) float64, from pixels of the one to those of the other.
        model: "frame", "similarity", "affine" or "homography".
        before, after: (N, 2) float32 points that agree, in the one and in the other.
    """

    matrix: np.ndarray
    model: str
    before: np.ndarray
    after: np.ndarray


def fit_points(here: np.ndarray, there: np.ndarray) -> Fit | None:
    """Return the simplest model that explains the points that two (h, w) uint8 grey pictures share.

    Similarity, then affine, then homography.

    Returns:
        The fit of `there` on `here`; None where they share too few points, or where no model keeps a picture whole.
    """
    before, after = _matches(here, there)
    if len(before) < LEAST_INLIERS:
        return None
    trials = (
        ("similarity", cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=REACH)[0]),
        ("affine", cv2.estimateAffine2D(before, after, ransacReprojThreshold=REACH)[0]),
        ("homography", cv2.findHomography(before, after, cv2.USAC_MAGSAC, REACH)[0]),
    )
    best: Fit | None = None
    for model, matrix in trials:
        if matrix is None or not _keeps_whole(_square(matrix), there.shape):
            continue
        fit = _agreeing(_square(matrix), model, before, after)
        if best is None or len(fit.before) > MORE * len(best.before):
            best = fit
    return best


def _matches(here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (N, 2) float32 points of `there` and of `here` whose surroundings look alike, and like nothing else."""
    detector = cv2.SIFT.create(nfeatures=POINTS, contrastThreshold=CONTRAST)
    points, marks = detector.detectAndCompute(here, None)
    others, other_marks = detector.detectAndCompute(there, None)
    if marks is None or other_marks is None or min(len(marks), len(other_marks)) < LEAST_INLIERS:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    good = [
        first
        for first, second in cv2.BFMatcher(cv2.NORM_L2).knnMatch(_roots(other_marks), _roots(marks), k=2)
        if first.distance < RATIO * second.distance
    ]
    before = np.array([others[match.queryIdx].pt for match in good], np.float32).reshape(-1, 2)
    after = np.array([points[match.trainIdx].pt for match in good], np.float32).reshape(-1, 2)
    once = np.unique(np.round(np.hstack([before, after])), axis=0, return_index=True)[1]  # a point may have two angles
    return before[once], after[once]


def _roots(marks: np.ndarray) -> np.ndarray:
    """Return descriptors whose Euclidean distance is that of Hellinger."""
    return np.sqrt(marks / np.maximum(marks.sum(axis=1, keepdims=True), 1))


def _square(matrix: np.ndarray) -> np.ndarray:
    return (matrix if len(matrix) == 3 else np.vstack([matrix, (0, 0, 1)])).astype(np.float64)


def _keeps_whole(matrix: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Tell whether a matrix leaves a picture convex and as it lay: neither turned over nor squeezed to a line."""
    if not np.isfinite(matrix).all():
        return False
    outer = corners(shape[1], shape[0])
    depth = np.hstack([outer, np.ones((4, 1))]) @ matrix[2]
    if depth.min() * depth.max() <= 0 or np.abs(depth).max() > 4 * np.abs(depth).min():
        return False
    laid = transform(outer, matrix)
    edges = np.roll(laid, -1, axis=0) - laid
    ahead = np.roll(edges, -1, axis=0)
    lengths = np.hypot(edges[:, 0], edges[:, 1]) / np.tile(shape[1::-1], 2)
    convex = bool((edges[:, 0] * ahead[:, 1] - edges[:, 1] * ahead[:, 0] > 0).all())
    return convex and bool(lengths.max() < 4 * lengths.min() and 0.02 < lengths.min() < 50)


def _agreeing(matrix: np.ndarray, model: str, before: np.ndarray, after: np.ndarray) -> Fit:
    apart = transform(before, matrix) - after
    close = np.hypot(apart[:, 0], apart[:, 1]) <= REACH
    return Fit(matrix, model, before[close], after[close])
