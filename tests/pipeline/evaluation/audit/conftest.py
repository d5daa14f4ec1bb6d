"""Made-up tables and pictures in which we know what can be told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from models.files import sha256_of
from pipeline.crops.crops import STORE_SIDE
from pipeline.evaluation.audit import probes
from pipeline.evaluation.audit.networks import Frozen
from pipeline.face import OVAL
from pipeline.figures import bootstrap

TEXT = ("regions", "difficulty", "pair", "mask", "quarantine", "left_out", "recipe", "error")


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Fewer draws and trees: what is tested is not how exact they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "DRAWS", 100)
        patch.setattr(probes, "TREES", 15)
        patch.setattr(probes, "STRENGTHS", (1e-3, 1e-1))
        yield


def table(count: int, seed: int = 0, **columns: Any) -> pd.DataFrame:
    """Rows in which nothing tells anything, but for what is given."""
    rng = np.random.default_rng(seed)
    known: dict[str, Any] = {
        "path": [f"{i}.png" for i in range(count)],
        "sha256": [f"{value:016x}".rjust(64, "0") for value in rng.integers(1, 2**62, count)],
        "label": np.where(np.arange(count) % 2, "facetune", "real"),
        "kind": "camera",
        "source": "here",
        "group": [f"g{i}" for i in range(count)],
        "split": np.where(np.arange(count) % 5, "train", "test"),
        "width": 600,
        "height": 600,
        "bytes": rng.integers(40_000, 60_000, count),
        "format": "JPEG",
        "jpeg_quality": 85,
        "jpeg_tables": "abc",
        "subsampling": "4:2:0",
        "sharpness": rng.normal(300, 50, count),
        "brightness": rng.normal(120, 20, count),
        "phash": [f"{value:016x}" for value in rng.integers(0, 2**63, count)],
        "original_jpeg_quality": -1,
        "original_subsampling": -1,
        "original_bytes": -1,
        "balanced": True,
        "dataset": "made up",
        "revision": "1",
        "face_size": 170.0,
    }
    rows = pd.DataFrame(known | dict.fromkeys(TEXT, "")).assign(**columns)
    return rows.assign(origin=rows.source.str.removeprefix("forge-"))


def thumbnails(pictures: np.ndarray) -> np.ndarray:
    """A network's stand-in: mean colours of an 8 × 8 grid."""
    count, side = pictures.shape[:2]
    cell = side // 8
    cells = pictures[:, : cell * 8, : cell * 8].reshape(count, 8, cell, 8, cell, 3)
    return cells.mean(axis=(2, 4)).reshape(count, -1).astype(np.float32)


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., pd.DataFrame]:
    return table


@pytest.fixture(scope="session")
def eye() -> Frozen:
    return Frozen("thumbnails", thumbnails, False)


def write(folder: Path, rows: pd.DataFrame, colours: np.ndarray) -> pd.DataFrame:
    """Write a store whose crops are noise around a colour, and the originals; return the rows with their hashes."""
    noise = np.random.default_rng(0).normal(0, 12, (len(rows), STORE_SIDE // 10, STORE_SIDE // 10, 3))
    coarse = np.clip(colours[:, None, None] + noise, 0, 255).astype(np.uint8)
    crops = coarse.repeat(10, axis=1).repeat(10, axis=2)
    np.save(folder / "crops.npy", crops)
    np.save(folder / "landmarks.npy", np.tile(ellipse(), (len(rows), 1, 1)))
    rows = rows.assign(path=[str(folder / name) for name in rows.path])
    for row in rows[rows.recipe == ""].itertuples():
        Image.fromarray(crops[row.Index]).save(row.path)
    return rows.assign(sha256=[sha256_of(Path(path)) for path in rows.path])


@pytest.fixture(scope="session")
def written() -> Callable[..., pd.DataFrame]:
    return write


def ellipse() -> np.ndarray:
    """Landmarks, (468, 2) float32: all within an ellipse of 140 × 180 pixels."""
    angles = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    points = np.full((468, 2), STORE_SIDE / 2, np.float32)
    points[list(OVAL)] += np.stack([70 * np.sin(angles), -90 * np.cos(angles)], axis=1)
    return points
