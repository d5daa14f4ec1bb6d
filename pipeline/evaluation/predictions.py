"""What a release says of every photo of a target, as a table: one row a photo, written as it comes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.regions import REGION_NAMES
from models.serving import Answers
from pipeline.cascade import Cascade, explain, judge, outputs_of, tensor_of
from pipeline.crops.sampling import counted
from pipeline.evaluation.targets import Target
from pipeline.examining.face_facts import measured
from pipeline.examining.loaded import answers_of
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.regions import region_of
from pipeline.results.canonical import canonical_grid, packed
from pipeline.results.evaluation import COLUMNS, GIVEN, REGION_COLUMNS
from pipeline.verdict import score

TOGETHER = 16
"""Photos in memory at once."""


def predict(
    cascade: Cascade, target: Target, rows: pd.DataFrame, path: Path, features: list[np.ndarray]
) -> Iterator[int]:
    """Write what a release says of rows to a CSV file, and yield after each part how many rows it had.

    Photos in which no face is found are not written.

    Args:
        cascade: the loaded release.
        target: whose rows they are.
        rows: some of `target.rows`.
        path: the file; it must not exist.
        features: takes stage 1's features of the rows written, part by part, where its graph tells them.
    """
    pd.DataFrame(columns=list(COLUMNS)).to_csv(path, index=False)
    for first in range(0, len(rows), TOGETHER):
        part = rows.iloc[first : first + TOGETHER]
        faces = target.faces(part)
        known = part[[face is not None for face in faces]].to_dict("records")
        seen = [face for face in faces if face is not None]
        pixels = tensor_of(seen)
        told = answers_of(cascade, "edited", pixels) if seen else None
        said = predicted(cascade, known, seen, pixels, told)
        table = pd.DataFrame(said, columns=list(COLUMNS))
        table.to_csv(path, mode="a", header=False, index=False, float_format="%.7g")
        if told is not None and told.features is not None:
            features.append(told.features)
        yield len(part)


def predicted(
    cascade: Cascade,
    rows: Sequence[Mapping[Any, Any]],
    faces: Sequence[Face],
    pixels: np.ndarray,
    told: Answers | None = None,
) -> list[dict[str, Any]]:
    """Return a row of `COLUMNS` for each face.

    Args:
        cascade: the loaded release.
        rows: what is known of each, with `GIVEN`.
        faces: the faces, (B,).
        pixels: their crops from `tensor_of`.
        told: what stage 1 says of these crops, where it is at hand.
    """
    if not faces:
        return []
    told = told or answers_of(cascade, "edited", pixels)
    second = outputs_of(cascade, "deepfake", pixels)
    verdicts = judge(cascade, faces, pixels, told.scores, second)
    maps = explain(cascade, faces, pixels, "edited", ["edited"] * len(faces), known=told)
    parts = zip(rows, faces, pixels, told.scores.tolist(), second.tolist(), verdicts, maps, strict=True)
    return [
        {name: row[name] for name in GIVEN}
        | _scores(cascade, edited, deepfake)
        | {"verdict": verdict.label, "decided_by": verdict.stage, "reasons": " ".join(verdict.reasons)}
        | _facts(row, face, crop)
        | _map(heatmap, face)
        for row, face, crop, edited, deepfake, verdict, heatmap in parts
    ]


def _scores(cascade: Cascade, edited: list[float], deepfake: list[float]) -> dict[str, Any]:
    """Return both stages' scores from their raw outputs, and the three-class answer without abstention."""
    one, two = score(cascade.release.edited, edited[0], edited[1:]), score(cascade.release.deepfake, deepfake[0])
    regions = dict(zip(REGION_COLUMNS, one.regions or [None] * len(REGION_COLUMNS), strict=True))
    return regions | {
        "logit_edited": edited[0],
        "logit_deepfake": deepfake[0],
        "p_edited": one.probability,
        "p_deepfake": two.probability,
        "says_edited": one.positive,
        "says_deepfake": two.positive,
        "forced": ("deepfake" if two.positive else "facetune") if one.positive else "real",
        "likeliest_region": one.likeliest_region,
    }


def _facts(row: Mapping[Any, Any], face: Face, crop: np.ndarray) -> dict[str, Any]:
    known = len(row["regions"]) == len(REGION_NAMES)
    return measured(face, crop) | {
        "face_size": face.size,
        "edited_regions": row["regions"].count("1") if known else None,
    }


def _map(heatmap: Heatmap, face: Face) -> dict[str, Any]:
    point = heatmap.peak_point
    return {
        "peak": heatmap.peak,
        "peak_region": region_of(point, face.landmarks) if point else "",
        "faithfulness": heatmap.faithfulness,
        "map_method": heatmap.method,
        "heatmap": packed(canonical_grid(heatmap, face.landmarks)),
    }


def without_face(rows: pd.DataFrame, predictions: pd.DataFrame) -> dict[str, int]:
    """Return by source how many of the rows were not predicted, as no face was found in them."""
    return counted(rows.source[~rows.id.isin(predictions.id)])
