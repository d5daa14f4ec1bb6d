"""Evaluate a release on photos that it never saw; every figure is written to a file, then printed.

Written to models/evaluations/<release>/<dataset>@<revision>/, whole or not at all: run.json (conditions),
predictions.csv (one row a photo), tiers.csv (robustness) and metrics.json. See `pipeline.results.evaluation`. What is
measured is kept beside the photos until all is, so that a killed call goes on where it was.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from models.files import ROOT, write_json
from pipeline.crops.journal import kept_until_done
from pipeline.crops.sampling import sample_evenly
from pipeline.errors import BadDataset, BadSetting
from pipeline.evaluation.conditions import OF_RELEASE, conditions, served_by, surroundings
from pipeline.evaluation.contamination import refuse_contaminated
from pipeline.evaluation.parts import Part, Parts, hash_rows
from pipeline.evaluation.predictions import predict, without_face
from pipeline.evaluation.printed import note_on_cards
from pipeline.evaluation.targets import Target, target_of
from pipeline.evaluation.tiers import in_tiers, tier_figures
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.figures.everything import figures
from pipeline.results import neighbours
from pipeline.results.evaluation import (
    COLUMNS,
    METRICS,
    PREDICTIONS,
    RUN,
    TIER_COLUMNS,
    TIERS,
    Evaluation,
    read_predictions,
    read_tiers,
)
from pipeline.storage.whole import whole_folder

Where = tuple[Path, Parts]
"""A file to write, and what is kept of it meanwhile."""


@dataclass(frozen=True)
class EvaluationOrder:
    """What is to be evaluated.

    Attributes:
        release: its name.
        target: a prepared folder, or a built benchmark.
        split: part of it; "" is the test split of a prepared folder, or all of a benchmark.
        out: where evaluations are kept; None is models/evaluations. The cards are noted only there.
        most: photos at most, as a trial; 0 for all. A trial is kept only where `out` names another folder.
        tiers: whether robustness is measured too.
        tier_photos: photos at most for that.
        seed: of the samples.
    """

    release: str
    target: Path
    split: str = ""
    out: Path | None = None
    most: int = 0
    tiers: bool = True
    tier_photos: int = 600
    seed: int = 1


def evaluate(order: EvaluationOrder) -> Path:
    """Evaluate a release; return the folder written.

    Raises:
        UnknownName: no such release or split.
        BadDataset: the target cannot be evaluated as it lies there, or a photo of it cannot be read.
        BadSetting: a trial without a folder of its own, or a sample of less than one photo.
        Contaminated: the release was made with some of these photos.
        DiskFull: there is no room; an older evaluation stays as it was, and what was measured is kept.
    """
    if order.most and order.out is None:
        raise BadSetting("A trial on a part of the photos (--most) is no evaluation: name a folder of its own (--out).")
    started, cascade = time.monotonic(), load_cascade(order.release)
    target = target_of(order.target, order.split)
    rows = sample_evenly(target.rows, order.most, order.seed) if order.most else target.rows
    compared = refuse_contaminated(rows, cascade.cards.values(), target.split)
    home = (order.out or ROOT / "evaluations") / cascade.release.name
    name = f"{'trying' if order.most else 'measuring'}-{cascade.release.name}-{target.name}.journal"
    kept = kept_until_done(target.folder / name, _head(cascade, target))
    with kept as journal, whole_folder(home / target.name) as part:
        parts = Parts(journal)
        predictions, left_out = _predict_all(cascade, target, rows, (part / PREDICTIONS, parts))
        robust = _in_tiers(cascade, order, target, predictions, (part / TIERS, parts)) if order.tiers else {}
        write_json(part / METRICS, figures(predictions) | ({"tiers": robust} if robust else {}))
        sample = {"most": order.most or None, "tier_photos": order.tier_photos if robust else None}
        more = {"n": len(predictions), **sample, "training_photos": compared}
        more |= {"parts of an earlier, killed call": journal.found} if journal.found else {}
        more |= surroundings(OF_RELEASE, started, order.seed)
        write_json(part / RUN, conditions(cascade, target, left_out, more))
        Evaluation.read(part)  # what is kept must be readable
    if order.out is None and target.split != "val":
        note_on_cards(cascade.release.name, home / target.name)
    return home / target.name


def _head(cascade: Cascade, target: Target) -> dict[str, Any]:
    """Return what measured parts depend on, beside the photos by whose ids they are called, and the code.

    Parts hold what is known of their photos, groups and kinds for example, which changes without the ids. Not where
    they lie: a folder may be moved.
    """
    rows = hash_rows(target.rows.drop(columns="path"))
    return {"target": target.name, "rows": rows} | served_by(cascade, OF_RELEASE)


def _predict_all(
    cascade: Cascade, target: Target, rows: pd.DataFrame, where: Where
) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Score and explain all rows; return the predictions as they were written, and what was left out."""
    path, parts = where
    seen = _write(path, COLUMNS, predict(cascade, target, rows, parts), (len(rows), "scored and explained"))
    features = [part.features for part in seen if part.features is not None]
    neighbours.write_features(path.parent, features, cascade.release.edited.weights)
    predictions = read_predictions(path)  # the figures are those of the file
    if predictions.empty:
        raise BadDataset(f"No face was found in any of the {len(rows)} photos of {target.folder}.")
    gone = without_face(rows, predictions)
    before = target.left_out.get("no_face", {})
    both = {source: before.get(source, 0) + gone.get(source, 0) for source in {**before, **gone}}
    return predictions, target.left_out | {"no_face": both}


def _in_tiers(
    cascade: Cascade, order: EvaluationOrder, target: Target, predictions: pd.DataFrame, where: Where
) -> dict[str, Any]:
    """Measure robustness on those photos that are files and in which a face was found."""
    files = target.rows[(target.rows.path != "") & target.rows.id.isin(predictions.id)]
    if files.empty:
        return {}
    rows = sample_evenly(files, order.tier_photos, order.seed)
    path, parts = where
    _write(path, TIER_COLUMNS, in_tiers(cascade, rows, parts), (len(rows), "in every tier"))
    return tier_figures(read_tiers(path), predictions, cascade.release.edited.threshold)


def _write(path: Path, columns: Sequence[str], parts: Iterator[tuple[int, Part]], work: tuple[int, str]) -> list[Part]:
    """Write a CSV file part by part and show how far it is; `work` is of how many photos, and what is done."""
    done = []
    total, what = work
    bar = tqdm(total=total, desc=what, unit="photo", disable=None)
    with path.open("w", encoding="utf-8", newline="") as file, bar:
        pd.DataFrame(columns=list(columns)).to_csv(file, index=False)
        for count, part in parts:
            file.write(part.lines)
            done.append(part)
            bar.update(count)
    return done
