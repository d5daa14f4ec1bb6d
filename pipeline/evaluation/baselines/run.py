"""`baseline`: train one of `BASELINES` on a prepared folder, measure it on its held-out photos, write what was found.

Written to models/evaluations/baselines/<name>/<split>@<revision>/, as an evaluation of a release is: run.json
(conditions), predictions.csv (one row a photo) and metrics.json. A folder appears whole or not at all. Networks that
were trained without one collection are written to models/evaluations/left-out/<collection>/ instead.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.files import sha256_of, write_json
from models.release import STAGES
from pipeline.crops.crops import TABLE, Crops
from pipeline.errors import BadDataset, UnknownName
from pipeline.evaluation.audit.tasks import cap_evenly
from pipeline.evaluation.baselines.calibrated import BaselineAnswers
from pipeline.evaluation.baselines.figures import baseline_figures, prediction_rows
from pipeline.evaluation.baselines.methods import BASELINES, HELD_OUT, NETWORKS, Job
from pipeline.evaluation.conditions import OF_BASELINE, surroundings
from pipeline.evaluation.targets import count_by_reason
from pipeline.manifest.splits import refuse_leaks
from pipeline.results.evaluation import (
    BARE,
    FORMAT,
    HOME,
    LEFT_OUT,
    METRICS,
    NONE_LEFT_OUT,
    PREDICTIONS,
    RUN,
    TRAINED_WITHOUT,
)
from pipeline.storage.whole import whole_folder
from pipeline.words.figures import say, unit_of

PLAIN = "baselines"
NO_FILE = "an edit forged from a photo has no file of its own"


@dataclass(frozen=True)
class BaselineOrder:
    """Which baseline is to be measured, and on what.

    Attributes:
        name: a key of `BASELINES`.
        store: a prepared folder with crops.
        out: folder for the features, or for networks' outputs on parts of the photos: a killed call goes on there.
        most: photos of a source and label in a split at most, for a trial, which is written to `out`; 0 for all.
        seed: of every choice.
        workers: processes; 0 for one a core.
        home: where evaluations lie.
        runs: folders of finished training runs, for networks; for a cascade that of stage 1 first.
    """

    name: str
    store: Path
    out: Path
    most: int = 0
    seed: int = 1
    workers: int = 0
    home: Path = HOME
    runs: Sequence[Path] = ()


def baseline(order: BaselineOrder) -> list[Path]:
    """Train a baseline, or take finished training runs, and measure it; return the folders written, one a split.

    Raises:
        UnknownName: no such baseline.
        BadDataset: no crops, a class missing, no test photos, or runs of the wrong stages.
        WeightsMissing: a training run is not there, or did not finish.
        LeakyManifest: splits share photos or people.
        NotCalibrated: nothing was learned: on validation the scores point the wrong way.
        DiskFull, Interrupted: see `cache_features`.
    """
    since, job = time.monotonic(), _job(order)
    answers = BASELINES[order.name](job)
    place = _place(order.name, answers.without)
    conditions = _conditions(place, job, answers, order.most) | measured_with(job.crops, since)
    parts = {split: job.held_out[job.held_out.split == split] for split in HELD_OUT}
    judged = {split: prediction_rows(rows, answers.answers) for split, rows in parts.items()}
    folder = (order.out if order.most else order.home) / place
    return [
        write_measurement(
            folder / f"{split}@{job.crops.revision}",
            table[list(BARE)],
            baseline_figures(table),
            conditions | _count_photos(split, job.crops, parts[split], table),
        )
        for split, table in judged.items()
        if len(table)
    ]


def _job(order: BaselineOrder) -> Job:
    """Return what a baseline is made from, after every check that needs none of its work."""
    if order.name not in BASELINES:
        raise UnknownName.among("baseline", order.name, BASELINES)
    crops = Crops.read(order.store)
    refuse_leaks(crops.table, np.zeros((0, 2), int))
    if order.runs and order.name not in NETWORKS:
        raise BadDataset(f"{order.name!r} is trained here and takes no finished run (--run).")
    table = _sample_of(crops.table[crops.table.error == ""], order.most, order.seed)
    if not (table.split == "test").any():
        raise BadDataset(f"There is no usable photo of split 'test' in {order.store}: nothing could be measured.")
    return Job(crops, table, order.out, order.seed, order.workers, tuple(order.runs))


def _place(name: str, without: str) -> str:
    """Return where among the evaluations it belongs; it is called that too."""
    return f"{name}/{without or NONE_LEFT_OUT}" if name == LEFT_OUT else f"{PLAIN}/{name}"


def _sample_of(table: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most `most` rows of each source and label in each split; all where it is 0."""
    if not most:
        return table
    return pd.concat([cap_evenly(part, most, seed) for _, part in table.groupby("split")]).sort_index()


def write_measurement(folder: Path, table: pd.DataFrame, metrics: dict[str, Any], run: dict[str, Any]) -> Path:
    """Write a measurement beside its place and move it there; an older one is replaced.

    Args:
        folder: its place.
        table: predictions.csv.
        metrics: metrics.json.
        run: run.json.
    """
    with whole_folder(folder) as part:
        table.to_csv(part / PREDICTIONS, index=False, float_format="%.5f")
        write_json(part / METRICS, metrics)
        write_json(part / RUN, run)
    return folder


def _count_photos(split: str, crops: Crops, rows: pd.DataFrame, judged: pd.DataFrame) -> dict[str, Any]:
    """Return which photos were measured, and which were not.

    Args:
        split: that was measured.
        crops: the store.
        rows: of the split.
        judged: one row a photo with an answer.
    """
    silent = len(rows) - len(judged)
    return {
        "dataset": split,
        "split": split,
        "revision": crops.revision,
        "n": len(judged),
        "left_out": count_by_reason(crops.table[crops.table.split == split]),
        "not_judged": {NO_FILE: silent} if silent else {},
    }


def _conditions(place: str, job: Job, answers: BaselineAnswers, most: int) -> dict[str, Any]:
    """Return which baseline was measured, and how it came about."""
    lacking = {TRAINED_WITHOUT: answers.without} if place.startswith(LEFT_OUT) else {}
    return lacking | {
        "format": FORMAT,
        "release": place,
        "baseline": answers.account,
        "most": most,
        "seed": job.seed,
    }


def measured_with(crops: Crops, since: float) -> dict[str, Any]:
    """Return what every measurement of networks and baselines on a store says of its conditions.

    Args:
        crops: the store.
        since: `time.monotonic()` as it began.
    """
    return {"store_sha256": sha256_of(crops.folder / TABLE)} | surroundings(OF_BASELINE, since)


def as_text(folder: Path, metrics: dict[str, Any]) -> str:
    """Return a baseline's most telling figures as lines of text.

    Args:
        folder: of the evaluation.
        metrics: its metrics.
    """
    place = "/".join(folder.parts[-3:-1])
    lines = [f"{place} on {folder.name} (95 % bootstrap intervals by group)"]
    for stage in (*STAGES, "joint"):
        for scope, measured in metrics[stage].items():
            texts = (
                say_named(key, measured[key]) for key in ("AUC", "balanced accuracy", "macro-F1") if key in measured
            )
            lines.append(f"  {stage + ', ' + scope:<40} " + "   ".join(texts))
    return "\n".join(lines)


def say_named(name: str, figure: dict[str, Any]) -> str:
    """Say a figure behind its measure's name."""
    return f"{name} {say(figure, unit_of(name))}"
