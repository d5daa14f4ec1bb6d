"""What a training epoch sees: pairs of crops, jittered alike, in a random container, with what is known of each."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from models.regions import REGION_NAMES
from pipeline.crops import masks
from pipeline.crops.crops import STORE_SIDE, Crops
from pipeline.crops.swaps import AlignedSwaps
from pipeline.examining import container
from pipeline.regions import region_bits
from pipeline.training.config import TrainConfig
from pipeline.training.fresh_edits import Forger
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection

MIRRORED_BITS = (1, 0, 2, 3)
"""Region bits of a mirrored face: its eyes change places."""
WINDOW, SHIFT = (0.88, 1.10), 0.07
"""Side of a random window over that of the test, and how far its corner moves, in shares of the store's square."""
MASK_STRIDE = 16
"""Pixels of a crop for each cell of the mask that a network is trained with."""


@dataclass(frozen=True)
class Jitter:
    """A random window of a store's square, in shares of its side; whether it is mirrored, turned or stretched."""

    x: float
    y: float
    side: float
    mirrored: bool
    degrees: float = 0.0
    stretch: float = 1.0

    @classmethod
    def draw(cls, rng: np.random.Generator, side: int, turned: float = 0.0, stretched: float = 0.0) -> "Jitter":
        """Draw a window of about `side` store pixels, so that the scale is about that of the test.

        Args:
            rng: of the draw.
            side: in store pixels.
            turned: degrees by which it is turned at most, either way.
            stretched: share by which its width to its height changes at most, either way.
        """
        share = min(side * rng.uniform(*WINDOW) / STORE_SIDE, 1.0)
        x, y = (float(np.clip(0.5 - share / 2 + rng.uniform(-SHIFT, SHIFT), 0, 1 - share)) for _ in range(2))
        mirrored = bool(rng.random() < 0.5)
        if not turned and not stretched:
            return cls(x, y, share, mirrored)
        stretch = float(np.exp(rng.uniform(-1, 1) * np.log1p(stretched)))
        return cls(x, y, share, mirrored, float(rng.uniform(-turned, turned)), stretch)

    def of(self, square: np.ndarray, side: int = 0) -> np.ndarray:
        """Cut the window out of (S, S) or (S, S, 3); where a `side` is given, resample to it.

        Where it is turned or stretched, a mask without a `side` is resampled to the nearest cell, and what lies outside
        the square is mirrored.
        """
        whole = square.shape[0]
        x, y, cut = (round(share * whole) for share in (self.x, self.y, self.side))
        if self.degrees or self.stretch != 1:
            window = self._warp(square, x, y, cut, side)
        else:
            window = square[y : y + cut, x : x + cut]
            if side and side != cut:
                how = cv2.INTER_AREA if cut > side else cv2.INTER_CUBIC
                window = cv2.resize(window, (side, side), interpolation=how)
        return np.ascontiguousarray(window[:, ::-1] if self.mirrored else window)

    def _warp(self, square: np.ndarray, x: int, y: int, cut: int, side: int) -> np.ndarray:
        goal = side or cut
        matrix = cv2.getRotationMatrix2D((x + cut / 2 - 0.5, y + cut / 2 - 0.5), self.degrees, goal / cut)
        matrix[0] *= np.sqrt(self.stretch)
        matrix[1] /= np.sqrt(self.stretch)
        centre = matrix @ np.array([x + cut / 2 - 0.5, y + cut / 2 - 0.5, 1.0])
        matrix[:, 2] += (goal - 1) / 2 - centre
        how = cv2.INTER_CUBIC if side else cv2.INTER_NEAREST
        return cv2.warpAffine(square, matrix, (goal, goal), flags=how, borderMode=cv2.BORDER_REFLECT_101)


