"""Recolouring: the hair dyed, or all bare skin given another tint, through a soft mask; light and shade stay.

Hair is found as phone apps without a network find it: it has the colour of the strip above the forehead and lies above
and around the face (Yacoob and Davis, "Detection and Analysis of Hair", PAMI 2006). Skin is chosen by its colour, as
"select by colour range" does, and goes on to ears and neck: that tells it from a retouched tone. Lightness is scaled,
so that what is black stays black, and colours move in LAB by as much as a pixel is light (Reinhard et al., IEEE CG&A
2001, move the mean alone).
"""

import cv2
import numpy as np

from pipeline.face import OVAL
from pipeline.forge.geometry.blending import lay_over, to_lab, to_rgb
from pipeline.forge.geometry.masks import (
    BROWS,
    cheek_pixels,
    colour_likeness,
    covered_regions,
    eye_distance,
    hull,
    oval,
    skin_likeness,
    soften,
    tight_features,
)
from pipeline.forge.geometry.swap_masks import LOWER_OVAL
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

BY_HAIR = 0.6
"""Share of edits that dye hair; the others tint skin."""
DYES = {
    "ash": (0.95, -5.0, -13.0),
    "auburn": (0.90, 17.0, 9.0),
    "black": (0.55, -4.0, -9.0),
    "blond": (1.45, 2.0, 15.0),
    "blue": (0.95, 2.0, -34.0),
    "copper": (1.10, 19.0, 24.0),
    "pink": (1.15, 34.0, -2.0),
    "violet": (0.90, 24.0, -26.0),
}
"""Of hair: factor on lightness, and LAB shift of colour at the hair's own lightness."""
TINTS = {
    "bronze": (0.86, 5.0, 13.0),
    "olive": (0.95, -7.0, 7.0),
    "orange": (0.95, 8.0, 18.0),
    "porcelain": (1.13, -5.0, -8.0),
    "rose": (1.03, 10.0, -3.0),
}
"""Likewise of skin."""
SIZE = (0.6, 1.0)
"""Share of a dye or tint."""
SATURATION = (0.75, 1.3)
"""Factor on the colours that were there."""
LEAST_LIGHT, MOST_LIGHT = 0.35, 1.5
"""Lightness over the region's own between which colours move by as much as a pixel is light."""
WHOLE_LIGHT, LEAST_TAKEN = 65.0, 0.35
"""Lightness from which a region takes a colour wholly, and what of it the darkest takes: black hair hardly any."""

TOP = (*OVAL[-3:], *OVAL[:4])
"""The oval's landmarks at the forehead."""
FOREHEAD, CHIN = 10, 152
STRIP = (0.22, 0.70)
"""How far above them hair is looked for, in eye distances."""
HAIR_SPREAD = (10.0, 4.0, 6.0)
"""LAB spread that even smooth hair is taken to have."""
UNLIKE, APART = 0.8, 12.0
"""Likeness to skin below which a place of the strip may be hair, and the least LAB distance of hair from skin."""
LEAST_STRIP = 0.25
"""Least share of the strip that is unlike skin: with less, there is no hair, or too little."""
BLUEST, BLUER, MOST_COLOUR = -5.0, 20.0, 45.0
"""Hair is in no light both bluer than this and so much bluer than skin, nor stronger: a hat, or the sky, is refused."""
BEHIND = 0.5
"""Largest share of what lies further around the head that may have the hair's colour: with more, it is the wall."""
MIXED = 20.0
"""Largest spread of the strip's lightness: with more, it is hair and what lies behind."""
AROUND = (0.45, 1.1)
"""How far from the oval hair certainly, and at most, lies, in eye distances."""
BELOW = (-0.3, 0.5)
"""Likewise how far below the chin."""
NECK = (0.6, 0.9)
"""Beside the neck hair hangs further down: how far from the chin's column that begins, and is whole."""
BESIDE = (0.45, 1.1)
"""How far from the oval skin is taken wholly, and at most: ears and neck."""
ALIKE = (0.45, 0.85)
"""Likeness to the cheeks' colour below which nothing is skin, and from which all is."""
UNEVEN = 13.0
"""Largest spread of the cheeks' lightness: in a harder light no colour tells the skin."""
LEAST_REGION = 0.02
"""Least share of the square around the face that is coloured."""
COVERED = 0.5
"""Least share of a part that counts as edited."""


