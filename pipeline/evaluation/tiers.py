"""Robustness: whole photos as they reach an investigator, worse and worse, through the whole path to a verdict.

A tier changes the photo, not the crop: faces are found anew, as `examine` does. Everything here is deterministic.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from pipeline.cascade import examine_many
from pipeline.errors import BadDataset
from pipeline.evaluation.parts import Part, Parts
from pipeline.evaluation.targets import REMEDY, read_photo
from pipeline.examination import Examination
from pipeline.examining.container import TIERS as CONTAINERS
from pipeline.examining.container import jpeg, shrink
from pipeline.examining.loaded import Cascade
from pipeline.figures import bootstrap
from pipeline.figures import measures as weighted
from pipeline.photo import Photo
from pipeline.results.evaluation import TIER_COLUMNS

TOGETHER = 4
"""Photos in memory at once, each in every tier."""
MARGIN = 0.2
"""Room that a crop leaves on each side, in shares of the face's box."""

Change = Callable[[np.ndarray], np.ndarray]


def resave(rgb: np.ndarray, longest: int, quality: int) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB with its longer side at most `longest`, saved as JPEG 4:2:0."""
    return jpeg(shrink(rgb, min(1.0, longest / max(rgb.shape[:2]))), quality)


WHOLE: Mapping[str, Change] = MappingProxyType(
    {
        "web": partial(resave, longest=768, quality=60),
        "hard": partial(resave, longest=512, quality=40),
        "screenshot": CONTAINERS["screenshot"],
        "social": CONTAINERS["social"],
    }
)
"""What becomes of a whole photo, (H, W, 3) uint8 RGB."""
TIERS = ("clean", "web", "hard", "screenshot", "crop", "social")


def face_cut(examined: Examination) -> np.ndarray | None:
    """Return the largest face with a margin, (h, w, 3) uint8 RGB, as somebody would cut it out; None without a face."""
    if not examined.faces:
        return None
    x0, y0, x1, y1 = examined.faces[0].face.box
    across, down = (x1 - x0) * MARGIN, (y1 - y0) * MARGIN
    rows = slice(max(0, int(y0 - down)), int(y1 + down) + 1)
    columns = slice(max(0, int(x0 - across)), int(x1 + across) + 1)
    return np.ascontiguousarray(examined.photo.rgb[rows, columns])


def in_tiers(cascade: Cascade, rows: pd.DataFrame, parts: Parts) -> Iterator[tuple[int, Part]]:
    """Yield the verdicts on photos in every tier, part by part: how many photos, and lines of `TIER_COLUMNS`.

    Args:
        cascade: the loaded release.
        rows: with `id`, `sha256` and `path`.
        parts: that an earlier call measured; takes those that this one does.

    Raises:
        BadDataset: a photo is no longer where it was, is another one now, or cannot be read.
    """
    if absent := [name for name in rows.path if not Path(name).is_file()]:
        raise BadDataset(
            f"{len(absent)} photos are no longer where `prepare` found them, the first is {absent[0]}: bring them "
            "back, or ask for no tiers (--no-tiers)."
        )
    for first in range(0, len(rows), TOGETHER):
        some = rows.iloc[first : first + TOGETHER]
        yield len(some), parts.get("tiers", some.id, partial(_measure, cascade, some))


def _measure(cascade: Cascade, rows: pd.DataFrame) -> Part:
    table = pd.DataFrame(_verdicts(cascade, rows), columns=list(TIER_COLUMNS))
    return Part(table.to_csv(header=False, index=False, float_format="%.6g"))


def _verdicts(cascade: Cascade, rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    photos = [_read_same(*row) for row in zip(rows.path, rows.sha256, strict=True)]
    clean = examine_many(photos, cascade, heatmaps=False)
    changed = [(name, key, photo) for name, one in zip(rows.id, clean, strict=True) for key, photo in _changes_of(one)]
    again = examine_many([photo for _, _, photo in changed], cascade, heatmaps=False)
    lines = [(name, "clean", *_columns_of(one)) for name, one in zip(rows.id, clean, strict=True)]
    return lines + [(name, key, *_columns_of(one)) for (name, key, _), one in zip(changed, again, strict=True)]


def _read_same(path: str, sha256: str) -> Photo:
    photo = read_photo(path)
    if photo.sha256 != sha256:
        raise BadDataset(f"{path} is another photo than when it was listed. {REMEDY}")
    return photo


def _changes_of(clean: Examination) -> Iterator[tuple[str, Photo]]:
    photo = clean.photo
    for name, change in WHOLE.items():
        yield name, replace(photo, rgb=change(photo.rgb))
    cut = face_cut(clean)
    yield "crop", photo if cut is None else replace(photo, rgb=cut)


def _columns_of(examined: Examination) -> tuple[float | None, float | None, str]:
    verdict = examined.verdict
    scores = (None if score is None else score.probability for score in (verdict.edited, verdict.deepfake))
    return (*scores, verdict.label)  # type: ignore[return-value]


def tier_figures(tiers: pd.DataFrame, predictions: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Return how well stage 1 and the verdicts stand each tier.

    Args:
        tiers: `TIER_COLUMNS`, with the same photos in every tier.
        predictions: of these photos and others, with `id`, `label` and `group`.
        threshold: stage 1's, of the probability.

    Returns:
        For each tier:

        - "balanced accuracy", "false alarms", "recall", "no face": shares of all photos;
        - "flips": the share of verdicts other than in the clean tier;
        - "lost": balanced accuracy in the clean tier less that here, of the same draws;
        - "AUC": over the photos with a face.

        A photo without a face counts as not said to be edited.
    """
    known = predictions.set_index("id")[["label", "group"]]
    by_tier = {str(name): part.set_index("id").join(known).sort_index() for name, part in tiers.groupby("tier")}
    clean = _with_answers(by_tier["clean"], threshold)
    return {name: _tier(_with_answers(by_tier[name], threshold), clean) for name in TIERS if name in by_tier}


def _with_answers(table: pd.DataFrame, threshold: float) -> pd.DataFrame:
    says = table.p_edited >= threshold  # False where there is no face
    return table.assign(positive=table.label != "real", score=table.p_edited, said=says, none=table.p_edited.isna())


def _tier(table: pd.DataFrame, clean: pd.DataFrame) -> dict[str, Any]:
    before = clean.said.to_numpy(bool)
    truth, says = table.positive.to_numpy(bool), table.said.to_numpy(bool)

    def loss(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return weighted.balanced_accuracy(truth, before, weights) - weighted.balanced_accuracy(truth, says, weights)

    measures = {
        "balanced accuracy": bootstrap.balanced_accuracy,
        "lost": bootstrap.Weighted(loss),
        "false alarms": bootstrap.false_alarm,
        "recall": bootstrap.recall,
    }
    shares = {"flips": table.verdict != clean.verdict, "no face": table.none}
    figures = bootstrap.intervals(table, measures)
    figures |= {name: bootstrap.interval(table.assign(hit=hit), bootstrap.hit_rate) for name, hit in shares.items()}
    return {"AUC": bootstrap.interval(table[~table.none], bootstrap.auc)} | figures
