"""`Resident`: the crops of a store on the device that trains."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.crops.crops import STORE_SIDE, Crops
from pipeline.crops.masks import MASK_SIDE
from pipeline.errors import TrainingFailed
from pipeline.training.batches import bits_of
from pipeline.training.selection import Selection

BYTES = 3 * STORE_SIDE**2 + 468 * 2 * 4 + MASK_SIDE**2
"""Of a crop, its landmarks and its mask."""
AT_ONCE = 1024
"""Crops that are carried to the device together."""


@dataclass(frozen=True, eq=False)
class Resident:
    """Crops by their rows in the store; on a processor they stay on disk until they are asked.

    Attributes:
        device: where they lie.
        place: row of the store → place in the arrays.
        pixels: (N, 300, 300, 3) uint8 RGB; on a processor the store's own array.
        landmarks: (N, 468, 2) float32, in crop pixels.
        masks: (N, 75, 75) uint8, see `pipeline.crops.masks`.
        targets: (N, 5) float32: the label, then four region bits, −1 where unknown.
    """

    device: torch.device
    place: Tensor
    pixels: Tensor | np.ndarray
    landmarks: Tensor
    masks: Tensor
    targets: Tensor

    @classmethod
    def of(cls, crops: Crops, selection: Selection, device: torch.device) -> "Resident":
        """Bring the crops that a run trains on, and those that edits are made of, to a device.

        Raises:
            TrainingFailed: they do not fit into its memory.
        """
        rows = selection.train.index.union(selection.originals.index).to_numpy()
        place = np.full(len(crops.table), -1)
        place[rows] = np.arange(len(rows))
        bits = np.stack([bits_of(text) for text in crops.table.regions[rows]])
        targets = np.concatenate([selection.targets.loc[rows].to_numpy(np.float32)[:, None], bits], axis=1)
        if device.type == "cpu":
            place[rows] = rows  # the store's own array is asked
        try:
            pixels, landmarks, masks = _brought(crops, rows, device)
        except torch.OutOfMemoryError as problem:
            raise TrainingFailed(
                f"The device's memory is too small for {len(rows)} crops, {len(rows) * BYTES / 1e9:.1f} GB: leave "
                "collections out (--without), or train where there is more."
            ) from problem
        known = np.full((len(landmarks), 5), -1, np.float32)
        known[place[rows]] = targets
        where, told = (torch.from_numpy(one).to(device) for one in (place, known))
        return cls(device, where, pixels, landmarks, masks, told)

    def pictures(self, rows: np.ndarray) -> Tensor:
        """Return rows' crops, (B, 3, 300, 300) float32 RGB from 0 to 255."""
        if isinstance(self.pixels, np.ndarray):
            taken = torch.from_numpy(np.stack([self.pixels[row] for row in rows]))
        else:
            taken = self.pixels[self.at(rows)]
        return taken.permute(0, 3, 1, 2).float()

    def at(self, rows: np.ndarray) -> Tensor:
        """Return the places of rows, (B,) int64."""
        return self.place[torch.from_numpy(rows).to(self.device)]


def _brought(crops: Crops, rows: np.ndarray, device: torch.device) -> tuple[Tensor | np.ndarray, Tensor, Tensor]:
    """Return pixels, landmarks and masks: those of rows on a device, all of them on a processor."""
    if device.type == "cpu":
        return crops.stored, torch.from_numpy(np.array(crops.landmarks)), torch.from_numpy(np.array(crops.masks))
    landmarks, masks = (torch.from_numpy(np.array(one[rows])).to(device) for one in (crops.landmarks, crops.masks))
    return _carried(crops.stored, rows, device), landmarks, masks


def _carried(stored: np.ndarray, rows: np.ndarray, device: torch.device) -> Tensor:
    pixels = torch.empty((len(rows), *stored.shape[1:]), dtype=torch.uint8, device=device)
    for first in range(0, len(rows), AT_ONCE):
        some = rows[first : first + AT_ONCE]
        pixels[first : first + len(some)] = torch.from_numpy(stored[some]).to(device)
    return pixels
