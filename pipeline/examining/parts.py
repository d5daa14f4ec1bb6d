"""The parts in which a large picture is searched: shrunk as a whole, its smaller faces would be lost."""

from collections.abc import Iterator
from math import ceil

import numpy as np

from models.faces.blazeface import Detection

TILE = 3200
"""Longer side in pixels of a part of a large picture that is searched by itself: shrunk, 65 px are still seen."""

OVERLAP = 320
"""Pixels that neighbouring parts share: a larger face is seen in the whole picture, shrunk."""


def is_large(rgb: np.ndarray) -> bool:
    """Tell whether a picture, (H, W, 3), is searched in parts too."""
    return max(rgb.shape[:2]) > TILE


def parts_of(rgb: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield the left, the top and the pixels of the parts that a large picture is searched in; none of a small one."""
    height, width = rgb.shape[:2]
    if not is_large(rgb):
        return
    for top in starts_of(height):
        for left in starts_of(width):
            yield left, top, rgb[top : top + TILE, left : left + TILE]


def starts_of(length: int) -> list[int]:
    """Return where parts of at most `TILE` pixels begin along a side, evenly, each sharing `OVERLAP` with the next."""
    if length <= TILE:
        return [0]
    count = ceil((length - OVERLAP) / (TILE - OVERLAP))
    return [round(index * (length - TILE) / (count - 1)) for index in range(count)]


def moved(detection: Detection, left: int, top: int) -> Detection:
    """Return a detection in a part of a picture in the frame of the whole.

    Args:
        detection: in pixels of the part.
        left, top: where the part lies.
    """
    x0, y0, x1, y1 = detection.box
    return Detection(
        (x0 + left, y0 + top, x1 + left, y1 + top), detection.eyes + np.array((left, top)), detection.score
    )
