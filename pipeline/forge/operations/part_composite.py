"""Part composite: another person's eyes, nose or mouth pasted in.

The experts of the CIPLAB set did so by hand ("Real and Fake Face Detection", Yonsei University, 2019). This is the
automatic counterpart: cut, paste and blend (Dwibedi et al., ICCV 2017) on landmark hulls. (Face X-ray, Li et al., CVPR
2020, takes such hulls.)
"""

from typing import Any

import numpy as np

from pipeline.face import REGIONS
from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import colour_gap, drift, lay_over, poisson, rim, shift_colours
from pipeline.forge.geometry.donors import look_apart, wears_glasses
from pipeline.forge.geometry.masks import bare_share, eye_distance, feather, oval, region
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

NAMES = tuple(REGIONS)
RELATIVE_SCALE = (0.6, 1.6)
"""A part may be this much smaller or larger than it would be on a donor's face of the subject's size."""
LARGEST_SHIFT = np.array([22.0, 10.0, 13.0])
"""Largest LAB shift that still looks like the same light; a part that needs more than that is refused."""
LEAST_BARE = 0.65
"""Least share of skin around a part, in both photos."""
LEFT_OVER = 6.0
"""Largest LAB distance between a part and its surroundings that is left unmatched."""
POISSON_DRIFT = 14.0
"""Largest drift of a part's own colour by Poisson blending before plain blending is taken instead."""

SCALE, DEGREES, SHIFT = (0.93, 1.07), 4.0, 0.025
"""How wrongly a part is laid: its size, its turn and its shift in eye distances, the last two either way."""
GROW, SOFTNESS = (0.08, 0.20), (0.35, 0.65)
"""How far around its hull a part is cut, in eye distances, and how much of that is its soft edge."""
MATCHED = (0.6, 1.0)
"""Share of the gap of colour that is closed."""
MORE_PARTS = 0.45
"""Chance of each part after the first, at full strength."""
BY_POISSON = 0.5
"""Share that is blended by gradients."""
LARGEST_SCALE = 2.2
"""How much a donor's part may be enlarged."""
MORE_BLOWN = 0.08
"""How much more of a part may be at the ends of the range than of what it covers."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Replace one to four parts; more `strength` makes more parts likely. Parts that would look absurd are refused."""
    assert donor is not None
    order = [int(index) for index in rng.permutation(4)]
    count = 1 + int(rng.binomial(3, MORE_PARTS * strength))
    rgb, mask = subject.rgb, np.zeros(subject.rgb.shape[:2], np.float32)
    steps: list[dict[str, Any]] = []
    bits = [False] * 4
    for index in order[:count]:
        rgb, alpha, step = _part(Subject(rgb, subject.landmarks), donor, NAMES[index], rng)
        mask, steps = 1 - (1 - mask) * (1 - alpha), [*steps, step]
        bits[index] = bool(alpha.any())
    if not mask.any():
        return leave_unchanged(subject, "; ".join(step["refused"] for step in steps))
    return Edit(rgb, mask, (bits[0], bits[1], bits[2], bits[3]), tuple(steps))