def hair(subject: Subject, lab: np.ndarray) -> tuple[np.ndarray, str]:
    """Return where hair is, (H, W) float32 in [0, 1], or why it could not be told.

    Args:
        subject: the face.
        lab: its picture's.
    """
    points, unit, shape = subject.landmarks, eye_distance(subject.landmarks), lab.shape
    like = skin_likeness(subject.rgb, points)
    up = points[FOREHEAD] - points[CHIN]
    up = up / max(float(np.hypot(*up)), 1e-6)
    strip = hull(np.concatenate([points[list(TOP)] + unit * far * up for far in STRIP]), shape) > 0.5
    place = strip & (like < UNLIKE)
    if place.sum() < max(LEAST_STRIP * strip.sum(), 12):
        return np.zeros_like(like), "there is no hair above the forehead"
    colour, spread = np.median(lab[place], axis=0), lab[place].std(axis=0)
    cheeks = np.median(cheek_pixels(lab, points), axis=0)
    if np.linalg.norm(colour - cheeks) < APART:
        return np.zeros_like(like), "the hair has the skin's colour"
    if colour[2] < min(BLUEST, cheeks[2] - BLUER) or np.hypot(colour[1], colour[2]) > MOST_COLOUR:
        return np.zeros_like(like), "what lies above the forehead has no colour of hair"
    if spread[0] > MIXED:
        return np.zeros_like(like), "the hair could not be told from what lies behind it"
    small = cv2.GaussianBlur(lab, (0, 0), max(0.02 * unit, 0.5))
    alike = colour_likeness(small, colour, np.maximum(spread, HAIR_SPREAD).astype(np.float32) * np.float32(0.7))
    alike = alike * np.clip(0.5 + 2 * (alike - like), 0, 1)
    face = hull(points[[*BROWS[0], *BROWS[1], *LOWER_OVAL]], shape, 0.02 * unit)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x, y = columns - points[CHIN, 0], rows - points[CHIN, 1]
    below, aside = -(x * up[0] + y * up[1]) / unit, np.abs(y * up[0] - x * up[1]) / unit
    out = outside(points, shape) / unit
    hanging = np.maximum(1 - fading(aside, NECK), fading(below + NECK[0], BELOW))
    near = fading(out, AROUND) * fading(below, BELOW) * hanging
    behind = (out > AROUND[1]) & (below < 0)
    if alike[behind].sum() > BEHIND * behind.sum():
        return np.zeros_like(like), "what lies behind has the hair's colour"
    return soften(alike * near * (1 - face), 0.015 * unit), ""


def outside(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return (H, W) float32 of how many pixels each lies outside the oval; 0 within."""
    free = (oval(landmarks, shape) < 0.5).astype(np.uint8)
    return cv2.distanceTransform(free, cv2.DIST_L2, 5) if not free.all() else np.full(shape[:2], 1e4, np.float32)


def fading(far: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Return 1 up to the first limit and 0 from the second on."""
    return np.clip((limits[1] - far) / (limits[1] - limits[0]), 0, 1).astype(np.float32)


def bare(subject: Subject, lab: np.ndarray) -> tuple[np.ndarray, str]:
    """Return all bare skin, (H, W) float32, of the face up to eyes and lips, of ears and neck; or why it is not told.

    Args:
        subject: the face.
        lab: its picture's.
    """
    points, unit = subject.landmarks, eye_distance(subject.landmarks)
    like = np.clip((skin_likeness(subject.rgb, points) - ALIKE[0]) / (ALIKE[1] - ALIKE[0]), 0, 1)
    if cheek_pixels(lab, points)[:, 0].std() > UNEVEN:
        return np.zeros_like(like), "the light on the face is too hard"
    free = 1 - soften(tight_features(points, like.shape), 0.012 * unit)
    return soften(like, 0.03 * unit) * free * fading(outside(points, like.shape) / unit, BESIDE), ""


def coloured(lab: np.ndarray, middle: float, change: np.ndarray, saturation: float) -> np.ndarray:
    """Return (H, W, 3) LAB with the lightness scaled by change[0] and the colours moved by change[1:].

    Args:
        lab: float32.
        middle: the region's own lightness.
        change: (3,) of `DYES` or `TINTS`.
        saturation: factor on the colours that were there.
    """
    depth = np.clip(lab[..., :1] / max(middle, 1.0), LEAST_LIGHT, MOST_LIGHT)
    light = np.clip(lab[..., :1] * np.float32(change[0]), 0, 100)
    depth = depth * np.clip(middle / WHOLE_LIGHT, LEAST_TAKEN, 1)
    colours = lab[..., 1:] * np.float32(saturation) + depth * change[1:].astype(np.float32)
    return np.concatenate([light, colours], axis=2)


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Dye the hair or tint the skin; `strength` is the share of it."""
    part = "hair" if rng.random() < BY_HAIR else "skin"
    colours = DYES if part == "hair" else TINTS
    name, saturation = str(rng.choice(sorted(colours))), float(rng.uniform(*SATURATION))
    size = float(rng.uniform(*SIZE))
    lab = to_lab(subject.rgb)
    place, reason = hair(subject, lab) if part == "hair" else bare(subject, lab)
    if not reason and place.mean() < LEAST_REGION:
        reason = f"too little {part} is to be seen"
    if reason:
        return leave_unchanged(subject, reason)
    factor, *shift = colours[name]
    change = np.array([1 + size * (factor - 1), *(size * one for one in shift)])
    middle = float(np.median(lab[..., 0][place > 0.5])) if (place > 0.5).any() else 50.0
    mask = place * np.float32(strength)
    rgb = lay_over(subject.rgb, to_rgb(coloured(lab, middle, change, saturation)), mask)
    step = {"part": part, "colour": name, "change": [round(float(one), 3) for one in change]}
    bits = covered_regions(place, subject.landmarks, COVERED)
    return Edit(rgb, mask, bits, ({**step, "saturation": round(saturation, 3), "strength": strength},))


OPERATION = Operation("recolour", "facetune", "retouch", False, edit, since=2)
