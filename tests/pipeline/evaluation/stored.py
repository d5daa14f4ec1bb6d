"""A small prepared folder, made of the samples' faces; for several tests."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.crops.build import COLUMNS as STORED
from pipeline.crops.build import main_face
from pipeline.crops.crops import stored_crop
from pipeline.photo import Photo

NUMERIC = {"width", "height", "bytes", "jpeg_quality", "sharpness", "brightness", "face_size"}

RECIPE = '{"operations": ["smooth_skin"], "strength": 0.65}'


def write_prepared(folder: Path, photos: list[tuple[Path, str, str]], split: str = "test") -> Path:
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
    rows.append(
        rows[-1] | {"recipe": RECIPE.replace("0.65", "0.9"), "error": "no_face: no face found", "face_size": 0.0}
    )
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
        "regions": "0000" if label == "real" else "", "recipe": RECIPE if forged else "",
        "pair": f"forge-{photo.sha256[:16]}" if forged else "", "balanced": True,
        "original_jpeg_quality": 92, "original_subsampling": 0, "original_bytes": 0,
    }  # fmt: skip
