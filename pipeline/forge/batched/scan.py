"""`BatchedOperation`, and the registry of those in `operations`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from torch import Tensor

from models.errors import UnknownName
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.result import Edits
from pipeline.forge.operation import MIN_EYE_DISTANCE, operation, operations_in
from pipeline.mean_face import canonical_face

LEAST_ALPHA = 1 / 512
"""A mask below half a grey level counts as 0, as with single photos."""
LEAST_INSIDE = 0.3
"""Share of the landmarks that must lie within the crop, as with single photos."""

Work = tuple[Tensor, Tensor, Tensor]
"""Pixels (B, 3, H, W) float32 from 0 to 255, their mask (B, 1, H, W) float32 in [0, 1], and region bits (B, 4) bool."""
BatchedEditor = Callable[[Crops, Crops, Tensor], Work]
"""Takes crops, donors and a (B,) strength above 0. Without need of a donor it gets the crops themselves."""


@dataclass(frozen=True)
class BatchedOperation:
    """One way to edit faces, many at once.

    Attributes:
        name, label, kind, needs_donor: those of the single-photo operation.
        edit: does the work; call `run`, which keeps untouched bytes.
    """

    name: str
    label: Literal["facetune", "deepfake"]
    kind: str
    needs_donor: bool
    edit: BatchedEditor

    @torch.no_grad()
    def run(self, crops: Crops, donors: Crops | None = None, strength: Tensor | float = 1.0) -> Edits:
        """Edit faces.

        Args:
            crops: the originals.
            donors: the faces that lend their parts, one a crop and of the crops' size; only where one is needed.
            strength: (B,) or one for all, in [0, 1]; 0 gives the crop back.

        Raises:
            ValueError: a strength outside [0, 1], or donors that are missing or do not fit.
        """
        share = torch.as_tensor(strength, dtype=torch.float32, device=crops.pixels.device).expand(len(crops))
        if not bool(((share >= 0) & (share <= 1)).all()):
            raise ValueError(f"strengths must lie in [0, 1], not {strength}")
        if self.needs_donor and (donors is None or donors.pixels.shape != crops.pixels.shape):
            raise ValueError(f"{self.name} needs a donor of the same size for each crop")
        usable = _usable(crops) & (share > 0)
        lenders = crops
        if self.needs_donor and donors is not None:
            usable &= _usable(donors)
            lenders = donors
        kept = _standing_in(crops, usable), _standing_in(lenders, _usable(lenders))
        pixels, mask, bits = self.edit(*kept, share.clamp(min=1e-3))
        return _lay_back(crops, (pixels, mask * each(usable.float()), bits))


def _usable(crops: Crops) -> Tensor:
    """Tell which faces are worth editing, (B,) bool."""
    high, wide = crops.shape
    points = crops.landmarks
    limits = torch.tensor([wide, high], device=points.device)
    inside = ((points >= 0) & (points < limits)).all(dim=2).float().mean(dim=1)
    finite = torch.isfinite(points).flatten(1).all(dim=1)
    return finite & (crops.unit >= MIN_EYE_DISTANCE) & (inside > LEAST_INSIDE)


def _standing_in(crops: Crops, usable: Tensor) -> Crops:
    """Return crops whose unusable landmarks are a mean face, so that the work on them stays finite; it is dropped."""
    high, wide = crops.shape
    mean = torch.tensor(canonical_face(), device=crops.pixels.device) * torch.tensor(
        [wide - 1.0, high - 1.0], device=crops.pixels.device
    )
    points = torch.where(usable[:, None, None], crops.landmarks, mean)
    return Crops(crops.pixels, points, crops.seeds, crops.flipped)


def _lay_back(crops: Crops, work: Work) -> Edits:
    pixels, mask, bits = work
    mask = torch.where(mask < LEAST_ALPHA, 0, mask.clamp(0, 1))
    edited = torch.where(mask > 0, pixels, crops.pixels).clamp(0, 255).round().to(torch.uint8)
    touched = (mask > 0).flatten(1).any(dim=1)
    return Edits(edited, mask[:, 0], bits & touched[:, None])


def twin_of(name: str, edit: BatchedEditor) -> BatchedOperation:
    """Return the batched form of a single-photo operation, under its name, label and kind.

    Raises:
        UnknownName: there is no such operation.
    """
    one = operation(name)
    return BatchedOperation(one.name, one.label, one.kind, one.needs_donor, edit)


@cache
def all_batched() -> dict[str, BatchedOperation]:
    """Return every operation of `pipeline.forge.batched.operations` by name, in alphabetical order."""
    return operations_in("pipeline.forge.batched.operations")


def batched(name: str) -> BatchedOperation:
    """Return one operation.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in all_batched():
        raise UnknownName.among("batched forge operation", name, all_batched())
    return all_batched()[name]
