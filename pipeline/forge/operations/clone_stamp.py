"""Clone stamp and healing brush: calm skin is copied over restless skin, with strokes of a soft round brush.

The stamp copies pixels as they are; the healing brush copies detail alone and keeps the goal's own light and colour
(Georgiev, "Photoshop Healing Brush", ECCV workshops 2004; here by frequencies, as retouchers heal on a layer of
texture). What is left is skin that is there twice, which detectors of copy and move look for (Christlein et al., IEEE
Transactions on Information Forensics and Security 2012).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from pipeline.forge.geometry.blending import to_bytes, to_lab
from pipeline.forge.geometry.masks import covered_regions, eye_distance, skin, soften
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

STROKES = (4, 12)
"""Strokes at strength 0, and at strength 1."""
RADIUS, LENGTH = (0.05, 0.13), (0.0, 0.35)
"""Of the brush and of a stroke, in eye distances."""
SOFTNESS = (0.4, 1.0)
"""Share of the brush's radius over which it fades out."""
OPACITY = (0.75, 1.0)
"""Of a stroke, at full strength."""
OFFSET = (0.16, 0.50)
"""How far beside a stroke its skin is taken, in eye distances."""
HEALED = 0.55
"""Share of strokes that keep the goal's light and colour."""
TONE = (0.06, 0.11)
"""What counts as light and colour, not as detail, is coarser than this many eye distances."""
GOALS, SOURCES = 6, 12
"""Places that are looked at for each stroke: the most restless is covered, from the calmest of like tone."""
LARGEST_GAP = (4.0, 12.0)
"""Largest LAB distance between a stamp's goal and its source, and the same of a healing brush."""
PULL = 0.5
"""How much restlessness a source may have for each unit of that distance, squared, by which it is nearer."""
REACH = ((-1.0, 1.0), (-0.7, 1.6))
"""Where they lie, across and down from the nose's bridge, in eye distances."""
WITHIN = 0.85
"""Least share of skin around a place."""
LEAST_SKIN = 0.05
"""Least share of the square around the face that must look like skin."""
BRIDGE = 168
RESTLESS = (0.02, 0.06)
"""Restlessness is what is finer than this, and its mean over that, in eye distances."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A face, and what its strokes are chosen by.

    Attributes:
        subject: the face.
        unit: eye distance in pixels.
        bare: (H, W) float32, the skin; no stroke leaves it, and none copies anything else.
        around: (H, W) float32, the share of skin around each place.
        unrest: (H, W) float32, how strongly light varies there.
        tone: (H, W, 3) float32 LAB, light and colour without detail.
    """

    subject: Subject
    unit: float
    bare: np.ndarray
    around: np.ndarray
    unrest: np.ndarray
    tone: np.ndarray

    @classmethod
    def of(cls, subject: Subject) -> "Canvas":
        """Look at a face."""
        unit, bare = eye_distance(subject.landmarks), skin(subject.rgb, subject.landmarks)
        lab = to_lab(subject.rgb)
        light = lab[..., 0]
        fine = light - soften(light, RESTLESS[0] * unit)
        unrest = soften(fine * fine, RESTLESS[1] * unit)
        return cls(subject, unit, bare, soften(bare, RADIUS[0] * unit), unrest, soften(lab, RADIUS[0] * unit))

    def at(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how restless (N, 2) places are, which of them lie within the skin, and their (N, 3) tones."""
        limits = (self.bare.shape[1] - 1, self.bare.shape[0] - 1)
        x, y = np.clip(np.rint(places), 0, limits).astype(int).T
        inside = ((places >= 0) & (places <= limits)).all(axis=1)
        return self.unrest[y, x], inside & (self.around[y, x] > WITHIN), self.tone[y, x]


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stroke of the brush.

    Attributes:
        box: where it lies, x0, y0, x1, y1 in pixels.
        alpha: (y1 - y0, x1 - x0) float32.
        offset: (2,) whole pixels at which its skin is taken.
        healed: whether it keeps the goal's light and colour.
        step: how it was drawn.
    """

    box: tuple[int, int, int, int]
    alpha: np.ndarray
    offset: np.ndarray
    healed: bool
    step: dict[str, Any]


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Paint strokes; more `strength` paints more of them, and more opaquely."""
    canvas, picture = Canvas.of(subject), subject.rgb.astype(np.float32)
    if canvas.bare.mean() < LEAST_SKIN:
        return leave_unchanged(subject, "too little bare skin")
    tone = cv2.GaussianBlur(picture, (0, 0), max(1.0, float(rng.uniform(*TONE)) * canvas.unit))
    share = np.float32((0.6 + 0.4 * strength) * min(1.0, 4 * strength))
    made, clear = picture.copy(), np.ones(subject.rgb.shape[:2], np.float32)
    drawn = [_stroke(canvas, rng) for _ in range(round(float(np.interp(strength, (0, 1), STROKES))))]
    strokes = [stroke for stroke in drawn if stroke is not None and stroke.alpha.any()]
    for stroke in strokes:
        x0, y0, x1, y1 = stroke.box
        here, alpha = np.s_[y0:y1, x0:x1], stroke.alpha * share
        layer = moved(picture, stroke.offset, stroke.box)
        if stroke.healed:
            layer = tone[here] + layer - moved(tone, stroke.offset, stroke.box)
        made[here] = made[here] * (1 - alpha[..., None]) + layer * alpha[..., None]
        clear[here] *= 1 - alpha
    if not strokes:
        return leave_unchanged(subject, "no two places of bare skin are near and like enough")
    mask = 1 - clear
    steps = tuple({"way": "heal" if one.healed else "clone", **one.step} for one in strokes)
    return Edit(to_bytes(made), mask, covered_regions(mask, subject.landmarks), steps)


def _stroke(canvas: Canvas, rng: np.random.Generator) -> Stroke | None:
    """Draw a stroke; None where no place that was looked at is skin, or has skin of like tone beside it."""
    unit, shape, healed = canvas.unit, canvas.bare.shape, bool(rng.random() < HEALED)
    goals = canvas.subject.landmarks[BRIDGE] + unit * np.stack([rng.uniform(*reach, GOALS) for reach in REACH], axis=1)
    unrest, within, tones = canvas.at(goals)
    chosen = int(np.argmax(np.where(within, unrest, -1)))
    goal, tone = goals[chosen], tones[chosen]
    angles, far = rng.uniform(0, 2 * np.pi, SOURCES), rng.uniform(*OFFSET, SOURCES) * unit
    offsets = np.rint(np.stack([np.cos(angles) * far, np.sin(angles) * far], axis=1))
    calm, usable, tones = canvas.at(goal + offsets)
    gap = np.linalg.norm(tones - tone, axis=1)
    usable &= gap <= LARGEST_GAP[healed]
    if not (within[chosen] and usable.any()):
        return None
    offset = offsets[int(np.argmin(np.where(usable, calm + PULL * gap**2, np.inf)))]
    angle, length = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(*LENGTH)) * unit
    radius, softness = max(1.5, float(rng.uniform(*RADIUS)) * unit), float(rng.uniform(*SOFTNESS))
    along = np.array([np.cos(angle), np.sin(angle)]) * length
    start, end = goal - along / 2, goal + along / 2
    low = np.clip(np.floor(np.minimum(start, end) - radius), 0, None).astype(int)
    high = np.minimum(np.ceil(np.maximum(start, end) + radius + 1), shape[::-1]).astype(int)
    box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    alpha = brush(start, along, radius, softness, box) * canvas.bare[box[1] : box[3], box[0] : box[2]]
    alpha = alpha * moved(canvas.bare, offset, box) * np.float32(rng.uniform(*OPACITY))
    ends = [[round(float(x), 1), round(float(y), 1)] for x, y in (start, end)]
    step = {"ends": ends, "from": offset.astype(int).tolist(), "radius_px": round(radius, 1)}
    return Stroke(box, alpha, offset, healed, step)


def brush(start: np.ndarray, along: np.ndarray, radius: float, softness: float, box: tuple[int, ...]) -> np.ndarray:
    """Return the float32 alpha, within a box, of a round brush drawn from a (2,) start along a (2,) way, in pixels."""
    rows, columns = np.mgrid[box[1] : box[3], box[0] : box[2]].astype(np.float32)
    x, y = columns - np.float32(start[0]), rows - np.float32(start[1])
    part = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-6), 0, 1)
    far = np.hypot(x - part * along[0], y - part * along[1]) / radius
    rise = np.clip((1 - far) / softness, 0, 1)
    return (rise * rise * (3 - 2 * rise)).astype(np.float32)


def moved(picture: np.ndarray, offset: np.ndarray, box: tuple[int, ...]) -> np.ndarray:
    """Return what a box of a float32 picture reads at a whole (2,) offset from itself; reflected outside."""
    rows, columns = np.mgrid[box[1] : box[3], box[0] : box[2]].astype(np.float32)
    x, y = columns + np.float32(offset[0]), rows + np.float32(offset[1])
    return cv2.remap(picture, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101)


OPERATION = Operation("clone_stamp", "facetune", "retouch", False, edit, since=2)
