"""`Crops`: a store of face crops, read by row.

A store lies beside a manifest. Row i of each of its files is the same photo:

- `crops.parquet`: one row a crop;
- `crops.npy`: (N, 300, 300, 3) uint8 RGB, the window a detector sees with a margin for jitter;
- `landmarks.npy`: (N, 468, 2) float32 in crop pixels;
- `masks.npy`: where each was edited, see `pipeline.crops.masks`; made when it is first needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from pipeline.crops.identity import revision
from pipeline.errors import BadDataset
from pipeline.examining import container
from pipeline.face import CROP_SCALE, Face, cut, window_of

TABLE, PIXELS, LANDMARKS, MASKS = "crops.parquet", "crops.npy", "landmarks.npy", "masks.npy"
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
        return cls.under(folder, read_store(folder))

    @classmethod
    def under(cls, folder: Path, table: pd.DataFrame) -> Self:
        """Open a store's arrays under a table that is at hand.

        Raises:
            BadDataset: one of the arrays is missing.
        """
        if absent := [name for name in (PIXELS, LANDMARKS) if not (folder / name).is_file()]:
            raise BadDataset(f"{folder} lacks {', '.join(absent)}: run `prepare --crops` again.")
        return cls(folder, table, *(np.load(folder / name, mmap_mode="r") for name in (PIXELS, LANDMARKS)))

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def masks(self) -> np.ndarray:
        """Where each crop was edited, (N, 75, 75) uint8, see `pipeline.crops.masks`."""
        return np.load(self.folder / MASKS, mmap_mode="r")

    @cached_property
    def revision(self) -> str:
        """Ten hex digits that change with the store's content."""
        return revision(self.table)

    @property
    def has_masks(self) -> bool:
        """Whether `masks` were made."""
        return (self.folder / MASKS).is_file()

    def with_table(self, table: pd.DataFrame) -> Self:
        """Return the same crops under another table of the same rows, such as one with other splits."""
        return replace(self, table=table)

    def of(self, split: str, stage: str) -> pd.DataFrame:
        """Return the rows of a split that a stage can use, see `usable_rows`."""
        return usable_rows(self.table, stage, split)

    def crop(self, row: int) -> np.ndarray:
        """Return what a detector's window holds of a row, (256, 256, 3) uint8 RGB."""
        return centre(self.stored[row])

    def in_container(self, row: int) -> np.ndarray:
        """Return a row's crop in the fixed container, (256, 256, 3) uint8 RGB: what `examine` shows a detector."""
        return settled_crop(self.stored[row])

    def pixels(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return a network's input: rows' crops in the fixed container. (B, 3, 256, 256) float32 RGB, from 0 to 1."""
        return container.pixels_of([self.crop(row) for row in rows])

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
    return pd.read_parquet(_file_of(folder, TABLE))


def read_pixels(folder: Path) -> np.ndarray:
    """Open only the pictures of a store: (N, 300, 300, 3) uint8 RGB. They stay on disk until they are asked.

    Raises:
        BadDataset: there are none.
    """
    return np.load(_file_of(folder, PIXELS), mmap_mode="r")


def _file_of(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise BadDataset(f"There is no {name} in {folder}: make it with `python -m pipeline prepare --crops`.")
    return folder / name


def usable_rows(table: pd.DataFrame, stage: str, split: str) -> pd.DataFrame:
    """Return the rows of a split that a stage can use: with a face; for the second stage, edited ones only."""
    rows = table[(table.error == "") & (table.split == split)]
    return rows[rows.label != "real"] if stage == "deepfake" else rows


def stored_crop(rgb: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut the store's window. Return the crop, (300, 300, 3) uint8. Beside it the landmarks in its pixels, (468, 2)."""
    window = window_of(landmarks, STORE_SCALE)
    scale = STORE_SIDE / (window[2] - window[0])
    return cut(rgb, window, STORE_SIDE), ((landmarks - np.array(window[:2])) * scale).astype(np.float32)


def centre(crop: np.ndarray) -> np.ndarray:
    """Return what a detector's window holds of a stored crop: its middle, (256, 256, 3)."""
    return np.ascontiguousarray(crop[MARGIN : MARGIN + INPUT_SIDE, MARGIN : MARGIN + INPUT_SIDE])


def settled_crop(crop: np.ndarray) -> np.ndarray:
    """Return a stored crop's middle, (256, 256, 3), in the fixed container: what `examine` shows a detector."""
    return container.settle(centre(crop))
