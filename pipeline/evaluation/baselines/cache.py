"""Features of crops in a file beside a baseline's run: made piece by piece on all cores, never all in memory.

The file is a plain .npy, (N, F) float32, which grows by whole rows in the table's order: its size tells how far an
earlier call came. Rows are read with plain reads, not through a mapping, whose pages would count as this process's.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.crops.crops import PIXELS, read_pixels
from pipeline.errors import BadDataset, DiskFull
from pipeline.evaluation.baselines.features import WIDTH, features_of
from pipeline.processes import in_order
from pipeline.storage.whole import room

NAME = "features.npy"
PIECE = 16
PROBES = 8


@dataclass(frozen=True)
class Features:
    """A finished file of features.

    Attributes:
        path: a .npy of (N, F) float32.
        line: which line of it belongs to which row of the store.
    """

    path: Path
    line: dict[int, int]

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Return (len(rows), F) float32, in the order of the store's rows that are asked for."""
        features = np.empty((len(rows), WIDTH), np.float32)
        with self.path.open("rb", buffering=0) as file:
            start = _start_of(self.path)
            for place, row in enumerate(rows.tolist()):
                file.seek(start + self.line[row] * features.itemsize * WIDTH)
                file.readinto(features[place])
        return features


def cache_features(store: Path, table: pd.DataFrame, out: Path, workers: int = 0) -> Features:
    """Compute the features of a table's rows, or those that an earlier call did not finish.

    Args:
        store: folder of `crops.npy`; row i of the table is its row `table.index[i]`.
        table: with the columns sha256 and recipe.
        out: folder for `features.npy`.
        workers: processes; 0 for one a core.

    Raises:
        BadDataset: there are no crops, or fewer than rows.
        DiskFull: there is no room; what was finished is kept.
        Interrupted: a process was killed; what was finished is kept.
    """
    path, rows = out / NAME, table.index.to_numpy()
    _check(store, rows)
    done = _rows_kept(path, _plan(store, table), len(rows))
    pieces = [rows[first : first + PIECE] for first in range(done, len(rows), PIECE)]
    with tqdm(total=len(rows), initial=done, desc="features", unit="crop", disable=None) as bar:
        for block in in_order(partial(_features, store), pieces, workers):
            _append(path, block)
            bar.update(len(block))
    return Features(path, {int(row): line for line, row in enumerate(rows)})


def _check(store: Path, rows: np.ndarray) -> None:
    there = len(read_pixels(store))
    if len(rows) and rows.max() >= there:
        raise BadDataset(f"{PIXELS} in {store} has {there} crops, its table knows more: run `prepare --crops` again.")


def _features(store: Path, rows: np.ndarray) -> np.ndarray:
    """Return (len(rows), F) float32; the crops are opened for this piece only, so that none stays in memory."""
    crops = read_pixels(store)
    return np.stack([features_of(np.asarray(crops[row])) for row in rows])


def _plan(store: Path, table: pd.DataFrame) -> str:
    """Return a hash that changes with the rows, and with what a few crops, the container and the code give."""
    probes = table.index.to_numpy()[:: max(1, len(table) // PROBES)][:PROBES]
    lines = table[["sha256", "recipe"]].to_csv().encode()
    return hashlib.sha256(lines + _features(store, probes).tobytes()).hexdigest()


def _rows_kept(path: Path, plan: str, count: int) -> int:
    """Return how many whole rows an earlier call of the same plan finished; without one, begin the file anew."""
    beside = path.with_suffix(".plan")
    if path.is_file() and beside.is_file() and beside.read_text(encoding="utf-8") == plan:
        start, width = _start_of(path), WIDTH * np.dtype(np.float32).itemsize
        done = (path.stat().st_size - start) // width
        with path.open("r+b") as file:  # the last row may have been cut off by a kill
            file.truncate(start + done * width)
        return int(done)
    beside.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with room(path.parent, path), path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (count, WIDTH)}
        np.lib.format.write_array_header_1_0(file, header)
    beside.write_text(plan, encoding="utf-8")
    return 0


def _start_of(path: Path) -> int:
    """Return at which byte the rows begin."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        np.lib.format.read_array_header_1_0(file)
        return file.tell()


def _append(path: Path, block: np.ndarray) -> None:
    try:
        with path.open("ab") as file:
            file.write(block.tobytes())
    except OSError as problem:
        raise DiskFull(f"{path.name} cannot grow in {path.parent}: {problem}. What was finished is kept.") from problem


def pieces_of(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Yield rows, `size` at a time."""
    for first in range(0, len(rows), size):
        yield rows[first : first + size]
