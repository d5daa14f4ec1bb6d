"""Where a stored crop was truly edited, and where a map lies on it: all in the store's pixels.

A network sees the middle of a store's square, from pixel 22 to 278. Masks have cells of 4 pixels (see
`pipeline.crops.masks`), so that cells 6 to 68 lie wholly inside; those on the rim are left out.
"""

from pathlib import Path

import cv2
import numpy as np

from pipeline.crops.build import main_face
from pipeline.crops.crops import INPUT_SIDE, STORE_SIDE
from pipeline.crops.masks import CELL, EDITED, MASK_SIDE, UNKNOWN, UNTOUCHED
from pipeline.datasets.pair_masks import mask_of
from pipeline.errors import TriageError
from pipeline.face import REGIONS
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.regions import part_hull

LOW, HIGH = (STORE_SIDE - INPUT_SIDE) / 2, (STORE_SIDE + INPUT_SIDE) / 2
WINDOW = (LOW, LOW, HIGH, HIGH)
"""What a network sees, in the store's pixels."""
SEEN = slice(-int(-LOW // CELL), int(HIGH // CELL))
"""Rows, and columns, of a mask that lie wholly in the window."""
SURE_EDITED, SURE_UNTOUCHED = 0.5, 0.05
OFF = 3.0
"""Store pixels by which landmarks found again may differ from the stored ones."""

Point = tuple[float, float]


def parts_at(point: Point, landmarks: np.ndarray) -> np.ndarray:
    """Return (4,) bool: in the outline of which parts of `REGIONS` a point lies, see `part_hull`.

    Args:
        point: x, y in store pixels.
        landmarks: (468, 2), in store pixels.
    """
    return np.array([cv2.pointPolygonTest(hull, point, False) >= 0 for hull in _outlines(landmarks)])


def parts_area(bits: np.ndarray, landmarks: np.ndarray) -> float:
    """Return the share of the window that the outlines of some parts, (4,) bool, cover: what a blind peak would hit."""
    drawn = np.zeros((STORE_SIDE, STORE_SIDE), np.uint8)
    for hull, bit in zip(_outlines(landmarks), bits, strict=True):
        if bit:
            cv2.fillConvexPoly(drawn, np.round(hull - 0.5).astype(np.int32), 1)  # pixel i covers i to i + 1
    inside = slice(int(LOW), int(HIGH))
    return float(drawn[inside, inside].mean())


def _outlines(landmarks: np.ndarray) -> list[np.ndarray]:
    return [part_hull(landmarks, part) for part in REGIONS]


def value_at(mask: np.ndarray, point: Point) -> int:
    """Return a mask's value, `UNTOUCHED`, `EDITED` or `UNKNOWN`, at x, y in store pixels."""
    x, y = (min(max(int(value // CELL), 0), MASK_SIDE - 1) for value in point)
    return int(mask[y, x])


def in_window(mask: np.ndarray) -> np.ndarray:
    """Return the part of a mask, (75, 75), that the window wholly covers: (63, 63)."""
    return mask[SEEN, SEEN]


def cells_of(heatmap: Heatmap) -> np.ndarray:
    """Return a map over `WINDOW` at the cells of `seen`, (63, 63) float32, bilinear; zeros where it is no number."""
    return in_window(heatmap.in_photo(STORE_SIDE, STORE_SIDE, 1 / CELL))


def pair_mask_of(edited: Path, real: Path, landmarks: np.ndarray) -> np.ndarray | None:
    """Return where a photo differs from the real one that it is pixel-aligned with, as a store's mask.

    Args:
        edited: the photo.
        real: its real photo.
        landmarks: (468, 2) float32, the photo's in store pixels.

    Returns:
        (75, 75) uint8; None for an unreadable photo, or one whose face is found elsewhere than before.
    """
    try:
        marked = mask_of(edited, "pair", real)
        points = main_face(Photo.read(edited.read_bytes())).landmarks
    except (TriageError, OSError):
        return None
    scale = float(np.ptp(landmarks, axis=0).max() / np.ptp(points, axis=0).max())
    shift = landmarks.mean(axis=0) - points.mean(axis=0) * scale
    if marked is None or np.abs(points * scale + shift - landmarks).max() > OFF:
        return None
    return into_store(marked, scale, shift)


def into_store(marked: np.ndarray, scale: float, shift: np.ndarray) -> np.ndarray:
    """Turn a photo's soft mask into a store's, (75, 75) uint8, unknown outside the photo.

    Args:
        marked: (H, W) float32 in [0, 1], in the photo's frame.
        scale: store pixels a photo pixel.
        shift: (2,), x and y of the photo's corner in store pixels.
    """
    to_store = np.array([[scale, 0, scale / 2 + shift[0] - 0.5], [0, scale, scale / 2 + shift[1] - 0.5]])
    size = (STORE_SIDE, STORE_SIDE)
    full = cv2.warpAffine(marked.astype(np.float32), to_store, size, borderMode=cv2.BORDER_CONSTANT, borderValue=-9)
    share = cv2.resize(full, (MASK_SIDE, MASK_SIDE), interpolation=cv2.INTER_AREA)
    mask = np.full(share.shape, UNKNOWN, np.uint8)
    mask[(share >= 0) & (share < SURE_UNTOUCHED)] = UNTOUCHED
    mask[share > SURE_EDITED] = EDITED
    return mask
