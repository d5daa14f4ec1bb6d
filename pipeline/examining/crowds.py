"""How many of the faces that the finders see in one picture are looked at: a picture tiled with faces has thousands."""

from collections.abc import Sequence

import numpy as np

from models.faces.blazeface import Detection
from pipeline.examining.boxes import SAME
from pipeline.settings import settings

LEAST, TIMES = 900, 3
"""Boxes that are looked at in any case, and for each face that may be examined: in many a box no face stands."""


def most_looked_at() -> int:
    """Return how many boxes of one search are measured at most."""
    return max(LEAST, TIMES * settings().max_faces)


def thinned(detections: Sequence[Detection], most: int) -> tuple[Sequence[Detection], list[Detection]]:
    """Return the detections that are looked at, and more, up to as many, that are only told of.

    Where there are no more than `most` they are returned as they came. Else the largest come first, each face once.

    Args:
        detections: what finders saw in one picture.
        most: detections that are looked at.
    """
    if len(detections) <= most:
        return detections, []
    boxes = np.array([each.box for each in detections], float)
    sides = boxes[:, 2:] - boxes[:, :2]
    kept: list[int] = []
    for number in np.argsort(-sides.max(axis=1), kind="stable").tolist():
        if len(kept) == 2 * most:
            break
        others = boxes[kept]
        low, high = np.maximum(boxes[number, :2], others[:, :2]), np.minimum(boxes[number, 2:], others[:, 2:])
        both = np.prod(np.clip(high - low, 0, None), axis=1)
        if not (both > SAME * (sides[kept].prod(axis=1) + sides[number].prod() - both)).any():
            kept.append(number)
    return [detections[number] for number in kept[:most]], [detections[number] for number in kept[most:]]
