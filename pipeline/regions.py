"""Which part of a face a point lies in, in words, from the landmarks; and region bits, which say what was edited."""

import cv2
import numpy as np

from models.regions import REGION_NAMES
from pipeline.face import LIPS, OVAL, REGIONS

RegionBits = tuple[bool, ...]
"""One a part of `REGION_NAMES`: whether it was edited. Stored as text: "0101"; "" where it is not known."""


def region_bits(text: str) -> RegionBits | None:
    """Read region bits such as "0101"; None for any other text: what was edited is not known."""
    if len(text) != len(REGION_NAMES) or set(text) - {"0", "1"}:
        return None
    return tuple(bit == "1" for bit in text)


def parts_of(text: str) -> tuple[str, ...]:
    """Name the parts of `REGION_NAMES` that region bits such as "0101" mark as edited.

    Raises:
        ValueError: the text is no region bits; ask `region_bits` where it may be.
    """
    bits = region_bits(text)
    if bits is None:
        raise ValueError(f"“{text}” are no region bits: one of 0 and 1 a part of {', '.join(REGION_NAMES)}")
    return tuple(name for name, edited in zip(REGION_NAMES, bits, strict=True) if edited)


GROWTH = {"left eye": 1.25, "right eye": 1.25, "nose": 1.15, "mouth": 1.35}
"""How far a part's hull is grown about its centre: edits reach over the rim of what they change.

Measured by `python -m pipeline parts` against 58 parts of composites by experts: no size between 1.15 and 1.5 overlaps
them better than these by more than .013, a sixth of the interval. This forge's own edits reach to 1.35 and 1.45.
"""


def part_hull(landmarks: np.ndarray, region: str, growth: float | None = None) -> np.ndarray:
    """Return the convex hull of one of the four labelled parts, grown about its centre: the one outline of a part.

    Args:
        landmarks: (468, 2).
        region: one of `REGION_NAMES`.
        growth: factor; None for the part's own, see `GROWTH`.

    Returns:
        (K, 2) float32 in the landmarks' pixels.
    """
    points = landmarks[list(REGIONS[region])]
    centre = points.mean(axis=0)
    factor = GROWTH[region] if growth is None else growth
    return cv2.convexHull((centre + (points - centre) * factor).astype(np.float32))[:, 0]


def cover_of(landmarks: np.ndarray, side: int, cells: tuple[int, int]) -> np.ndarray:
    """Return how much of each cell of a crop lies in each of the four parts, (4, h, w) float32 in [0, 1].

    Args:
        landmarks: (468, 2), in the crop's pixels.
        side: of the crop, in pixels.
        cells: (h, w) of the grid that is laid over it.
    """
    drawn = np.zeros((len(REGIONS), side, side), np.float32)
    for part, region in zip(drawn, REGIONS, strict=True):
        cv2.fillConvexPoly(part, np.rint(part_hull(landmarks, region) - 0.5).astype(np.int32), 1.0)  # i to i + 1
    return np.stack([cv2.resize(part, cells[::-1], interpolation=cv2.INTER_AREA) for part in drawn])


def region_of(point: tuple[float, float], landmarks: np.ndarray) -> str:
    """Name the part of the face that a point lies in.

    Args:
        point: x, y in the landmarks' pixels.
        landmarks: (468, 2).

    Returns:
        A key of `PHRASES`: "edge of the face" for a point outside the oval. Left and right are the picture's.
    """
    depth = {name: cv2.pointPolygonTest(part_hull(landmarks, name), point, True) for name in REGIONS}
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
