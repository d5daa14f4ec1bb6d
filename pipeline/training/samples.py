"""What a training epoch sees: rows drawn from pools, jittered crops in a random container."""

from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.data import Dataset

from pipeline import container
from pipeline.training.store import INPUT_SIDE, STORE_SIDE


def target_of(table: pd.DataFrame, stage: str) -> np.ndarray:
    """Return (N,) float32: 1 for the stage's positive label. Stage "edited" also knows real photos."""
    positive = table.label != "real" if stage == "edited" else table.label == "deepfake"
    return positive.to_numpy(np.float32)


def usable(table: pd.DataFrame, stage: str, split: str) -> pd.DataFrame:
    """Return the rows of a split that a stage can use: with a face; for the second stage, edited ones only."""
    rows = table[(table.error == "") & (table.split == split)]
    return rows if stage == "edited" else rows[rows.label != "real"]


def epoch_rows(rows: pd.DataFrame, pools: dict[str, int], rng: np.random.Generator) -> np.ndarray:
    """Draw one epoch's row indices, shuffled.

    Args:
        rows: the usable rows.
        pools: "source/kind" patterns to how many to draw. A pool smaller than asked is drawn whole, then repeated.
        rng: of the draw.
    """
    names = (rows.source + "/" + rows.kind).to_numpy()
    taken = np.zeros(len(rows), bool)
    drawn = []
    for pattern, count in pools.items():
        match = np.array([fnmatch(name, pattern) for name in names]) & ~taken
        taken |= match
        members = rows.index.to_numpy()[match]
        if len(members):
            drawn.append(np.resize(rng.permutation(members), count))
    return rng.permutation(np.concatenate(drawn))


def jittered(crop: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Cut a random window of the store's crop, (300, 300, 3) → (256, 256, 3); tell whether it was mirrored."""
    import cv2

    side = int(INPUT_SIDE * rng.uniform(0.88, 1.10))
    side = min(side, STORE_SIDE)
    x, y = rng.integers(0, STORE_SIDE - side + 1, 2)
    window = crop[y : y + side, x : x + side]
    if side != INPUT_SIDE:
        shrink = cv2.INTER_AREA if side > INPUT_SIDE else cv2.INTER_CUBIC
        window = cv2.resize(window, (INPUT_SIDE, INPUT_SIDE), interpolation=shrink)
    mirrored = bool(rng.random() < 0.5)
    return (np.ascontiguousarray(window[:, ::-1]) if mirrored else window), mirrored


def toned(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change brightness, contrast and colour balance a little, the same for every class."""
    gain = rng.uniform(0.85, 1.15, 3) * rng.uniform(0.85, 1.15)
    return np.clip(crop * gain + rng.uniform(-12, 12), 0, 255).astype(np.uint8)


def settled_crop(crop: np.ndarray) -> np.ndarray:
    """Return the store's centre, (256, 256, 3), in the fixed container: what `examine` shows a detector."""
    edge = (STORE_SIDE - INPUT_SIDE) // 2
    return container.settled(np.ascontiguousarray(crop[edge : edge + INPUT_SIDE, edge : edge + INPUT_SIDE]))


def as_tensor(crop: np.ndarray) -> torch.Tensor:
    """Return (3, S, S) float32 in [0, 1] of an (S, S, 3) uint8 RGB crop."""
    return torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1))).float().div_(255)


class TrainingCrops(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """One epoch: item → (3, S, S) float32 and (5,) targets: the label, then four region bits, −1 where unknown."""

    def __init__(self, store: Path, table: pd.DataFrame, rows: np.ndarray, stage: str, seed: int) -> None:
        self._crops = np.load(store / "crops.npy", mmap_mode="r")
        self._rows, self._seed = rows, seed
        self._label = dict(zip(table.index, target_of(table, stage), strict=True))
        self._bits = {index: bits_of(text) for index, text in table.regions.items()}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, torch.Tensor]:
        row = self._rows[item]
        rng = np.random.default_rng((self._seed, item))
        crop, mirrored = jittered(self._crops[row], rng)
        crop = container.shaken(toned(crop, rng) if rng.random() < 0.7 else crop, rng)
        bits = self._bits[row][[1, 0, 2, 3]] if mirrored else self._bits[row]
        return as_tensor(crop), torch.tensor([self._label[row], *bits])


def bits_of(text: str) -> np.ndarray:
    """Return (4,) float32 region bits, −1 where the text does not tell them."""
    return np.array([float(c) for c in text] if len(text) == 4 else [-1.0] * 4, np.float32)
