"""A small prepared folder, and crops that cost nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.crops import build as module
from pipeline.datasets import Dataset, Record
from pipeline.manifest import prepare as manifest
from tests.conftest import SAMPLES


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A prepared folder of two people, as if each were many, and a photo without a face."""
    root = tmp_path_factory.mktemp("prepared")
    records = [
        Record(SAMPLES / name, "real", "camera", "ffhq", group, regions="0000", split="train")
        for name, group in (("hopper_real.jpg", "hopper"), ("collins_real.jpg", "collins"))
    ]
    records.append(Record(SAMPLES / "coffee_no_face.jpg", "real", "camera", "ffhq", "coffee", split="train"))
    records.append(Record(SAMPLES / "hopper_makeup.jpg", "facetune", "retouch", "made", "hopper", split="train"))
    dataset = Dataset("some", "1", "CC0", "none", "made here", {}, lambda _folder: iter(records))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "dataset", lambda _name: dataset)
        manifest.prepare([("some", root)], root, workers=1)
    return root


@pytest.fixture
def folder(prepared, tmp_path):
    return shutil.copytree(prepared, tmp_path / "prepared")


@pytest.fixture
def instant(monkeypatch):
    """Crops that say whose they are, and no work: the first bytes of the photo's hash, and what is made of it."""

    def store(out, task):
        index, row = task
        made = [
            int(row["sha256"][:2], 16),
            int(row["sha256"][2:4], 16),
            len(row["recipe"]) and hash(row["recipe"]) % 256,
        ]
        np.load(out / "crops.npy", mmap_mode="r+")[index] = made
        np.load(out / "landmarks.npy", mmap_mode="r+")[index] = 1
        return {"index": index, "error": "", "face_size": 200.0, "regions": row["regions"]}

    monkeypatch.setattr(module, "_store", store)
    monkeypatch.setattr(module, "pick_donor", lambda _, subjects, __: subjects[0])


def change_manifest(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Put another manifest in a folder: `change` makes it of the one that is there."""
    change(pd.read_parquet(folder / "manifest.parquet")).to_parquet(folder / "manifest.parquet")
