"""The mean face: a frame of reference for maps of many faces, and for a face whose own landmarks cannot be measured."""

import json
from functools import cache
from pathlib import Path

import numpy as np

PATH = Path(__file__).with_name("mean_face.json")


@cache
def canonical_face() -> np.ndarray:
    """Return the mean face's landmarks, (468, 2) float32, x and y in [0, 1] of the canonical square; read-only.

    How it was made is told by `pipeline.results.canonical`.
    """
    points = np.array(json.loads(PATH.read_text(encoding="utf-8")), np.float32)
    points.setflags(write=False)
    return points


def in_box(box: tuple[float, float, float, float]) -> np.ndarray:
    """Return the mean face's landmarks stretched to a box, (468, 2) float32, in the box's pixels."""
    mean = canonical_face()
    low, high = mean.min(axis=0), mean.max(axis=0)
    corner, size = np.array(box[:2]), np.array((box[2] - box[0], box[3] - box[1]))
    return ((mean - low) / (high - low) * size + corner).astype(np.float32)
