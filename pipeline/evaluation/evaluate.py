"""Evaluate a release on a held-out split of a prepared store; every figure is written to a file, then printed.

Written to models/evaluations/<release>/<split>@<revision>/: run.json (conditions), predictions.csv (one row a photo)
and metrics.json. The revision is the hash of the manifest's photos, labels and splits.
"""

import hashlib
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.files import ROOT, write_json
from pipeline.cascade import PREPROCESSING, Cascade, explain, load_cascade, scores_of, tensor_of
from pipeline.errors import UnknownName
from pipeline.evaluation import metrics
from pipeline.evaluation.figures import figures
from pipeline.evaluation.printed import noted_on_cards
from pipeline.face import Face, window_of
from pipeline.regions import region_of
from pipeline.training.store import INPUT_SIDE, STORE_SIDE, read_store
from pipeline.verdict import decide, passes_on

SPLITS = ("test", "unseen", "val")
BATCH = 16


def evaluate(name: str, store: Path, split: str) -> Path:
    """Evaluate a release; return the folder written.

    Raises:
        UnknownName: no such release or split.
    """
    if split not in SPLITS:
        raise UnknownName.among("split", split, SPLITS)
    cascade, table = load_cascade(name), read_store(store)
    rows = table[(table.split == split) & (table.error == "")]
    predicted = predictions(cascade, store, rows)
    folder = ROOT / "evaluations" / cascade.release.name / f"{split}@{revision(table)}"
    folder.mkdir(parents=True, exist_ok=True)
    predicted.to_csv(folder / "predictions.csv", index=False, float_format="%.5f")
    missed = table[(table.split == split) & (table.error != "")]
    write_json(folder / "metrics.json", figures(predicted))
    write_json(folder / "run.json", conditions(cascade, store, split, len(rows), missed))
    noted_on_cards(cascade.release.name, folder)
    return folder


def revision(table: pd.DataFrame) -> str:
    """Return ten hex digits that change when a photo, a label, a forged edit or a split changes."""
    lines = (table.sha256 + table.label + table.recipe + table.split).sort_values()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:10]


def stored_face(crop: np.ndarray, landmarks: np.ndarray, face_size: float) -> Face:
    """Rebuild the face that `examine` sees from a store's row: same crop, landmarks at the photo's scale."""
    edge = (STORE_SIDE - INPUT_SIDE) // 2
    points = landmarks * (face_size / np.ptp(landmarks, axis=0).max())
    low, high = points.min(axis=0), points.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    inner = np.ascontiguousarray(crop[edge : edge + INPUT_SIDE, edge : edge + INPUT_SIDE])
    return Face(box, points, window_of(points), inner, 1.0)


def predictions(cascade: Cascade, store: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Score every row with both stages and explain the edited ones' first stage; one row a photo."""
    crops, points = np.load(store / "crops.npy", mmap_mode="r"), np.load(store / "landmarks.npy", mmap_mode="r")
    done: list[dict[str, Any]] = []
    for first in tqdm(range(0, len(rows), BATCH), desc="evaluate", unit="batch"):
        part = rows.iloc[first : first + BATCH]
        faces = [stored_face(crops[i], points[i], size) for i, size in zip(part.index, part.face_size, strict=True)]
        done += _predicted(cascade, part, faces)
    return pd.DataFrame(done)


def _predicted(cascade: Cascade, part: pd.DataFrame, faces: list[Face]) -> list[dict[str, Any]]:
    pixels, release = tensor_of(faces), cascade.release
    first, second = scores_of(cascade, "edited", pixels), scores_of(cascade, "deepfake", pixels)
    maps = explain(cascade, faces, pixels, "edited", ["edited"] * len(faces))
    found = []
    for row, face, edited, deepfake, heatmap in zip(part.itertuples(), faces, first, second, maps, strict=True):
        ran = deepfake if passes_on(edited) else None
        verdict = decide(release, face.size, edited, ran)
        kind = "deepfake" if deepfake.positive else "facetune"
        point = heatmap.peak_point
        found.append(
            {
                "sha256": row.sha256,
                "label": row.label,
                "kind": row.kind,
                "source": row.source,
                "group": row.group,
                "difficulty": row.difficulty,
                "regions": row.regions,
                "face_size": row.face_size,
                "p_edited": edited.probability,
                "p_deepfake": deepfake.probability,
                "says_deepfake": deepfake.positive,
                "verdict": verdict.label,
                "reasons": " ".join(verdict.reasons),
                "forced": kind if edited.positive else "real",
                "peak_region": region_of(point, face.landmarks) if point else "",
                "likeliest_region": edited.likeliest_region,
                "peak": heatmap.peak,
                "faithfulness": heatmap.faithfulness,
            }
        )
    return found


def conditions(cascade: Cascade, store: Path, split: str, n: int, missed: pd.DataFrame) -> dict[str, Any]:
    """Return what the figures were measured under."""
    packages = ("onnxruntime", "torch", "numpy", "pillow", "opencv-python-headless", "scikit-learn", "ai-edge-litert")
    return {
        "release": cascade.release.name,
        "release_sha256": cascade.release.sha256,
        "split": split,
        "n": n,
        "without_face": {str(source): int(count) for source, count in missed.source.value_counts().items()},
        "manifest_sha256": hashlib.sha256((store / "manifest.parquet").read_bytes()).hexdigest(),
        "preprocessing": PREPROCESSING,
        "bootstrap": {"draws": metrics.DRAWS, "seed": 1, "by": "group"},
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in packages},
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
