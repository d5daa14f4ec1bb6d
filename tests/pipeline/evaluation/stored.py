"""A small prepared folder, made of the samples' faces, and predictions made up; for several tests."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.evaluation.folder import COLUMNS, NUMBERS, TRUTHS
from pipeline.photo import Photo
from pipeline.training.store import COLUMNS as STORED
from pipeline.training.store import main_face, stored_crop

NUMERIC = {"width", "height", "bytes", "jpeg_quality", "sharpness", "brightness", "face_size"}


def prepared(folder: Path, photos: list[tuple[Path, str, str]], split: str = "test") -> Path:
    """Write a store of photos, each (path, label, source), and one forged row of the first."""
    folder.mkdir()
    rows, crops, points = [], [], []
    for path, label, source in [*photos, (photos[0][0], "facetune", f"forge-{photos[0][2]}")]:
        photo = Photo.read(path.read_bytes())
        landmarks = main_face(photo).landmarks
        crop, inside = stored_crop(photo.rgb, landmarks)
        crops.append(crop)
        points.append(inside)
        rows.append(row(path, photo, label, source, split, float(np.ptp(landmarks, axis=0).max())))
    rows.append(rows[-1] | {"recipe": "other", "error": "no_face: no face found", "face_size": 0.0})
    crops.append(crops[0])
    points.append(points[0])
    pd.DataFrame(rows, columns=list(STORED)).to_parquet(folder / "crops.parquet")
    np.save(folder / "crops.npy", np.stack(crops))
    np.save(folder / "landmarks.npy", np.stack(points))
    return folder


def row(path: Path, photo: Photo, label: str, source: str, split: str, size: float) -> dict[str, object]:
    known = {name: 0 if name in NUMERIC else "" for name in STORED}
    forged = source.startswith("forge-")
    return known | {
        "path": str(path), "sha256": photo.sha256, "label": label, "source": source, "group": path.stem.split("_")[0],
        "kind": "camera" if label == "real" else "retouch", "split": split, "face_size": size, "jpeg_quality": 92,
        "regions": "0000" if label == "real" else "", "recipe": "smooth" if forged else "",
        "pair": f"forge-{photo.sha256[:16]}" if forged else "", "balanced": True,
        "original_jpeg_quality": 92, "original_subsampling": 0, "original_bytes": 0,
    }  # fmt: skip


def predictions(count: int = 300, seed: int = 0) -> pd.DataFrame:
    """Made-up predictions of three sources: a good stage 1, a middling stage 2, some abstentions."""
    rng = np.random.default_rng(seed)
    label = rng.choice(["real", "deepfake", "facetune"], count, p=[0.5, 0.25, 0.25])
    edited = label != "real"
    p1 = np.clip(0.25 + 0.5 * edited + rng.normal(0, 0.2, count), 0.001, 0.999)
    p2 = np.clip(0.3 + 0.4 * (label == "deepfake") + rng.normal(0, 0.2, count), 0.001, 0.999)
    source = np.where(rng.random(count) < 0.5, "ciplab", "dfdc").astype(object)
    forged = edited & (rng.random(count) < 0.5)
    kind = np.where(label == "real", "camera", np.where(label == "deepfake", "face swap", "retouch"))
    forced = np.where(p1 < 0.7, "real", np.where(p2 >= 0.5, "deepfake", "facetune"))
    near = (p1 >= 0.6) & (p1 < 0.7)
    table = pd.DataFrame({name: [0.0] * count if name in NUMBERS else [""] * count for name in COLUMNS})
    table = table.assign(
        id=[f"{i:016x}" for i in range(count)], sha256=[f"{i:064x}" for i in range(count)], label=label, kind=kind,
        source=np.where(forged, "forge-" + source, source), group=[f"g{i % 120}" for i in range(count)], split="test",
        pair=np.where(forged, [f"forge-{i % 40}" for i in range(count)], ""), difficulty=np.where(forged, "", "mid"),
        p_edited=p1, p_deepfake=p2, says_edited=p1 >= 0.7, says_deepfake=p2 >= 0.5, forced=forced,
        verdict=np.where(near, "inconclusive", forced), reasons=np.where(near, "near_threshold", ""),
        decided_by=np.where(p1 >= 0.7, "deepfake", "edited"), face_size=rng.uniform(80, 400, count),
        edited_regions=np.where(forged, rng.integers(1, 5, count), np.where(edited, np.nan, 0)),
        regions="", sharpness=rng.uniform(10, 500, count), brightness=rng.uniform(50, 200, count),
        contrast=rng.uniform(20, 70, count), ita=rng.uniform(-50, 80, count),
        jpeg_quality=rng.choice([75, 85, -1], count), faithfulness=rng.normal(0.2, 0.3, count), map_method="gradcam",
    )  # fmt: skip
    kinds = {name: "float64" if name in NUMBERS else "bool" if name in TRUTHS else "str" for name in COLUMNS}
    return table[list(COLUMNS)].astype(kinds)
