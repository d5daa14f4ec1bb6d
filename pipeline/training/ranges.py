"""The range of what a base's matrix products are given, channel by channel: 8-bit forms are smoothed by it.

Measured on a few training photos of every source and label, in float32.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.clip_graph import graph, with_product_inputs
from models.clip_numbers import numbers
from models.serving import Network
from pipeline.crops.crops import INPUT_SIDE, Crops

EACH = 4
"""Photos of a source and label."""


def calibration_photos(crops: Crops, seed: int = 1) -> pd.DataFrame:
    """Return the rows of a store that ranges are measured on: training photos only."""
    rows = crops.of("train", "edited").groupby(["source", "label"])
    return rows.sample(frac=1, random_state=seed).groupby(["source", "label"]).head(EACH)


def measure_ranges(
    base: Mapping[str, np.ndarray], own: Mapping[str, np.ndarray], crops: Crops, rows: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Return product → (2, inputs) float32: its inputs' smallest and largest values.

    Args:
        base, own: see `models.clip_numbers.numbers`.
        crops: the store.
        rows: of its table.
    """
    model, products = with_product_inputs(graph(INPUT_SIDE, len(own["head.bias"])))
    network = Network(model, dict(numbers(base, own, INPUT_SIDE)))
    ranges: dict[str, np.ndarray] = {}
    for row in tqdm(rows.index.tolist(), desc="ranges", unit="photo", disable=None):
        inputs = network.outputs(list(products.values()), crops.pixels([row]))
        for name, values in zip(products, inputs, strict=True):
            flat = values.reshape(-1, values.shape[-1])
            low, high = flat.min(axis=0), flat.max(axis=0)
            if name in ranges:
                low, high = np.minimum(ranges[name][0], low), np.maximum(ranges[name][1], high)
            ranges[name] = np.stack([low, high]).astype(np.float32)
    return ranges
