"""Where a stored crop was edited, as far as it is known: what a mask head is trained with.

`masks.npy`, (N, 75, 75) uint8, row i that of the store: `UNTOUCHED`, `EDITED` or `UNKNOWN` for each 4 × 4 pixels.

- forged here: where the crop differs from its original's, which has the same landmarks;
- with a mask picture of its own, as what the verb `forge` made: what of it lies in the crop's window;
- part composites with region bits: the hulls of these parts' landmarks; what lies around them is not known;
- face swaps: the hull of the face; what lies around it is not known;
- faces invented whole: all of it;
- real photos: none of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.crops.crops import MASKS, STORE_SIDE, TABLE, Crops, stored_crop
from pipeline.errors import TriageError
from pipeline.examining.find_faces import faces_in
from pipeline.face import OVAL
from pipeline.photo import Photo
from pipeline.processes import in_order
from pipeline.regions import part_hull, parts_of, region_bits
from pipeline.storage.whole import whole_file

CELL = 4
MASK_SIDE = STORE_SIDE // CELL
UNTOUCHED, EDITED, UNKNOWN = 0, 1, 2
UNTOUCHED_FROM, EDITED_FROM = 0.8, 0.4
"""Share of a cell of a coarser grid that must be untouched, or edited, to be known."""
LEAST_CHANGE = 2.0
"""Mean absolute difference in levels of 255 from which a cell counts as edited; half of it leaves it unknown."""
FAINT, MARKED = 8.0, 127.0
"""Mean level of a mask picture below which a cell counts as untouched, and above which as edited."""
MOVED = 2.0
"""Pixels of a store by which a face may be found elsewhere than before."""
PART_UNKNOWN_TO = 1.9
"""A part is edited within its outline (`part_hull`); within its landmarks' hull grown so far it is unknown."""
FACE_UNKNOWN_TO = 1.2
"""The same of a swapped face and its oval."""

FOLLOWED = ("sha256", "recipe", "label", "kind", "regions", "mask", "error")
"""Columns of a store's table that its masks follow, row by row."""


def drop_masks(folder: Path, table: pd.DataFrame) -> None:
    """Remove the masks of a store unless the table that lies there tells the same of every row.

    Args:
        folder: of the store.
        table: that is about to be written; none lies there where crops were cut anew.
    """
    if not (folder / MASKS).exists():
        return
    columns = list(FOLLOWED)
    before = pd.read_parquet(folder / TABLE) if (folder / TABLE).is_file() else pd.DataFrame(columns=columns)
    told = (one.reindex(columns=columns).to_csv(index=False) for one in (before, table))
    if len(set(told)) > 1:
        (folder / MASKS).unlink()


def build_masks(crops: Crops, workers: int = 0) -> None:
    """Write the masks of a store beside its crops.

    Args:
        crops: of the store.
        workers: processes that read mask pictures; 0 for one a core.
    """
    table = crops.table
    originals = dict(zip(table.sha256[table.recipe == ""], table.index[table.recipe == ""], strict=True))
    masks = np.zeros((len(crops.stored), MASK_SIDE, MASK_SIDE), np.uint8)
    edited = table[(table.error == "") & (table.label != "real")]
    pictured = edited[(edited.recipe == "") & ~edited["mask"].isin(["", "pair"])]
    others = edited.drop(pictured.index)
    columns = (others[name].tolist() for name in ("kind", "regions", "recipe", "sha256"))
    rows = zip(others.index.tolist(), *columns, strict=True)
    for index, kind, regions, recipe, sha256 in tqdm(rows, total=len(others), desc="masks", unit="crop", disable=None):
        if recipe:
            masks[index] = mask_of_change(crops.stored[index], crops.stored[originals[sha256]])
        else:
            masks[index] = mask_of_label(kind, regions, crops.landmarks[index])
    for index, mask in _masks_of_pictures(crops, pictured, workers):
        masks[index] = mask
    with whole_file(crops.folder / MASKS) as part, part.open("wb") as file:
        np.save(file, masks)


