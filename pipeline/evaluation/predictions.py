"""What a release says of every photo of a target, as a table: one row a photo, part by part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd

from models.regions import REGION_NAMES
from models.release import STAGES
from pipeline.cascade import explain, judge
from pipeline.crops.sampling import count_names
from pipeline.evaluation.parts import Part, Parts
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


def predict(cascade: Cascade, target: Target, rows: pd.DataFrame, parts: Parts) -> Iterator[tuple[int, Part]]:
    """Yield what a release says of rows, part by part: how many rows it has, and lines of a CSV file, `COLUMNS`.

    Photos in which no face is found have no line. Features are stage 1's, where its graph tells them.

    Args:
        cascade: the loaded release.
        target: whose rows they are.
        rows: some of `target.rows`.
        parts: that an earlier call measured; takes those that this one does.
    """
    for start in range(0, len(rows), TOGETHER):
        some = rows.iloc[start : start + TOGETHER]
        yield len(some), parts.get("predictions", some.id, partial(_measure, cascade, target, some))


def _measure(cascade: Cascade, target: Target, rows: pd.DataFrame) -> Part:
    batch = Batch.ask(cascade, target, rows)
    if batch is None:
        return Part("")
    table = pd.DataFrame(predictions_of(cascade, batch), columns=list(COLUMNS))
    lines = table.to_csv(header=False, index=False, float_format="%.7g")
    return Part(lines, batch.crops.answers["edited"].features)


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
