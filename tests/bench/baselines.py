"""Peak memory and time of the support vector machine at a thousand and at eight thousand photos."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from pipeline.crops.crops import STORE_SIDE
from tests.pipeline.evaluation.baselines.baseline_stores import LABELS, crop_of, row_of

COUNTS = (1_000, 8_000)
BASES = 48
# VmHWM, not getrusage: that one counts what the process had before it became this program
MEASURED = (
    "import sys, time; from pathlib import Path; "
    "from pipeline.evaluation.baselines import methods; from pipeline.crops.crops import Crops; "
    "crops, out = Crops.read(Path(sys.argv[1])), Path(sys.argv[2]); "
    "since = time.perf_counter(); job = methods.Job(crops, crops.table, out, 1, 1); "
    "methods.cache_features(crops.folder, crops.table, out, 1); made = time.perf_counter(); "
    "methods.support_vectors(job); done = time.perf_counter(); "
    "print(made - since, done - made, Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
)


def of_support_vectors(counts: tuple[int, ...] = COUNTS) -> dict[str, Any]:
    """Train both stages in a process of its own; return its peak memory and its times, one worker, by photos.

    The crops are made up, and written beside: 2.2 GB of disk for 8,000.
    """
    found: dict[str, Any] = {}
    for count in counts:
        with TemporaryDirectory() as scratch:
            store = _store(Path(scratch) / "store", count)
            command = [sys.executable, "-c", MEASURED, str(store), str(Path(scratch) / "out")]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        features, training, peak = map(float, done.stdout.split()[-3:])
        found[f"{count:,} photos, peak memory, MB"] = round(peak / 1024)
        found[f"{count:,} photos, features, ms a photo and core"] = round(1000 * features / count, 1)
        found[f"{count:,} photos, both stages' training and choice, s"] = round(training, 1)
    return found


def _store(folder: Path, count: int) -> Path:
    """Write made-up crops a row at a time, shifted copies of a few, and their table: a third of each label."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    bases = {label: [crop_of(label, rng) for _ in range(BASES // len(LABELS))] for label in LABELS}
    shape = (count, STORE_SIDE, STORE_SIDE, 3)
    crops = np.lib.format.open_memmap(folder / "crops.npy", mode="w+", dtype=np.uint8, shape=shape)
    rows = []
    for number in range(count):
        label, split = LABELS[number % 3], ("train", "train", "train", "val", "test")[number % 5]
        base = bases[label][number % len(bases[label])]
        crops[number] = np.roll(base, tuple(rng.integers(0, STORE_SIDE, 2)), (0, 1))
        rows.append(row_of(number, split, label, rng))
    crops.flush()
    np.save(folder / "landmarks.npy", np.zeros((count, 468, 2), np.float32))
    pd.DataFrame(rows).to_parquet(folder / "crops.parquet", index=False)
    return folder
