"""Reshaping: larger eyes, a slimmer nose or jaw, a smile, by smooth local warps.

Local translation and scaling with compact support as in Gustafsson, "Interactive Image Warping" (1993), which
liquify tools use; every bump falls to 0 with zero slope at its rim, so nothing tears.
"""

from typing import Any

import numpy as np

from pipeline.forge.geometry import warping
from pipeline.forge.geometry.masks import EYES, eye_distance
from pipeline.forge.operation import Edit, Operation, Subject

JAW = ((172, 136, 150, 58), (397, 365, 379, 288))
CORNERS = (61, 291)
ALAE = (64, 294)
NOSE_AXIS = (6, 4)
FACE_AXIS = (9, 152)
AMOUNT = (0.10, 0.22)
"""How far a warp goes at full strength: of most, the share by which what lies there grows."""
STILL = 0.04
"""Pixels below which a move counts as none."""
WHOLE_MOVE = 0.03
"""Eye distances of a move at which the mask is 1."""
BITS = {"eyes": (0, 1), "nose": (2,), "jaw": (), "smile": (3,)}


class Field:
    """An offset field under construction.

    Attributes:
        offset: where each pixel is read from, relative to itself: (H, W, 2) float32 in pixels.
        points: the (468, 2) landmarks.
        unit: eye distance in pixels.
        across, down: the face's own axes, unit vectors.
    """

    def __init__(self, subject: Subject) -> None:
        self.points, self.unit = subject.landmarks.astype(np.float32), eye_distance(subject.landmarks)
        left, right = (self.points[list(eye)].mean(axis=0) for eye in EYES)
        self.across = (right - left) / self.unit
        self.down = np.array([-self.across[1], self.across[0]], np.float32)
        self.offset = np.zeros((*subject.rgb.shape[:2], 2), np.float32)
        rows, columns = np.mgrid[: subject.rgb.shape[0], : subject.rgb.shape[1]].astype(np.float32)
        self.grid = np.stack([columns, rows], axis=2)

    def bump(self, centre: np.ndarray, wide: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (H, W, 2) coordinates about a centre on the face's axes, and a bump: 1 there and 0 at its rim."""
        away = self.grid - centre.astype(np.float32)
        own = np.stack([away @ self.across, away @ self.down], axis=2)
        square = (own[..., 0] / np.float32(wide)) ** 2 + (own[..., 1] / np.float32(high)) ** 2
        return own, np.clip(1 - square, 0, 1) ** 2

    def stretch(self, centre: np.ndarray, wide: float, high: float, gains: tuple[float, float]) -> None:
        """Enlarge what lies around a centre by the gains across and down; below 0 shrinks."""
        own, bump = self.bump(centre, wide, high)
        pull = -own * np.array(gains, np.float32) * bump[..., None]
        self.offset += pull[..., :1] * self.across + pull[..., 1:] * self.down

    def push(self, centre: np.ndarray, radius: float, move: np.ndarray) -> None:
        """Move what lies at a centre by (2,) pixels."""
        _, bump = self.bump(centre, radius, radius)
        self.offset -= bump[..., None] * move.astype(np.float32)


def eyes(field: Field, amount: float) -> None:
    """Enlarge both eyes by up to a fifth."""
    for eye in EYES:
        field.stretch(field.points[list(eye)].mean(axis=0), 0.55 * field.unit, 0.42 * field.unit, (amount, amount))


def nose(field: Field, amount: float) -> None:
    """Slim the nose, wings most."""
    top, tip = field.points[list(NOSE_AXIS)]
    wings = field.points[list(ALAE)]
    half = float(np.hypot(*(wings[1] - wings[0])))
    field.stretch(wings.mean(axis=0), 1.25 * half, 0.9 * half, (-1.4 * amount, 0))
    field.stretch((top + tip) / 2, 0.9 * half, 0.6 * field.unit, (-amount, 0))


def jaw(field: Field, amount: float) -> None:
    """Push both sides of the jaw towards the face's axis."""
    for side, sign in zip(JAW, (1, -1), strict=True):
        centre = field.points[list(side)].mean(axis=0)
        move = sign * amount * 0.75 * field.unit * field.across - 0.2 * amount * field.unit * field.down
        field.push(centre, 0.75 * field.unit, move)


def smile(field: Field, amount: float) -> None:
    """Lift the mouth's corners and draw them apart."""
    for corner, sign in zip(CORNERS, (-1, 1), strict=True):
        move = field.unit * amount * (0.35 * sign * field.across - 0.55 * field.down)
        field.push(field.points[corner], 0.36 * field.unit, move)


WARPS = {"eyes": eyes, "jaw": jaw, "nose": nose, "smile": smile}


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Apply one to three warps; `strength` scales how far pixels move."""
    chosen = sorted(rng.choice(sorted(WARPS), size=int(rng.integers(1, 4)), replace=False).tolist())
    field, bits = Field(subject), [False] * 4
    steps: list[dict[str, Any]] = []
    for name in chosen:
        amount = float(rng.uniform(*AMOUNT)) * strength
        WARPS[name](field, amount)
        steps.append({"warp": name, "amount": round(amount, 4)})
        for index in BITS[name]:
            bits[index] = True
    rgb, mask = _apply(subject.rgb, field)
    return Edit(rgb, mask, (bits[0], bits[1], bits[2], bits[3]), tuple(steps))


def _apply(rgb: np.ndarray, field: Field) -> tuple[np.ndarray, np.ndarray]:
    """Warp the picture; the mask is how far each pixel moved over 3 % of the eye distance, at most 1."""
    far = np.sqrt((field.offset**2).sum(axis=2))
    still = far < STILL
    offset = np.where(still[..., None], 0, field.offset)
    mask = np.where(still, 0, np.clip(far / (WHOLE_MOVE * field.unit), 0.02, 1)).astype(np.float32)
    moved = warping.displace(rgb, offset)
    return np.where(mask[..., None] > 0, moved, rgb), mask


OPERATION = Operation("reshape", "facetune", "retouch", False, edit)
