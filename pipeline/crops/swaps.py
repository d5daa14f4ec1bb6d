"""Face swaps beside the very frame that they were painted on: blended in in part, they are new edits.

Where a collection's fake and real photo are pixel-aligned, any share of the difference can be laid over the real one:
a swapped mouth alone, half a face, the whole at half its strength. A network cannot learn those by heart, and has to
see the swap itself. Written beside a store:

- `swaps.parquet`: the rows of the store that have such a real photo, and their hashes;
- `swaps.npy`: (N, 300, 300, 3) uint8 RGB, that photo in the fake's own window;
- `swaps-masks.npy`: (N, 75, 75) uint8, where the two differ, from 0 to 255.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.crops import masks
from pipeline.crops.build import main_face
from pipeline.crops.crops import STORE_SCALE, STORE_SIDE, Crops, usable_rows
from pipeline.crops.masks import EditedCrop
from pipeline.datasets.pair_masks import pair_mask
from pipeline.errors import TriageError
from pipeline.face import REGIONS, cut, window_of
from pipeline.forge.geometry.masks import hull
from pipeline.photo import Photo
from pipeline.processes import in_order
from pipeline.storage.whole import whole_file

ROWS, BESIDE, DIFFER = "swaps.parquet", "swaps.npy", "swaps-masks.npy"
EDITED_FROM, UNTOUCHED_TO = 0.4, 0.05
"""Share of a swap from which a cell counts as edited, and up to which as untouched."""
LEAST_CELLS = 60
"""Cells of 4 × 4 pixels that must stay edited, or the whole swap is taken."""


@dataclass(frozen=True, eq=False)
class AlignedSwaps:
    """The pixel-aligned swaps of a store.

    Attributes:
        place: row of the store → place here.
        swapped: (S, 300, 300, 3) uint8, all crops of the store.
        points: (S, 468, 2) float32, their landmarks.
        beside: (N, 300, 300, 3) uint8, the real photos in the swaps' windows.
        differ: (N, 75, 75) uint8, where a swap differs from its real photo.
    """

    place: dict[int, int]
    swapped: np.ndarray
    points: np.ndarray
    beside: np.ndarray
    differ: np.ndarray

    @classmethod
    def read(cls, crops: Crops) -> "AlignedSwaps":
        """Open what `build_swaps` wrote."""
        rows = pd.read_parquet(crops.folder / ROWS).row.tolist()
        beside, differ = (np.load(crops.folder / name, mmap_mode="r") for name in (BESIDE, DIFFER))
        return cls({row: place for place, row in enumerate(rows)}, crops.stored, crops.landmarks, beside, differ)

    def __contains__(self, row: int) -> bool:
        return row in self.place

    def dilute(self, row: int, rng: np.random.Generator) -> EditedCrop:
        """Lay a row's swap over its real photo in part; return the whole swap where too little of it would be left."""
        place = self.place[row]
        share = _share(self.points[row], rng) * float(rng.uniform(0.5, 1.0))
        differ = self.differ[place].astype(np.float32) / 255
        share *= cv2.resize(differ, (STORE_SIDE, STORE_SIDE))  # outside the swap the real photo's own noise stays
        cells = cv2.resize(share, (masks.MASK_SIDE, masks.MASK_SIDE), interpolation=cv2.INTER_AREA)
        if (cells > EDITED_FROM).sum() < LEAST_CELLS:
            return EditedCrop(self.swapped[row], _mask(differ), np.full(4, -1, np.float32))
        real = self.beside[place].astype(np.float32)
        mixed = real + share[..., None] * (self.swapped[row].astype(np.float32) - real)
        return EditedCrop(np.rint(mixed).astype(np.uint8), _mask(cells), np.full(4, -1, np.float32))


def _mask(cells: np.ndarray) -> np.ndarray:
    """Return (75, 75) uint8 of the share of a swap in each cell."""
    mask = np.full(cells.shape, masks.UNKNOWN, np.uint8)
    mask[cells <= UNTOUCHED_TO] = masks.UNTOUCHED
    mask[cells > EDITED_FROM] = masks.EDITED
    return mask