def _part(
    subject: Subject, donor: Subject, name: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Paste one part; return the picture, the (H, W) alpha and the step. A refusal leaves the picture as it is."""
    matrix, step = _place_part(subject, donor, name, rng)
    grow = float(rng.uniform(*GROW)) * eye_distance(subject.landmarks)
    mask = region(name, subject.landmarks, subject.rgb.shape, grow)
    layer = warping.warp(donor.rgb, matrix, subject.rgb.shape)
    band = rim(mask, 0.06 * eye_distance(subject.landmarks)) & (oval(subject.landmarks, mask.shape) > 0)
    gap = colour_gap(layer, subject.rgb, band)
    amount, blend = _amount(gap, rng), "poisson" if rng.random() < BY_POISSON else "feather"
    softness = float(rng.uniform(*SOFTNESS)) * grow
    reason = _refusal(subject, donor, name, matrix, gap)
    if reason:
        return subject.rgb, np.zeros_like(mask), {"part": name, "refused": reason}
    layer, alpha = shift_colours(layer, amount * gap), feather(mask, softness)
    if _blown_share(layer, mask) > _blown_share(subject.rgb, mask) + MORE_BLOWN:
        return subject.rgb, np.zeros_like(mask), {"part": name, "refused": f"{name}: its colours would burn out"}
    rgb, blend = _blend(subject.rgb, layer, mask, alpha, blend)
    return rgb, alpha, {**step, "grow_px": round(grow, 2), "colour": round(amount, 3), "blend": blend}


def _amount(gap: np.ndarray, rng: np.random.Generator) -> float:
    """Draw how much of a (3,) LAB gap is closed: 60 to 100 %, and enough to leave no more than `LEFT_OVER`."""
    return max(float(rng.uniform(*MATCHED)), 1 - LEFT_OVER / max(float(np.hypot.reduce(gap)), LEFT_OVER))


def _blown_share(rgb: np.ndarray, mask: np.ndarray) -> float:
    """Return the share of a mask where a channel of (H, W, 3) uint8 RGB is at its end."""
    ends = ((rgb >= 254) | (rgb <= 1)).any(axis=2)
    return float((ends * mask).sum() / max(float(mask.sum()), 1.0))


def _place_part(
    subject: Subject, donor: Subject, name: str, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the map from donor to subject that lays a part in its place, a little wrong, and its step."""
    points = list(REGIONS[name])
    goal = subject.landmarks[points]
    scale, degrees = float(rng.uniform(*SCALE)), float(rng.uniform(-DEGREES, DEGREES))
    shift = rng.uniform(-SHIFT, SHIFT, 2) * eye_distance(subject.landmarks)
    fit = warping.similarity(donor.landmarks[points], goal)
    matrix = warping.jitter(fit, goal.mean(axis=0), scale, degrees, shift)
    return matrix, {"part": name, "scale": round(scale, 3), "degrees": round(degrees, 2)}


def _refusal(subject: Subject, donor: Subject, name: str, matrix: np.ndarray, gap: np.ndarray) -> str:
    """Say why a part cannot be pasted well; empty where it can.

    Glasses: a frame on one eye alone, or none where the other eye has one, is a blunder, so parts near the eyes are
    refused unless neither wears any. Rimless glasses slip through.
    """
    relative = warping.scale_of(matrix) / warping.scale_of(warping.similarity(donor.landmarks, subject.landmarks))
    points, (height, width) = donor.landmarks[list(REGIONS[name])], donor.rgb.shape[:2]
    if not RELATIVE_SCALE[0] < relative < RELATIVE_SCALE[1]:
        return f"{name}: the donor's part has another size"
    if look_apart(subject, donor):
        return f"{name}: the two heads look in different directions"
    if warping.scale_of(matrix) > LARGEST_SCALE:
        return f"{name}: the donor is too small"
    if (points < 1).any() or (points >= (width - 1, height - 1)).any():
        return f"{name}: the donor's part is cut off"
    if (np.abs(gap) > LARGEST_SHIFT).any():
        return f"{name}: the donor's light differs too much"
    if min(_bare(donor, name), _bare(subject, name)) < LEAST_BARE:
        return f"{name}: hair, a beard or a hard shadow lies there"
    if name != "mouth" and (wears_glasses(subject) or wears_glasses(donor)):
        return f"{name}: one of the two seems to wear glasses"
    return ""


def _bare(face: Subject, name: str) -> float:
    """Return the share of bare skin around a part."""
    around = region(name, face.landmarks, face.rgb.shape, 0.15 * eye_distance(face.landmarks))
    return bare_share(face.rgb, face.landmarks, around)


def _blend(
    base: np.ndarray, layer: np.ndarray, mask: np.ndarray, alpha: np.ndarray, blend: str
) -> tuple[np.ndarray, str]:
    """Blend a part in; Poisson gives way to a feathered edge where it would carry a foreign colour inside."""
    if blend == "poisson":
        cloned = poisson(base, layer, mask)
        if drift(cloned, layer, alpha > 0.5) < POISSON_DRIFT:
            return lay_over(base, cloned, alpha), "poisson"
    return lay_over(base, layer, alpha), "feather"


OPERATION = Operation("part_composite", "facetune", "part composite", True, edit)
