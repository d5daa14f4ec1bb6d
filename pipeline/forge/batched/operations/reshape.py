"""Reshaping, batched: the warps and parameters of `pipeline.forge.operations.reshape`, on the face's own axes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.colour import length_of
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.warping import displace, grid_of
from pipeline.forge.geometry.masks import EYES
from pipeline.forge.operations.reshape import (
    ALAE,
    AMOUNT,
    BITS,
    CORNERS,
    JAW,
    NOSE_AXIS,
    STILL,
    WARPS,
    WHOLE_MOVE,
)


class Field:
    """Offset fields under construction.

    Attributes:
        offset: where each pixel is read from, relative to itself: (B, H, W, 2) float32 in pixels.
        points, unit, across, down: as `Crops` has them.
    """

    def __init__(self, crops: Crops) -> None:
        """Begin with fields that move nothing."""
        self.points, self.unit = crops.landmarks, crops.unit
        self.across, self.down = crops.axes
        self._grid = grid_of(crops.shape, crops.pixels.device)
        self.offset = torch.zeros(len(crops), *crops.shape, 2, device=crops.pixels.device)

    def middle(self, points: Sequence[int]) -> Tensor:
        """Return the (B, 2) middle of some landmarks."""
        return self.points[:, list(points)].mean(dim=1)

    def _bump(self, centre: Tensor, wide: Tensor, high: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return coordinates about (B, 2) centres across and down, and a bump, 1 there and 0 at its rim: (B, H, W)."""
        away = self._grid - centre[:, None, None]
        across, down = ((away * axis[:, None, None]).sum(dim=3) for axis in (self.across, self.down))
        square = (across / wide[:, None, None]) ** 2 + (down / high[:, None, None]) ** 2
        return across, down, (1 - square).clamp(0, 1) ** 2

    def stretch(self, centre: Tensor, wide: Tensor, high: Tensor, gains: tuple[Tensor, Tensor]) -> None:
        """Enlarge what lies around centres by (B,) gains across and down; below 0 shrinks."""
        across, down, bump = self._bump(centre, wide, high)
        for along, gain, axis in ((across, gains[0], self.across), (down, gains[1], self.down)):
            self.offset -= (along * gain[:, None, None] * bump)[..., None] * axis[:, None, None]

    def push(self, centre: Tensor, radius: Tensor, move: Tensor) -> None:
        """Move what lies at (B, 2) centres by (B, 2) pixels."""
        self.offset -= self._bump(centre, radius, radius)[2][..., None] * move[:, None, None]


def eyes(field: Field, amount: Tensor) -> None:
    """Enlarge both eyes by up to a fifth."""
    for eye in EYES:
        field.stretch(field.middle(eye), 0.55 * field.unit, 0.42 * field.unit, (amount, amount))


def nose(field: Field, amount: Tensor) -> None:
    """Slim the nose, wings most."""
    wings, still = field.points[:, list(ALAE)], torch.zeros_like(amount)
    half = (wings[:, 1] - wings[:, 0]).norm(dim=1).clamp(min=1)
    field.stretch(wings.mean(dim=1), 1.25 * half, 0.9 * half, (-1.4 * amount, still))
    field.stretch(field.middle(NOSE_AXIS), 0.9 * half, 0.6 * field.unit, (-amount, still))


def jaw(field: Field, amount: Tensor) -> None:
    """Push both sides of the jaw towards the face's axis."""
    far = (amount * field.unit)[:, None]
    for side, sign in zip(JAW, (1, -1), strict=True):
        field.push(field.middle(side), 0.75 * field.unit, far * (sign * 0.75 * field.across - 0.2 * field.down))


def smile(field: Field, amount: Tensor) -> None:
    """Lift the mouth's corners and draw them apart."""
    far = (amount * field.unit)[:, None]
    for corner, sign in zip(CORNERS, (-1, 1), strict=True):
        move = far * (0.35 * sign * field.across - 0.55 * field.down)
        field.push(field.points[:, corner], 0.36 * field.unit, move)


BENDS = {"eyes": eyes, "jaw": jaw, "nose": nose, "smile": smile}


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Apply one to three warps; `strength` scales how far pixels move."""
    draws, names = crops.draws("reshape"), sorted(WARPS)
    chosen = draws.some_of("warps", 1 + draws.whole("count", 3), len(names))
    amounts = draws.uniform("amounts", *AMOUNT, len(names)) * strength[:, None] * chosen
    field, bits = Field(crops), torch.zeros(len(crops), 4, dtype=torch.bool, device=crops.pixels.device)
    for number, name in enumerate(names):
        BENDS[name](field, amounts[:, number])
        for part in BITS[name]:
            bits[:, part] |= chosen[:, number]
    offset = field.offset.permute(0, 3, 1, 2)
    far = length_of(offset)
    moves = far >= STILL
    mask = torch.where(moves, (far / each(WHOLE_MOVE * crops.unit)).clamp(0.02, 1), 0)
    return displace(crops.pixels, torch.where(moves, offset, 0)), mask, bits


OPERATION = twin_of("reshape", edit)
