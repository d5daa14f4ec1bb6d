"""What a release says of every photo of a target, as a table: one row a photo, written as it comes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from models.regions import REGION_NAMES
from models.release import STAGES
from pipeline.cascade import explain, judge
from pipeline.crops.sampling import count_names
from pipeline.evaluation.targets import Target
from pipeline.examining.face_facts import measure_face
from pipeline.examining.loaded import Cascade
from pipeline.examining.networks import FaceCrops, with_answers
from pipeline.examining.questions import Question
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.regions import region_of
from pipeline.results.canonical import canonical_grid, pack_grid
from pipeline.results.evaluation import COLUMNS, GIVEN, REGION_COLUMNS
from pipeline.verdict import score

TOGETHER = 16
"""Photos in memory at once."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Photos in which a face was found, and what both networks say of these faces.

    Attributes:
        rows: what is known of each photo, with `GIVEN`.
        crops: their faces, with what both stages say of every one.
    """

    rows: list[dict[Any, Any]]
    crops: FaceCrops

    @classmethod
    def ask(cls, cascade: Cascade, target: Target, rows: pd.DataFrame) -> Self | None:
        """Ask both networks of some of a target's rows; None where no face is found in any."""
        largest = target.faces(rows)
        faces = [face for face in largest if face is not None]
        if not faces:
            return None
        known = rows[[face is not None for face in largest]].to_dict("records")
        crops = with_answers(cascade, "edited", FaceCrops.of(faces))
        return cls(known, with_answers(cascade, "deepfake", crops))


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
    for start in range(0, len(rows), TOGETHER):
        part = rows.iloc[start : start + TOGETHER]
        batch = Batch.ask(cascade, target, part)
        if batch is not None:
            table = pd.DataFrame(predictions_of(cascade, batch), columns=list(COLUMNS))
            table.to_csv(path, mode="a", header=False, index=False, float_format="%.7g")
            seen = batch.crops.answers["edited"].features
            if seen is not None:
                features.append(seen)
        yield len(part)


def predictions_of(cascade: Cascade, batch: Batch) -> list[dict[str, Any]]:
    """Return a row of `COLUMNS` for each face."""
    crops = batch.crops
    verdicts = judge(cascade, crops)
    maps = explain(cascade, crops, [Question("edited", "edited")] * len(crops))
    scores = zip(*(crops.answers[stage].scores.tolist() for stage in STAGES), strict=True)
    photos = zip(batch.rows, crops.faces, crops.pixels, strict=True)
    return [
        {name: row[name] for name in GIVEN}
        | _scores(cascade, edited, deepfake)
        | {"verdict": verdict.label, "decided_by": verdict.stage, "reasons": " ".join(verdict.reasons)}
        | _facts(row, face, crop)
        | _map(heatmap, face)
        for (row, face, crop), (edited, deepfake), verdict, heatmap in zip(photos, scores, verdicts, maps, strict=True)
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
    return measure_face(face, crop) | {
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
        "heatmap": pack_grid(canonical_grid(heatmap, face.landmarks)),
    }


def without_face(rows: pd.DataFrame, predictions: pd.DataFrame) -> dict[str, int]:
    """Return by source how many of the rows were not predicted, as no face was found in them."""
    return count_names(rows.source[~rows.id.isin(predictions.id)])
