"""What two boxes share, and what of one lies in a picture; for a box see `pipeline.face.Box`."""

import numpy as np

from pipeline.face import Box

SAME = 0.3
"""Intersection over union from which two boxes are those of one face."""


def as_floats(box: Box) -> Box:
    """Return a box in plain numbers, which a record can hold: finders give those of numpy."""
    x0, y0, x1, y1 = (float(edge) for edge in box)
    return (x0, y0, x1, y1)


def size_of(box: Box) -> float:
    """Return the longer side of a box."""
    return max(box[2] - box[0], box[3] - box[1])


def box_within(points: np.ndarray, rgb: np.ndarray) -> Box:
    """Return the box of (N, 2) points as far as it lies in a picture of (H, W, 3)."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (
        max(float(low[0]), 0.0),
        max(float(low[1]), 0.0),
        min(float(high[0]), float(rgb.shape[1])),
        min(float(high[1]), float(rgb.shape[0])),
    )


def partly_within(window: Box, rgb: np.ndarray) -> bool:
    """Tell whether at least a quarter of a square window lies in a picture, (H, W, 3)."""
    height, width = rgb.shape[:2]
    return shared_area(window, (0, 0, width, height)) > 0.25 * (window[2] - window[0]) ** 2


def shared_area(one: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over union of two boxes, in [0, 1]."""
    both = shared_area(one, other)
    areas = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other))
    return both / (areas - both) if areas > both else 0.0


def touching(one: Box, other: Box) -> bool:
    """Tell whether a good part of the smaller of two boxes lies in the other."""
    least = min((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other))
    return shared_area(one, other) > SAME * least
