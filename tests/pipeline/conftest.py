"""A tiny store of crops that a network can learn in seconds."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from models import registry
from pipeline.crops.build import COLUMNS
from pipeline.crops.crops import STORE_SIDE
from tests.pipeline import small_network

BRIGHTER = {"real": 0, "facetune": 140, "deepfake": 60}


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Return a folder of 24 crops of two sources; edited ones have a bright middle, which any network can learn."""
    folder, rng = tmp_path_factory.mktemp("store"), np.random.default_rng(1)
    crops = rng.integers(60, 90, (24, STORE_SIDE, STORE_SIDE, 3), np.uint8)
    lines = []
    for n in range(24):
        label = ("real", "facetune", "real", "deepfake")[n % 4]
        crops[n, 90:210, 90:210] += BRIGHTER[label]
        line = {
            "sha256": f"{n:016x}".ljust(64, "0"),
            "label": label,
            "kind": "camera" if label == "real" else "face swap",
        }
        line |= {"source": "ab"[n // 2 % 2], "split": "val" if n >= 12 else "train", "group": f"g{n}"}
        lines.append({"regions": "1111" if label != "real" else "0000"} | line)
    table = pd.DataFrame(lines).reindex(columns=list(COLUMNS), fill_value="")
    table.to_parquet(folder / "crops.parquet")
    np.save(folder / "crops.npy", crops)
    np.save(folder / "landmarks.npy", rng.uniform(80, 220, (24, 468, 2)).astype(np.float32))
    return folder


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """Register a network that costs next to nothing, for a module's tests; return its name."""
    registry.names()  # what is registered first by a scan stays
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry._builders, small_network.NAME, small_network.build)
        yield small_network.NAME
