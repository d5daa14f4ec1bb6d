"""Which part of a face a point lies in, in words, from the landmarks."""

import cv2
import numpy as np

from pipeline.face import LIPS, OVAL, REGIONS

GROWTH = {"left eye": 1.25, "right eye": 1.25, "nose": 1.15, "mouth": 1.35}
"""How far a part's hull is grown about its centre: edits reach over the rim of what they change."""


def hull_of(landmarks: np.ndarray, region: str) -> np.ndarray:
    """Return the grown convex hull, (K, 2) float32 in the landmarks' pixels, of one of the four labelled parts."""
    points = landmarks[list(REGIONS[region])]
    centre = points.mean(axis=0)
    return cv2.convexHull((centre + (points - centre) * GROWTH[region]).astype(np.float32))[:, 0]


def cover_of(landmarks: np.ndarray, side: int, cells: tuple[int, int]) -> np.ndarray:
    """Return how much of each cell of a crop lies in each of the four parts, (4, h, w) float32 in [0, 1].

    Args:
        landmarks: (468, 2), in the crop's pixels.
        side: of the crop, in pixels.
        cells: (h, w) of the grid that is laid over it.
    """
    drawn = np.zeros((len(REGIONS), side, side), np.float32)
    for part, region in zip(drawn, REGIONS, strict=True):
        cv2.fillConvexPoly(part, np.rint(hull_of(landmarks, region) - 0.5).astype(np.int32), 1.0)  # i to i + 1
    return np.stack([cv2.resize(part, cells[::-1], interpolation=cv2.INTER_AREA) for part in drawn])


def region_of(point: tuple[float, float], landmarks: np.ndarray) -> str:
    """Name the part of the face that a point lies in.

    Args:
        point: x, y in the landmarks' pixels.
        landmarks: (468, 2).

    Returns:
        "left eye", "right eye", "nose", "mouth", "forehead", "chin", "left cheek", "right cheek", or
        "edge of the face" for a point outside the oval. Left and right are the picture's.
    """
    depth = {name: cv2.pointPolygonTest(hull_of(landmarks, name), point, True) for name in REGIONS}
    nearest = max(depth, key=lambda name: depth[name])
    if depth[nearest] >= 0:
        return nearest
    oval = cv2.convexHull(landmarks[list(OVAL)].astype(np.float32))
    if cv2.pointPolygonTest(oval, point, False) < 0:
        return "edge of the face"
    return _between(point, landmarks)


def _between(point: tuple[float, float], landmarks: np.ndarray) -> str:
    """Name a point inside the oval but in none of the parts, in the face's own upright axes."""
    up = landmarks[10] - landmarks[152]
    up = up / (np.linalg.norm(up) + 1e-9)
    across = np.array([-up[1], up[0]])

    def height(where: np.ndarray) -> float:
        return float(np.asarray(where) @ up)

    if height(np.array(point)) > height(landmarks[[8, 168]].mean(axis=0)):  # between the brows' inner ends
        return "forehead"
    if height(np.array(point)) < height(landmarks[list(LIPS)].mean(axis=0)):
        return "chin"
    side = float((np.array(point) - landmarks[1]) @ across)
    return "left cheek" if side < 0 else "right cheek"


PHRASES = {
    "left eye": "around the left eye (left in the picture)",
    "right eye": "around the right eye (right in the picture)",
    "nose": "around the nose",
    "mouth": "around the mouth",
    "forehead": "on the forehead",
    "chin": "on the chin",
    "left cheek": "on the left cheek (left in the picture)",
    "right cheek": "on the right cheek (right in the picture)",
    "edge of the face": "at the edge of the face or outside it",
}
"""Each region as it is said in a sentence."""
