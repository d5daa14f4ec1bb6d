"""A small prepared folder for tests of baselines: crops of noise, where an edit leaves a trace that shows."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.crops.build import COLUMNS
from pipeline.crops.crops import STORE_SIDE, TABLE

LABELS = ("real", "deepfake", "facetune")
KINDS = {"real": "camera", "deepfake": "swap", "facetune": "retouch"}
SIZES = {"train": 10, "val": 6, "test": 6}


def store(folder: Path, sizes: dict[str, int] | None = None) -> Path:
    """Write crops and their table: so many of each label in each split, every photo a group of its own.

    A deepfake's noise is that of a coarser grid; a facetune's crop is smooth on one side. The files' facts tell
    deepfakes only, by their JPEG quality. Every second test edit is forged, and one photo has no face.
    """
    plan = [(split, label) for split, count in (sizes or SIZES).items() for label in LABELS for _ in range(count)]
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "crops.npy", np.stack([crop_of(label, rng) for _, label in plan]))
    np.save(folder / "landmarks.npy", np.zeros((len(plan), 468, 2), np.float32))
    rows = [row_of(number, split, label, rng) for number, (split, label) in enumerate(plan)]
    rows[-1]["error"] = "no_face: no face found"
    pd.DataFrame(rows, columns=list(COLUMNS)).to_parquet(folder / TABLE, index=False)
    return folder


def crop_of(label: str, rng: np.random.Generator) -> np.ndarray:
    """Return (300, 300, 3) uint8: noise about grey."""
    grain = rng.normal(0, 12, (STORE_SIDE, STORE_SIDE, 3))
    if label == "deepfake":
        grain = np.repeat(np.repeat(grain[::3, ::3], 3, axis=0), 3, axis=1)
    if label == "facetune":
        grain[90:210, 60:150] *= 0.1
    return np.clip(128 + grain, 0, 255).astype(np.uint8)


def row_of(number: int, split: str, label: str, rng: np.random.Generator) -> dict[str, object]:
    """Return a row of a store's table."""
    forged = split == "test" and label != "real" and number % 2 == 0
    quality = 75 if label == "deepfake" else 90
    words = dict.fromkeys(COLUMNS, "") | {
        "path": f"{number}.jpg",
        "sha256": sha256(str(number).encode()).hexdigest(),
        "label": label,
        "kind": KINDS[label],
        "source": "forge-made" if forged else "made",
        "origin": "made",
        "group": f"group {number}",
        "split": split,
        "recipe": '{"seed": 1}' if forged else "",
        "format": "JPEG",
        "jpeg_tables": f"table {quality}",
        "subsampling": "4:2:0",
    }
    numbers = {"width": 300, "height": 300, "bytes": int(rng.integers(9_000, 11_000)), "jpeg_quality": quality}
    measured = {"sharpness": float(rng.uniform(50, 60)), "brightness": 128.0, "face_size": 200.0}
    return words | numbers | measured | {"balanced": True}
