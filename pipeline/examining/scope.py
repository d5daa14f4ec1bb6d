"""Is a photo of the kind that a release was trained on? Plain facts of the face, each held against training's range.

Distances in a network's own features would say more, but a network is often surest just where it knows least (Hein et
al., CVPR 2019), and nobody could say to an analyst what such a distance means. A fact has a name.
"""

from collections.abc import Mapping

import cv2
import numpy as np
import pandas as pd

from models.errors import WeightsMismatch

FACTS = ("sharpness", "brightness", "contrast", "saturation", "clipped", "noise", "turned")
BELOW = {"sharpness": "too_blurred", "brightness": "too_dark"}
ABOVE = {"brightness": "too_bright", "turned": "turned_away"}
UNLIKE = "unlike_training"
"""Codes of `pipeline.verdict.REASONS`: by the fact that lies below or above its range, and that for all others."""

ONE_SIDED = ("clipped", "noise", "turned")
"""Facts of which there cannot be too little."""
LOW, HIGH = 0.005, 0.995
LEAST = 100
"""Photos that a source must have for its own range to count."""

NOSE_TIP, LEFT_EDGE, RIGHT_EDGE = 1, 234, 454
_STEPS = np.arange(256)
_CURVED = np.array([1, -2, 1], np.float32)


def facts_of(crop: np.ndarray, landmarks: np.ndarray) -> dict[str, float]:
    """Measure a face; only what lies in the landmarks' hull counts, so that no background decides.

    Args:
        crop: (S, S, 3) uint8 RGB in the fixed container.
        landmarks: (468, 2) in the crop's pixels.

    Returns:
        Each fact of `FACTS`, luma and saturation from 0 to 255:

        - sharpness: variance of the Laplacian of the luma (Pech-Pacheco et al., ICPR 2000).
        - brightness, contrast: mean and standard deviation of the luma.
        - saturation: mean of HSV's.
        - clipped: share of pixels with a luma of at most 2 or at least 253.
        - noise: standard deviation of the noise (Immerkær, CVIU 1996), in steps of luma.
        - turned: how far the head is turned to a side, see `head_turn`.
    """
    inside = _hull(crop.shape[:2], landmarks)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    luma = cv2.calcHist([grey], [0], inside, [256], [0, 256]).ravel() / np.count_nonzero(inside)
    brightness = float(luma @ _STEPS)
    laplacian = cv2.Laplacian(grey, cv2.CV_16S)
    noise = np.abs(cv2.sepFilter2D(grey, cv2.CV_16S, _CURVED, _CURVED))
    return {
        "sharpness": float(cv2.meanStdDev(laplacian, mask=inside)[1].item() ** 2),
        "brightness": brightness,
        "contrast": float(luma @ (_STEPS - brightness) ** 2) ** 0.5,
        "saturation": cv2.mean(cv2.cvtColor(crop, cv2.COLOR_RGB2HSV), inside)[1],
        "clipped": float(luma[:3].sum() + luma[253:].sum()),
        "noise": cv2.mean(noise, inside)[0] * (np.pi / 2) ** 0.5 / 6,
        "turned": head_turn(landmarks),
    }


def _hull(shape: tuple[int, ...], landmarks: np.ndarray) -> np.ndarray:
    """Return where the face is, (S, S) uint8, 1 there; everywhere where the hull lies outside the crop."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(landmarks).astype(np.int32)), 1)
    return mask if mask.any() else np.ones(shape, np.uint8)


def head_turn(landmarks: np.ndarray) -> float:
    """Return how far a head is turned to a side: 0 frontal, 1 where the nose's tip lies on the face's outline, or more.

    Args:
        landmarks: (468, 2) in any frame and scale.
    """
    left, right, nose = (landmarks[index].astype(float) for index in (LEFT_EDGE, RIGHT_EDGE, NOSE_TIP))
    across = right - left
    share = float((nose - left) @ across / max(float(across @ across), 1e-9))
    return abs(2 * share - 1)


def scope_limits(facts: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return for each fact the range outside which a release does not judge.

    The range holds the middle 99 % of every training source of at least 100 photos, so that a small source counts as
    much as a large one; where there is none, the middle 99 % of all.

    Args:
        facts: one row a training photo, a column for each of `FACTS`, and `source`.
    """
    known = facts[facts.groupby("source").source.transform("size") >= LEAST]
    sources = known.source if len(known) else pd.Series("all", facts.index)
    by_source = (known if len(known) else facts)[list(FACTS)].groupby(sources)
    low, high = by_source.quantile(LOW).min(), by_source.quantile(HIGH).max()
    return {f: (0.0 if f in ONE_SIDED else round(float(low[f]), 4), round(float(high[f]), 4)) for f in FACTS}


def scope_codes(facts: Mapping[str, float], limits: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return the codes of what puts a photo out of scope, each once; none without limits.

    Args:
        facts: from `facts_of`.
        limits: a release's `scope`.

    Raises:
        WeightsMismatch: the release limits a fact that this version does not measure.
    """
    if unknown := set(limits) - set(facts):
        raise WeightsMismatch(f"The release limits facts that are not measured here: {', '.join(sorted(unknown))}.")
    codes = [_code(fact, facts[fact], *limits[fact]) for fact in limits]
    return tuple(dict.fromkeys(code for code in codes if code))


def _code(fact: str, value: float, low: float, high: float) -> str:
    if value < low:
        return BELOW.get(fact, UNLIKE)
    return ABOVE.get(fact, UNLIKE) if value > high else ""