def _masks_of_pictures(crops: Crops, rows: pd.DataFrame, workers: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each row's place in the store, and what its mask picture tells."""
    places = rows.index.tolist()
    files = zip(places, rows.path.tolist(), rows["mask"].tolist(), strict=True)
    tasks = ((Path(photo), Path(picture), np.array(crops.landmarks[place])) for place, photo, picture in files)
    made = in_order(mask_of_picture, tasks, workers)
    yield from zip(places, tqdm(made, total=len(rows), desc="mask pictures", unit="photo", disable=None), strict=True)


def mask_of_picture(task: tuple[Path, Path, np.ndarray]) -> np.ndarray:
    """Return the mask that a picture tells, cut with the crop's window: (75, 75) uint8.

    All of it is unknown where photo or mask cannot be read any more, or the face is found elsewhere than before.

    Args:
        task: the photo; its mask picture; and its landmarks, (468, 2), in the stored crop's pixels.
    """
    path, picture, landmarks = task
    mask = np.full((MASK_SIDE, MASK_SIDE), UNKNOWN, np.uint8)
    try:
        photo, marked = (Photo.read(one.read_bytes()).rgb for one in (path, picture))
    except (TriageError, OSError):
        return mask
    faces = faces_in(photo)
    if not faces or marked.shape != photo.shape:
        return mask
    window, points = stored_crop(marked, faces[0].landmarks)
    if np.abs(points - landmarks).max() <= MOVED:
        level = window.max(axis=2).astype(np.float32)
        level = cv2.resize(level, (MASK_SIDE, MASK_SIDE), interpolation=cv2.INTER_AREA)
        mask[level < FAINT] = UNTOUCHED
        mask[level > MARKED] = EDITED
    return mask


def mask_of_change(edited: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Return the mask of two crops with the same window, (300, 300, 3) uint8 each: (75, 75) uint8."""
    change = cv2.absdiff(np.ascontiguousarray(edited), np.ascontiguousarray(original)).max(axis=2)
    change = cv2.resize(change.astype(np.float32), (MASK_SIDE, MASK_SIDE), interpolation=cv2.INTER_AREA)
    mask = np.full(change.shape, UNKNOWN, np.uint8)
    mask[change < LEAST_CHANGE / 2] = UNTOUCHED
    mask[change >= LEAST_CHANGE] = EDITED
    return mask


def mask_of_label(kind: str, regions: str, landmarks: np.ndarray) -> np.ndarray:
    """Return the mask of what a collection says of a photo, (75, 75) uint8.

    Args:
        kind: of edit.
        regions: bits of the parts that were edited, such as "0101"; "" where they are not known.
        landmarks: (468, 2), in the stored crop's pixels.
    """
    if kind in ("GAN", "diffusion"):
        return np.full((MASK_SIDE, MASK_SIDE), EDITED, np.uint8)
    if kind == "face swap":
        oval = landmarks[list(OVAL)]
        centre = oval.mean(axis=0)
        return _mask_of_outlines([centre + (oval - centre) * FACE_UNKNOWN_TO], [oval])
    if kind == "part composite" and any(region_bits(regions) or ()):
        parts = parts_of(regions)
        around = [part_hull(landmarks, part, PART_UNKNOWN_TO) for part in parts]
        return _mask_of_outlines(around, [part_hull(landmarks, part) for part in parts])
    return np.full((MASK_SIDE, MASK_SIDE), UNKNOWN, np.uint8)


def _mask_of_outlines(unknown: Sequence[np.ndarray], edited: Sequence[np.ndarray]) -> np.ndarray:
    """Draw hulls of points in a stored crop's pixels into a mask: the unknown ones first, the edited ones over them."""
    mask = np.zeros((MASK_SIDE, MASK_SIDE), np.uint8)
    for outlines, value in ((unknown, UNKNOWN), (edited, EDITED)):
        for points in outlines:
            cells = np.round(points / CELL - 0.5).astype(np.int32)  # a cell's centre is its whole number
            cv2.fillConvexPoly(mask, cv2.convexHull(cells), value)
    return mask


def grid_of(mask: np.ndarray, side: int) -> np.ndarray:
    """Return (side, side) float32 of a (h, w) mask: 1 edited, 0 untouched, −1 unknown or on the border."""
    shares = [
        cv2.resize((mask == value).astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
        for value in (UNTOUCHED, EDITED)
    ]
    grid = np.full((side, side), -1, np.float32)
    grid[shares[0] > UNTOUCHED_FROM] = 0
    grid[shares[1] > EDITED_FROM] = 1
    return grid


@dataclass(frozen=True, eq=False)
class EditedCrop:
    """A crop that was forged while a network trains.

    Attributes:
        crop: (300, 300, 3) uint8 RGB.
        mask: (75, 75) uint8, see `pipeline.crops.masks`.
        bits: (4,) float32, whether each region was touched.
    """

    crop: np.ndarray
    mask: np.ndarray
    bits: np.ndarray
