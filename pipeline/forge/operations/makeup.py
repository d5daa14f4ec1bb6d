"""Make-up and whitening: lips and cheeks coloured, teeth and eyes whitened.

Colour moves in LAB and keeps the skin's own light and shade, after Guo and Sim, "Digital Face Makeup by Example"
(CVPR 2009); whitening lowers saturation and lifts lightness where pixels already are pale.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.face import LIPS
from pipeline.forge.geometry.blending import to_lab, to_rgb
from pipeline.forge.geometry.masks import EYES, INNER_LIPS, cheek_pixels, eye_distance, feather, polygon, skin, soften
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

APPLES = ((50, 205), (280, 425))
LIP_COLOURS = np.array([(-6, 26, 8), (-10, 30, 12), (-4, 20, -2), (-14, 24, 2), (2, 18, 14), (-8, 34, 14)], np.float32)
"""LAB shifts. In order: rose, red, pink; plum, coral, scarlet."""
BLUSH = np.array([(-2, 11, 4), (-1, 9, 8), (-3, 12, -1)], np.float32)
WHITE = np.array([11, -2, -4], np.float32)
PALE = np.array([10, 0, -9], np.float32)
AMOUNT = (0.6, 1.0)
"""Share of the colour shift at full strength."""
WHITENING = (0.8, 1.3)
"""How strong a whitening is, of `PALE` and `WHITE`."""
LEAST_ALPHA = 0.2
"""A way whose alpha nowhere reaches this finds nothing there to colour."""
LIGHTEST_TEETH, LIGHTEST_WHITES = 45, 35
"""Lightness from which teeth, and the whites of eyes, are told from what surrounds them."""

Layer = tuple[np.ndarray, np.ndarray]
"""A (H, W) float32 alpha in [0, 1] and the (3,) LAB shift laid on there."""


def lips(subject: Subject, lab: np.ndarray, rng: np.random.Generator) -> Layer:
    """Colour the lips, sparing teeth."""
    points, unit = subject.landmarks, eye_distance(subject.landmarks)
    whole = polygon(points[list(LIPS)], lab.shape) - polygon(points[list(INNER_LIPS)], lab.shape)
    mask = feather(soften(np.clip(whole, 0, 1), 0.012 * unit), 0.03 * unit)
    red = np.median(lab[..., 1][mask > 0.5]) if (mask > 0.5).any() else 0
    flesh = np.clip((lab[..., 1] - red + 14) / 6, 0, 1).astype(np.float32)
    return mask * soften(flesh, 0.01 * unit), LIP_COLOURS[rng.integers(len(LIP_COLOURS))]


def cheeks(subject: Subject, lab: np.ndarray, rng: np.random.Generator) -> Layer:
    """Lay blush on both cheeks."""
    unit = eye_distance(subject.landmarks)
    rows, columns = np.mgrid[: lab.shape[0], : lab.shape[1]].astype(np.float32)
    mask = np.zeros(lab.shape[:2], np.float32)
    for apple in APPLES:
        x, y = subject.landmarks[list(apple)].mean(axis=0)
        square = ((columns - x) ** 2 + ((rows - y) * 1.3) ** 2) / (0.42 * unit) ** 2
        mask = np.maximum(mask, np.clip(1 - square, 0, 1) ** 2)
    return mask * skin(subject.rgb, subject.landmarks), BLUSH[rng.integers(len(BLUSH))]


def teeth(subject: Subject, lab: np.ndarray, rng: np.random.Generator) -> Layer:
    """Whiten teeth where the mouth is open."""
    mouth = polygon(subject.landmarks[list(INNER_LIPS)], lab.shape)
    return _pale(mouth, lab, subject.landmarks, LIGHTEST_TEETH), PALE * np.float32(rng.uniform(*WHITENING))


def whites(subject: Subject, lab: np.ndarray, rng: np.random.Generator) -> Layer:
    """Whiten the whites of the eyes."""
    points = subject.landmarks
    mask = np.maximum(*(_pale(polygon(points[list(eye)], lab.shape), lab, points, LIGHTEST_WHITES) for eye in EYES))
    return mask, WHITE * np.float32(rng.uniform(*WHITENING))


def _pale(mask: np.ndarray, lab: np.ndarray, landmarks: np.ndarray, lightest: float) -> np.ndarray:
    """Keep of a mask what is light and less red than the cheeks, softened."""
    unit = eye_distance(landmarks)
    inside = mask > 0.5
    if inside.sum() < 0.0008 * unit**2 + 6:
        return np.zeros_like(mask)
    middle = float(np.median(lab[..., 0][inside]))
    light = np.clip((lab[..., 0] - max(lightest, middle - 4)) / 10, 0, 1)
    grey = np.clip((np.median(cheek_pixels(lab, landmarks)[:, 1]) - lab[..., 1]) / 4, 0, 1)
    return (soften(light * grey * mask, 0.008 * unit) * mask).astype(np.float32)


WAYS: dict[str, Callable[[Subject, np.ndarray, np.random.Generator], Layer]] = {
    "cheeks": cheeks, "lips": lips, "teeth": teeth, "whites": whites,
}  # fmt: skip
BITS = {"cheeks": (), "lips": (3,), "teeth": (3,), "whites": (0, 1)}


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Apply two to four of the ways; `strength` is the share of the colour shift."""
    lab = to_lab(subject.rgb)
    mask, bits = np.zeros(lab.shape[:2], np.float32), [False] * 4
    steps: list[dict[str, Any]] = []
    shift = np.zeros_like(lab)
    for name in sorted(rng.choice(sorted(WAYS), size=int(rng.integers(2, 5)), replace=False).tolist()):
        amount = float(rng.uniform(*AMOUNT)) * strength
        alpha, colour = WAYS[name](subject, lab, rng)
        step = {"way": name, "amount": round(amount, 3), "lab": [round(float(c), 2) for c in colour]}
        if alpha.max() < LEAST_ALPHA:
            steps.append({"way": name, "refused": "nothing there to colour"})
            continue
        shift += alpha[..., None] * np.float32(amount) * colour
        mask, steps = np.maximum(mask, alpha * np.float32(amount)), [*steps, step]
        for index in BITS[name]:
            bits[index] = True
    if not mask.any():
        return leave_unchanged(subject, "nothing there to colour")
    rgb = np.where(mask[..., None] > 0, to_rgb(lab + shift), subject.rgb)
    return Edit(rgb, mask, (bits[0], bits[1], bits[2], bits[3]), tuple(steps))


OPERATION = Operation("makeup", "facetune", "retouch", False, edit)