def _share(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw which share of a swap is taken where, (300, 300) float32: all, some parts of the face, or one side."""
    way = rng.random()
    if way < 0.35:
        return np.ones((STORE_SIDE, STORE_SIDE), np.float32)
    if way < 0.7:
        mask = np.zeros((STORE_SIDE, STORE_SIDE), np.float32)
        for name in rng.permutation(list(REGIONS))[: rng.integers(1, 4)]:
            part = hull(points[list(REGIONS[str(name)])], mask.shape, float(rng.uniform(8, 24)))
            mask = np.maximum(mask, part)
        return cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(2, 7)))
    angle, centre = rng.uniform(0, 2 * np.pi), points.mean(axis=0) + rng.uniform(-25, 25, 2)
    rows, columns = np.mgrid[:STORE_SIDE, :STORE_SIDE].astype(np.float32)
    along = (columns - centre[0]) * np.cos(angle) + (rows - centre[1]) * np.sin(angle)
    return np.clip(along / rng.uniform(8, 40) + 0.5, 0, 1).astype(np.float32)


def build_swaps(crops: Crops, workers: int = 0) -> None:
    """Write the real photos of a store's pixel-aligned training swaps, cut as the swaps are.

    Args:
        crops: the store.
        workers: processes; 0 for one a core.
    """
    training = usable_rows(crops.table, "edited", "train")
    files = training[training.recipe == ""]
    real = files[files.label == "real"].drop_duplicates("pair").set_index("pair").path
    swaps = files[(files["mask"] == "pair") & files.pair.isin(real.index)]
    tasks = [(row, path, real[pair]) for row, path, pair in zip(swaps.index, swaps.path, swaps.pair, strict=True)]
    rows: list[int] = []
    (crops.folder / ROWS).unlink(missing_ok=True)
    with whole_file(crops.folder / BESIDE) as beside_part, whole_file(crops.folder / DIFFER) as differ_part:
        beside = _new_array(beside_part, (max(len(tasks), 1), STORE_SIDE, STORE_SIDE, 3))
        differ = _new_array(differ_part, (max(len(tasks), 1), masks.MASK_SIDE, masks.MASK_SIDE))
        work = in_order(_cut_beside, tasks, workers)
        for swap in tqdm(work, total=len(tasks), desc="aligned swaps", unit="pair", disable=None):
            if swap is not None:
                row, beside[len(rows)], differ[len(rows)] = swap
                rows.append(row)
        beside.flush()
        differ.flush()
    aligned = pd.DataFrame({"row": np.array(rows, int), "sha256": crops.table.sha256.reindex(rows).to_numpy(str)})
    with whole_file(crops.folder / ROWS) as part:
        aligned.to_parquet(part)  # last: it says that all is there


def _new_array(path: Path, shape: tuple[int, ...]) -> np.memmap:
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)


def stands(crops: Crops) -> bool:
    """Tell whether the swaps beside a store were made, and of this very table."""
    if not (crops.folder / ROWS).is_file():
        return False
    aligned = pd.read_parquet(crops.folder / ROWS)
    return "sha256" in aligned and crops.table.sha256.reindex(aligned.row).tolist() == aligned.sha256.tolist()


def _cut_beside(task: tuple[int, str, str]) -> tuple[int, np.ndarray, np.ndarray] | None:
    """Return a swap's row, its real photo in its window and where they differ; None where that cannot be told."""
    row, path, real = task
    try:
        photo, other = (Photo.read(Path(one).read_bytes()) for one in (path, real))
        window = window_of(main_face(photo).landmarks, STORE_SCALE)
        differ = pair_mask(photo.rgb, other.rgb)
    except (TriageError, OSError):
        return None
    mask = cut(np.repeat((differ * 255).astype(np.uint8)[..., None], 3, axis=2), window, masks.MASK_SIDE)[..., 0]
    return (row, cut(other.rgb, window, STORE_SIDE), mask) if mask.any() else None
