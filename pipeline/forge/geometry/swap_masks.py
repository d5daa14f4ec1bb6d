"""The outlines within which a face is swapped or re-synthesised. Each takes landmarks and a shape, and gives (H, W)."""

import numpy as np

from pipeline.face import LIPS, NOSE, OVAL
from pipeline.forge.geometry.masks import BROWS, EYES, eye_distance, hull, oval

INNER = tuple(dict.fromkeys((*BROWS[0], *BROWS[1], *EYES[0], *EYES[1], *NOSE, *LIPS, 187, 411, 117, 346, 200)))
CHIN = (199, 175, 210, 430, 214, 434)
LOWER_OVAL = OVAL[4:33]
"""The oval without its forehead: temples, cheeks, jaw and chin."""


def inner(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return brows to lower lip."""
    return hull(landmarks[list(INNER)], shape, 0.10 * eye_distance(landmarks))


def to_chin(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return brows to just above the chin's edge."""
    return hull(landmarks[[*INNER, *CHIN]], shape, 0.08 * eye_distance(landmarks))


def lower_oval(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the oval from the brows down."""
    return hull(landmarks[[*LOWER_OVAL, *INNER]], shape, -0.04 * eye_distance(landmarks))


def whole(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return nearly the whole oval."""
    centre = landmarks.mean(axis=0)
    return oval(centre + (landmarks - centre) * 0.93, shape)


MASKS = {"inner": inner, "lower oval": lower_oval, "to chin": to_chin, "whole": whole}
