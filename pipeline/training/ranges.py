"""The range of what a base's matrix products are given, channel by channel: 8-bit forms are smoothed by it.

Measured on a few training photos of every source and label, in float32.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.clip_graph import graph, with_inputs_told
from models.clip_numbers import numbers
from models.serving import Network
from pipeline.crops.crops import INPUT_SIDE, centre
from pipeline.examining.container import pixels_of
from pipeline.training.selection import usable

EACH = 4
"""Photos of a source and label."""


def calibration_photos(table: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Return the rows of a store's table that ranges are measured on: training photos only."""
    rows = usable(table, "edited", "train").groupby(["source", "label"])
    return rows.sample(frac=1, random_state=seed).groupby(["source", "label"]).head(EACH)


def measured_ranges(
    base: Mapping[str, np.ndarray], own: Mapping[str, np.ndarray], store: Path, rows: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Return product → (2, inputs) float32: its inputs' smallest and largest values.

    Args:
        base, own: see `models.clip_numbers.numbers`.
        store: folder of the crops.
        rows: of its table.
    """
    written, told = with_inputs_told(graph(INPUT_SIDE, len(own["head.bias"])))
    network = Network(written, dict(numbers(base, own, INPUT_SIDE)))
    crops = np.load(store / "crops.npy", mmap_mode="r")
    ranges: dict[str, np.ndarray] = {}
    for row in tqdm(rows.index.tolist(), desc="ranges", unit="photo", disable=None):
        said = network.outputs(list(told.values()), pixels_of([centre(crops[row])]))
        for name, values in zip(told, said, strict=True):
            flat = values.reshape(-1, values.shape[-1])
            low, high = flat.min(axis=0), flat.max(axis=0)
            if name in ranges:
                low, high = np.minimum(ranges[name][0], low), np.maximum(ranges[name][1], high)
            ranges[name] = np.stack([low, high]).astype(np.float32)
    return ranges
