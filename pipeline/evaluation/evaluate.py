"""Evaluate a release on photos that it never saw; every figure is written to a file, then printed.

Written to models/evaluations/<release>/<dataset>@<revision>/, whole or not at all: run.json (conditions),
predictions.csv (one row a photo), tiers.csv (robustness) and metrics.json. See `pipeline.results.evaluation`.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.files import ROOT, write_json
from pipeline.cascade import Cascade, load_cascade
from pipeline.crops.sampling import sampled
from pipeline.errors import BadDataset, BadSetting
from pipeline.evaluation.conditions import conditions, surroundings
from pipeline.evaluation.contamination import refuse_contaminated
from pipeline.evaluation.predictions import predict, without_face
from pipeline.evaluation.printed import noted_on_cards
from pipeline.evaluation.targets import Target, target_of
from pipeline.evaluation.tiers import in_tiers, tier_figures
from pipeline.figures.everything import figures
from pipeline.results import neighbours
from pipeline.results.evaluation import METRICS, PREDICTIONS, RUN, TIERS, Evaluation, read_predictions, read_tiers
from pipeline.storage.whole import whole_folder as _whole


@dataclass(frozen=True)
class Asked:
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


def evaluate(asked: Asked) -> Path:
    """Evaluate a release; return the folder written.

    Raises:
        UnknownName: no such release or split.
        BadDataset: the target cannot be evaluated as it lies there.
        BadSetting: a trial without a folder of its own, or a sample of less than one photo.
        Contaminated: the release was made with some of these photos.
        DiskFull: there is no room; nothing is left behind.
    """
    if asked.most and asked.out is None:
        raise BadSetting("A trial on a part of the photos (--most) is no evaluation: name a folder of its own (--out).")
    started, cascade = time.monotonic(), load_cascade(asked.release)
    target = target_of(asked.target, asked.split)
    rows = sampled(target.rows, asked.most, asked.seed) if asked.most else target.rows
    compared = refuse_contaminated(rows, cascade.cards.values(), target.split)
    home = (asked.out or ROOT / "evaluations") / cascade.release.name
    with _whole(home / target.name) as part:
        found, left_out = _predicted(cascade, target, rows, part / PREDICTIONS)
        robust = _in_tiers(cascade, asked, target, found, part / TIERS) if asked.tiers else {}
        write_json(part / METRICS, figures(found) | ({"tiers": robust} if robust else {}))
        sample = {"most": asked.most or None, "tier_photos": asked.tier_photos if robust else None}
        more = {"n": len(found), **sample, "training_photos": compared}
        more |= surroundings(asked.seed, time.monotonic() - started)
        write_json(part / RUN, conditions(cascade, target, left_out, more))
        Evaluation.read(part)  # what is kept must be readable
    if asked.out is None and target.split != "val":
        noted_on_cards(cascade.release.name, home / target.name)
    return home / target.name


def _predicted(
    cascade: Cascade, target: Target, rows: pd.DataFrame, path: Path
) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Score and explain all rows; return the predictions as they were written, and what was left out."""
    features: list[np.ndarray] = []
    _shown(predict(cascade, target, rows, path, features), len(rows), "scored and explained")
    neighbours.written(path.parent, features, cascade.release.edited.weights)
    found = read_predictions(path)  # the figures are those of the file
    if found.empty:
        raise BadDataset(f"No face was found in any of the {len(rows)} photos of {target.folder}.")
    gone = without_face(rows, found)
    before = target.left_out.get("no_face", {})
    both = {source: before.get(source, 0) + gone.get(source, 0) for source in {**before, **gone}}
    return found, target.left_out | {"no_face": both}


def _in_tiers(cascade: Cascade, asked: Asked, target: Target, found: pd.DataFrame, path: Path) -> dict[str, Any]:
    """Measure robustness on those photos that are files and in which a face was found."""
    files = target.rows[(target.rows.path != "") & target.rows.id.isin(found.id)]
    if files.empty:
        return {}
    rows = sampled(files, asked.tier_photos, asked.seed)
    _shown(in_tiers(cascade, rows, path), len(rows), "in every tier")
    return tier_figures(read_tiers(path), found, cascade.release.edited.threshold)


def _shown(parts: Iterator[int], total: int, what: str) -> None:
    """Work through parts of a known number of photos, and show how far it is."""
    with tqdm(total=total, desc=what, unit="photo", disable=None) as bar:
        for count in parts:
            bar.update(count)
