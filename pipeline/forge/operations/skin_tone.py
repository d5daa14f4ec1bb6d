"""Skin tone: patches evened out, then tanned, paled, warmed or cooled, while pores and shading of the skin stay.

Only the low frequencies of the skin's LAB move, the retoucher's frequency separation; they are taken over skin alone
by normalised convolution (Knutsson and Westin, CVPR 1993), so that brows, lips and hair do not bleed in. That even
tone reads as youth and health is Fink, Grammer and Matts (Evolution and Human Behavior 2006).
"""

import cv2
import numpy as np

from pipeline.face import OVAL
from pipeline.forge.geometry.blending import lay_over, to_lab, to_rgb
from pipeline.forge.geometry.masks import (
    covered_regions,
    eye_distance,
    feather,
    polygon,
    skin,
    skin_likeness,
    soften,
    tight_features,
)
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

FOREHEAD, BRIDGE, CHIN = 10, 168, 152
TONES = {
    "even": (1.5, 0.0, 0.0),
    "tan": (-9.0, 3.5, 8.0),
    "pale": (7.5, -3.0, -4.0),
    "warm": (1.0, 3.0, 7.0),
    "cool": (1.5, 1.0, -7.0),
}
"""LAB shifts laid on after evening out."""
FINE = 50.0
"""Eye distance in pixels at which a smooth outline is drawn."""
LEAST_SKIN = 0.05
"""Least share of the square around the face that must look like skin."""

SIZE = (0.6, 1.0)
"""Share of a tone's shift."""
EVENED_LIGHT, EVENED_COLOUR = (0.25, 0.5), (0.5, 0.85)
"""Shares of the patches' lightness and colour that are taken out."""
FINE_PATCH, WIDE_PATCH = 0.06, 0.45
"""Patches lie between these sizes, in eye distances."""
LARGEST_PATCH = 12.0
"""Most lightness that is taken out; more is shading."""
COVERED = 0.5
"""Least share of a part that counts as edited."""


def skin_to_tone(subject: Subject) -> np.ndarray:
    """Return the (H, W) float32 skin whose tone moves: up into the forehead, to the eyes' rims, under the brows' hair.

    A retoucher's skin mask stops short of these; a tone that does would leave a pale band around eyes and hairline.
    """
    points, unit, shape = subject.landmarks, eye_distance(subject.landmarks), subject.rgb.shape
    place = _outline(points, unit, shape)
    like = soften(skin_likeness(subject.rgb, points), 0.04 * unit)
    free = 1 - soften(tight_features(points, shape), 0.012 * unit)
    return (place * like * free).astype(np.float32)


def _outline(landmarks: np.ndarray, unit: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return the oval, drawn up into the forehead and fading out there; made small, as it is smooth, then enlarged."""
    factor = min(1.0, FINE / unit)
    points = landmarks * factor
    small = (max(1, round(shape[0] * factor)), max(1, round(shape[1] * factor)))
    outline = points[list(OVAL)].astype(np.float32)
    up = points[FOREHEAD] - points[CHIN]
    up = up / max(float(np.hypot(*up)), 1e-6)
    high = np.clip((outline - points[BRIDGE]) @ up / (unit * factor), 0, 1)
    raised = polygon(outline + (0.5 * unit * factor * high)[:, None] * up, small)
    place = np.maximum(
        feather(raised, 0.30 * unit * factor), feather(polygon(outline, small), max(0.08 * unit * factor, 1))
    )
    return cv2.resize(place, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def low_part(values: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """Blur (H, W, C) float32 by `sigma` pixels, each pixel by its weight. It is made small, as it is smooth."""
    factor = min(1.0, 3 / sigma)
    small = (max(1, round(weight.shape[1] * factor)), max(1, round(weight.shape[0] * factor)))
    stacked = np.dstack([values * weight[..., None], weight])
    blurred = cv2.GaussianBlur(cv2.resize(stacked, small, interpolation=cv2.INTER_AREA), (0, 0), sigma * factor)
    low = cv2.resize(blurred[..., :-1] / np.maximum(blurred[..., -1:], 1e-3), weight.shape[::-1])
    return low.astype(np.float32)


def even_out(lab: np.ndarray, weight: np.ndarray, unit: float, amount: tuple[float, float]) -> np.ndarray:
    """Take patches out of skin: what is between a spot's size and a cheek's, of lightness less than of colour.

    Args:
        lab: (H, W, 3) float32.
        weight: (H, W) float32 in [0, 1]; what is skin.
        unit: eye distance in pixels.
        amount: shares of lightness and of colour that are taken out.
    """
    patches = low_part(lab, weight, FINE_PATCH * unit) - low_part(lab, weight, WIDE_PATCH * unit)
    patches[..., 0] = np.clip(patches[..., 0], -LARGEST_PATCH, LARGEST_PATCH)
    return lab - patches * weight[..., None] * np.array([amount[0], amount[1], amount[1]], np.float32)


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Even the tone and shift it; `strength` is the share of both."""
    unit, tone = eye_distance(subject.landmarks), str(rng.choice(sorted(TONES)))
    size, even = float(rng.uniform(*SIZE)), (float(rng.uniform(*EVENED_LIGHT)), float(rng.uniform(*EVENED_COLOUR)))
    whole = skin(subject.rgb, subject.landmarks)
    if whole.mean() < LEAST_SKIN:
        return leave_unchanged(subject, "too little bare skin")
    lab = to_lab(subject.rgb)
    shift = np.array(TONES[tone], np.float32) * np.float32(size)
    place = skin_to_tone(subject)
    mask = place * np.float32(strength)
    rgb = lay_over(subject.rgb, to_rgb(even_out(lab, whole, unit, even) + shift), mask)
    step = {"tone": tone, "lab": [round(float(value), 2) for value in shift], "evened": [round(one, 3) for one in even]}
    return Edit(rgb, mask, covered_regions(place, subject.landmarks, COVERED), ({**step, "strength": strength},))


OPERATION = Operation("skin_tone", "facetune", "retouch", False, edit)
