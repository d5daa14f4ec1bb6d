"""Where a stored crop was edited, as far as it is known: what a mask head is trained with.

`masks.npy`, (N, 75, 75) uint8, row i that of the store: `UNTOUCHED`, `EDITED` or `UNKNOWN` for each 4 × 4 pixels.

- forged: where the crop differs from its original's, which has the same landmarks;
- part composites with region bits: the hulls of these parts' landmarks; what lies around them is not known;
- face swaps: the hull of the face; what lies around it is not known;
- faces invented whole: all of it;
- real photos: none of it.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.crops.crops import STORE_SIDE
from pipeline.face import OVAL, REGIONS

NAME = "masks.npy"
CELL = 4
MASK_SIDE = STORE_SIDE // CELL
UNTOUCHED, EDITED, UNKNOWN = 0, 1, 2
LEAST_CHANGE = 2.0
"""Mean absolute difference in levels of 255 from which a cell counts as edited; half of it leaves it unknown."""
EDGE, AROUND = 1.25, 1.9
"""A part is edited within its landmarks' hull grown so far; up to the second factor it is not known."""


def build_masks(store: Path, table: pd.DataFrame) -> None:
    """Write the masks of a store beside its crops."""
    crops, points = np.load(store / "crops.npy", mmap_mode="r"), np.load(store / "landmarks.npy", mmap_mode="r")
    originals = dict(zip(table.sha256[table.recipe == ""], table.index[table.recipe == ""], strict=True))
    masks = np.zeros((len(crops), MASK_SIDE, MASK_SIDE), np.uint8)
    edited = table[(table.error == "") & (table.label != "real")]
    columns = (edited[name].tolist() for name in ("kind", "regions", "recipe", "sha256"))
    rows = zip(edited.index.tolist(), *columns, strict=True)
    for index, kind, regions, recipe, sha256 in tqdm(rows, total=len(edited), desc="masks", unit="crop", disable=None):
        original = crops[originals[sha256]] if recipe else None
        masks[index] = told(kind, regions, points[index]) if original is None else changed(crops[index], original)
    np.save(store / "masks.new.npy", masks)
    (store / "masks.new.npy").replace(store / NAME)


def changed(edited: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Return (75, 75) uint8 of two (300, 300, 3) uint8 crops with the same window."""
    change = cv2.absdiff(np.ascontiguousarray(edited), np.ascontiguousarray(original)).max(axis=2)
    change = cv2.resize(change.astype(np.float32), (MASK_SIDE, MASK_SIDE), interpolation=cv2.INTER_AREA)
    mask = np.full(change.shape, UNKNOWN, np.uint8)
    mask[change < LEAST_CHANGE / 2] = UNTOUCHED
    mask[change >= LEAST_CHANGE] = EDITED
    return mask


def told(kind: str, regions: str, landmarks: np.ndarray) -> np.ndarray:
    """Return (75, 75) uint8 of what a collection tells: its kind of edit, region bits, and (468, 2) landmarks."""
    if kind in ("GAN", "diffusion"):
        return np.full((MASK_SIDE, MASK_SIDE), EDITED, np.uint8)
    if kind == "face swap":
        return _hulls([np.array(OVAL)], landmarks, 1.0, 1.2)
    if kind == "part composite" and len(regions) == 4 and "1" in regions:
        parts = [np.array(part) for part, bit in zip(REGIONS.values(), regions, strict=True) if bit == "1"]
        return _hulls(parts, landmarks, EDGE, AROUND)
    return np.full((MASK_SIDE, MASK_SIDE), UNKNOWN, np.uint8)


def _hulls(parts: list[np.ndarray], landmarks: np.ndarray, inner: float, outer: float) -> np.ndarray:
    mask = np.zeros((MASK_SIDE, MASK_SIDE), np.uint8)
    for factor, value in ((outer, UNKNOWN), (inner, EDITED)):
        for part in parts:
            points = landmarks[part] / CELL - 0.5  # a cell's centre is its whole number
            centre = points.mean(axis=0)
            hull = cv2.convexHull(np.round((points - centre) * factor + centre).astype(np.int32))
            cv2.fillConvexPoly(mask, hull, value)
    return mask


def grid_of(mask: np.ndarray, side: int) -> np.ndarray:
    """Return (side, side) float32 of a (h, w) mask: 1 edited, 0 untouched, −1 unknown or on the border."""
    shares = [
        cv2.resize((mask == value).astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
        for value in (UNTOUCHED, EDITED)
    ]
    grid = np.full((side, side), -1, np.float32)
    grid[shares[0] > 0.8] = 0
    grid[shares[1] > 0.4] = 1
    return grid


@dataclass(frozen=True, eq=False)
class EditedCrop:
    """What was forged.

    Attributes:
        crop: (300, 300, 3) uint8 RGB.
        mask: (75, 75) uint8, see `pipeline.crops.masks`.
        bits: (4,) float32, whether each region was touched.
    """

    crop: np.ndarray
    mask: np.ndarray
    bits: np.ndarray
