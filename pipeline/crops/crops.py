"""`Crops`: a store of face crops, read by row.

A store lies beside a manifest: `crops.parquet`, one row a crop; `crops.npy`, (N, 300, 300, 3) uint8 RGB, the window a
detector sees with a margin for jitter; `landmarks.npy`, (N, 468, 2) float32 in crop pixels; and, once a mask head was
to be trained, `masks.npy`, see `pipeline.crops.masks`. Row i of each is the same photo.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from pipeline.crops.identity import revision
from pipeline.errors import BadDataset
from pipeline.examining import container
from pipeline.face import CROP_SCALE, Face, cut, window_of

NAME, PIXELS, LANDMARKS, MASKS = "crops.parquet", "crops.npy", "landmarks.npy", "masks.npy"
INPUT_SIDE, STORE_SIDE = 256, 300
MARGIN = (STORE_SIDE - INPUT_SIDE) // 2
"""Pixels of a stored crop on each side of what a detector sees."""
STORE_SCALE = CROP_SCALE * STORE_SIDE / INPUT_SIDE
"""The store's window is wider than a detector's, at the same pixels a face."""


@dataclass(frozen=True, eq=False)
class Crops:
    """A store of face crops.

    Attributes:
        folder: where it lies.
        table: one row a crop; row i is row i of the arrays.
        stored: (N, 300, 300, 3) uint8 RGB, on disk until it is asked.
        landmarks: (N, 468, 2) float32 in crop pixels, likewise.
    """

    folder: Path
    table: pd.DataFrame
    stored: np.ndarray
    landmarks: np.ndarray

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Open a store.

        Raises:
            BadDataset: there is none, or a part of it is missing.
        """
        table = read_store(folder)
        if absent := [name for name in (PIXELS, LANDMARKS) if not (folder / name).is_file()]:
            raise BadDataset(f"{folder} lacks {', '.join(absent)}: run `prepare --crops` again.")
        return cls(folder, table, *(np.load(folder / name, mmap_mode="r") for name in (PIXELS, LANDMARKS)))

    @cached_property
    def masks(self) -> np.ndarray:
        """Where each crop was edited, (N, 75, 75) uint8, see `pipeline.crops.masks`."""
        return np.load(self.folder / MASKS, mmap_mode="r")

    @cached_property
    def revision(self) -> str:
        """Ten hex digits that change with the store's content."""
        return revision(self.table)

    def crop(self, row: int) -> np.ndarray:
        """Return what a detector's window holds of a row, (256, 256, 3) uint8 RGB."""
        return centre(self.stored[row])

    def face(self, row: int) -> Face:
        """Rebuild the face that `examine` sees from a row: same crop, landmarks at the photo's scale."""
        points = self.landmarks[row] * (self.table.face_size[row] / np.ptp(self.landmarks[row], axis=0).max())
        low, high = points.min(axis=0), points.max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return Face(box, points, window_of(points), self.crop(row), 1.0)


def read_store(folder: Path) -> pd.DataFrame:
    """Read only the table of a store.

    Raises:
        BadDataset: there is none.
    """
    path = folder / NAME
    if not path.is_file():
        raise BadDataset(f"There is no {NAME} in {folder}: make it with `python -m pipeline prepare --crops`.")
    return pd.read_parquet(path)


def stored_crop(rgb: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut the store's window: (300, 300, 3) uint8 and the landmarks, (468, 2) float32, in its pixels."""
    window = window_of(landmarks, STORE_SCALE)
    scale = STORE_SIDE / (window[2] - window[0])
    return cut(rgb, window, STORE_SIDE), ((landmarks - np.array(window[:2])) * scale).astype(np.float32)


def centre(crop: np.ndarray) -> np.ndarray:
    """Return the middle of a stored crop, (300, 300, 3) → (256, 256, 3): what a detector's window holds."""
    return np.ascontiguousarray(crop[MARGIN : MARGIN + INPUT_SIDE, MARGIN : MARGIN + INPUT_SIDE])


def settled_crop(crop: np.ndarray) -> np.ndarray:
    """Return a stored crop's middle, (256, 256, 3), in the fixed container: what `examine` shows a detector."""
    return container.settled(centre(crop))