def change_tone(crop: np.ndarray, rng: np.random.Generator, amount: float = 1.0) -> np.ndarray:
    """Change brightness, contrast and colour balance, the same for every class; above 1 some also lose all colour."""
    gain = (1 + rng.uniform(-0.15, 0.15, 3) * amount) * (1 + rng.uniform(-0.15, 0.15) * amount)
    changed = np.clip(crop * gain + rng.uniform(-12, 12) * amount, 0, 255)
    if amount > 1:
        changed = 255 * (changed / 255) ** np.exp(rng.uniform(-0.25, 0.25) * amount)
        if rng.random() < 0.1:
            changed = np.repeat(changed @ np.array([[0.299], [0.587], [0.114]]), 3, axis=2)
    return changed.astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Epoch:
    """One epoch's pairs, as one of the processes that train together draws them.

    Attributes:
        pairs: (n, 2) rows, this process's share.
        seed: of the epoch.
        place: of this process; pairs are dealt to all in turn.
    """

    pairs: np.ndarray
    seed: int
    place: Place

    def number(self, item: int) -> int:
        """Return the number of an item's pair among those of all processes.

        What is drawn for a pair goes by it, and so does not depend on how many processes there are.
        """
        return self.place.rank + self.place.world * (item // 2)


class TrainingCrops(Dataset[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]):
    """One epoch's pairs, one after the other; both of a pair get the same window, tone and container.

    An item is three tensors. Pixels are (3, S, S) uint8. Targets are (5,) float32: the label, then four region bits,
    −1 where unknown. The mask is (S / 16, S / 16) float32, see `grid_of`.
    """

    def __init__(
        self, crops: Crops, selection: Selection, config: TrainConfig, epoch: Epoch, forger: Forger | None = None
    ) -> None:
        """Open the store.

        Args:
            crops: with masks and, if the configuration dilutes, aligned swaps.
            selection: of its rows.
            config: of the run.
            epoch: what is drawn.
            forger: makes fresh edits; None for none.
        """
        self._crops, self._masks = crops.stored, crops.masks
        self._rows, self._config, self._epoch = epoch.pairs.ravel(), config, epoch
        self._forger, self._swaps = forger, AlignedSwaps.read(crops) if config.diluted else None
        self._label = dict(zip(selection.table.index, selection.targets.to_numpy(), strict=True))
        self._bits = {index: bits_of(text) for index, text in crops.table.regions.items()}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        row, config = self._rows[item], self._config
        pair = self._epoch.number(item)
        rng = np.random.default_rng((self._epoch.seed, pair))
        window = Jitter.draw(rng, config.train_size, config.turned, config.stretched)
        whole, mask, bits = self._draw(int(row), 2 * pair + item % 2)
        crop = window.of(whole, config.train_size)
        toning = rng.random() < 0.7
        crop = container.shake(change_tone(crop, rng, config.colours) if toning else crop, rng, config.gentle)
        bits = bits[list(MIRRORED_BITS)] if window.mirrored else bits
        mask = masks.grid_of(window.of(mask), config.train_size // MASK_STRIDE)
        pixels = torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1)))
        return pixels, torch.tensor([self._label[row], *bits]), torch.from_numpy(mask)

    def _draw(self, row: int, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return a stored crop, its mask and region bits, or those of an edit made anew in its place."""
        rng = np.random.default_rng((self._epoch.seed, number, 1))  # of its own, so that a pair is still shaken alike
        if self._forger is not None and rng.random() < self._config.fresh:
            edit = self._forger.edit(row, rng)
            if edit is not None:
                return edit.crop, edit.mask, edit.bits
        if self._swaps is not None and row in self._swaps and rng.random() < self._config.diluted:
            edit = self._swaps.dilute(row, rng)
            return edit.crop, edit.mask, edit.bits
        return self._crops[row], self._masks[row], self._bits[row]


def bits_of(text: str) -> np.ndarray:
    """Return (4,) float32 region bits, −1 where the text does not tell them."""
    return np.array(region_bits(text) or [-1.0] * len(REGION_NAMES), np.float32)
