"""What a file tells without a look at the face: as first published, as it is here, and in the fixed container."""

from collections.abc import Iterable

import cv2
import numpy as np
import pandas as pd

from pipeline.examining.container import SETTLED_QUALITY

ALL_FACTS, TABLE, RULE = "all facts", "JPEG table alone", "rule: quality unlike most real photos"

FAMILIES: dict[str, tuple[str, ...]] = {
    ALL_FACTS: (
        "width",
        "height",
        "jpeg_quality",
        "jpeg_tables",
        "subsampling",
        "bytes_per_pixel",
        "sharpness",
        "brightness",
    ),
    TABLE: ("jpeg_quality", "jpeg_tables", "subsampling"),
    RULE: ("jpeg_quality",),
}
PUBLISHED: dict[str, tuple[str, ...]] = {
    ALL_FACTS: ("original_jpeg_quality", "original_subsampling", "original_bytes"),
    TABLE: ("original_jpeg_quality", "original_subsampling"),
    RULE: ("original_jpeg_quality",),
}
"""What is looked at to the columns that are given; of the first publication fewer facts are known."""


def facts_of_files(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the facts of the files as they are here; names of tables and subsamplings as numbers."""
    facts = rows[["width", "height", "jpeg_quality", "sharpness", "brightness"]].astype(float)
    return facts.assign(
        jpeg_tables=number_names(rows.jpeg_tables),
        subsampling=number_names(rows.subsampling),
        bytes_per_pixel=rows.bytes / (rows.width * rows.height).clip(lower=1),
    )


def facts_first_published(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what the collection tells of the files that were first published; −1 is unknown."""
    return rows[list(PUBLISHED[ALL_FACTS])].astype(float)


def facts_of_crops(crops: Iterable[np.ndarray], index: pd.Index) -> pd.DataFrame:
    """Return the same facts of crops in the fixed container, (256, 256, 3) uint8 RGB each; most are constant there."""
    facts = pd.DataFrame([_of_crop(crop) for crop in crops], index=index)
    return facts.assign(jpeg_quality=SETTLED_QUALITY, jpeg_tables=0, subsampling=0).astype(float)


def _of_crop(crop: np.ndarray) -> dict[str, float]:
    height, width = crop.shape[:2]
    _, coded = cv2.imencode(".jpg", crop[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, SETTLED_QUALITY])
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    return {
        "width": width,
        "height": height,
        "bytes_per_pixel": len(coded) / (width * height),
        "sharpness": float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        "brightness": float(grey.mean()),
    }


def number_names(names: pd.Series) -> pd.Series:
    """Return 0 for the commonest name, 1 for the next, …: a forest needs numbers, and rare tables are neighbours."""
    counts = names.value_counts()
    order = sorted(counts.index, key=lambda name: (-counts[name], name))
    return names.map({name: place for place, name in enumerate(order)}).astype(float)
