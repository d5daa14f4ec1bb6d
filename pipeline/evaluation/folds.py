"""What networks trained on all folds of a collection say of its photos: each network of those that it did not see.

The outputs of parts are kept in the store's folder until all is written: a call that ends early goes on there.

Written to models/evaluations/folds/<collection>/<network>-<folds>@<revision>/: run.json (conditions), predictions.csv
(one row a photo) and metrics.json, see `pipeline.results.folds`. The folder appears whole or not at all.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from models.card import PREFIX
from pipeline.crops.crops import Crops, usable_rows
from pipeline.crops.identity import id_of
from pipeline.errors import BadDataset
from pipeline.evaluation.baselines import networks
from pipeline.evaluation.baselines.calibrated import calibrate, describe_stage
from pipeline.evaluation.baselines.run import measured_with, say_named, write_measurement
from pipeline.figures import bootstrap
from pipeline.manifest.splits import refuse_leaks
from pipeline.results.evaluation import HOME
from pipeline.results.folds import COLUMNS, EACH, EVEN, FOLDS, FORMAT, WITHIN
from pipeline.training.calibration import naming, probabilities
from pipeline.training.finished import Finished
from pipeline.training.folds import LEAST, Fold, photos_of, with_fold
from pipeline.training.selection import Selection


def measure_folds(store: Path, folders: Sequence[Path], home: Path = HOME) -> Path:
    """Score every photo of a collection by the network that it was held out from; return the folder written.

    Each network is calibrated, and its threshold set, on its own validation photos.

    Args:
        store: a prepared folder with crops.
        folders: of finished training runs of stage 1, one for each fold.
        home: where evaluations lie.

    Raises:
        BadDataset: the runs are not those of all folds of one collection, trained alike on this store; one was trained
            on photos that it is to be held out from; or there are no crops.
        LeakyManifest: splits share photos or people.
        WeightsMissing: a run is not there, or did not finish.
        NotCalibrated: on a fold's validation photos the scores point the wrong way.
        DiskFull: there is no room; what was scored is kept.
    """
    since, crops = time.monotonic(), Crops.read(store)
    runs = _in_order(folders, networks.read_runs(folders, ["edited"] * len(folders)), crops.revision)
    (first, fold), *_ = runs
    name = f"{first.config.architecture}-{fold.of}"
    kept = store / f"folds-{fold.source}-{name}.outputs"
    held_out = [HeldOut.by(run, one, crops.table) for run, one in runs]
    answers = [_answer(one, crops, kept) for one in held_out]
    predictions = pd.concat([rows for rows, _ in answers])
    conditions = {
        "format": FORMAT,
        "collection": fold.source,
        "stage": "edited",
        "revision": crops.revision,
        "n": len(predictions),
        "folds": [account for _, account in answers],
    }
    folder = home / FOLDS / fold.source / f"{name}@{crops.revision}"
    write_measurement(folder, predictions, fold_figures(predictions), conditions | measured_with(crops, since))
    shutil.rmtree(kept, ignore_errors=True)
    return folder


def _in_order(folders: Sequence[Path], runs: Sequence[Finished], data: str) -> list[tuple[Finished, Fold]]:
    """Return runs with their folds, the first fold first.

    Raises:
        BadDataset: a run has no fold or saw another store; the runs differ in collection, number of folds or training;
            or a fold is missing or there twice.
    """
    pairs = []
    for folder, run in zip(folders, runs, strict=True):
        if run.config.fold is None:
            raise BadDataset(f"The run {folder} holds out no fold: train it with `train --fold`.")
        if run.data != data:
            raise BadDataset(
                f"The run {folder} was trained on other photos or splits than this store's: train it anew."
            )
        if differ := _differing(runs[0], run):
            raise BadDataset(f"The runs {folders[0]} and {folder} were not trained alike; {differ} differs.")
        pairs.append((run, run.config.fold))
    of = pairs[0][1].of if pairs else LEAST
    numbers = sorted(fold.number for _, fold in pairs)
    if numbers != list(range(of)):
        there = ", ".join(map(str, numbers)) or "none"
        raise BadDataset(f"Needed is one run for each fold from 0 to {of - 1} (--run); there are {there}.")
    return sorted(pairs, key=lambda pair: pair[1].number)


def _differing(one: Finished, other: Finished) -> str:
    """Return what differs between two runs beside the number of the fold; "" where nothing does."""
    first, second = (_training_of(run) for run in (one, other))
    return ", ".join(name for name in first if first[name] != second[name])


def _training_of(run: Finished) -> dict[str, Any]:
    fold = run.config.fold and run.config.fold.model_dump(exclude={"number"})
    return run.config.model_dump(exclude={"fold"}) | {"fold": fold, "what it started from": run.earlier}


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What is asked of one network.

    Attributes:
        run: the network.
        fold: that it holds out.
        val: rows on which it is calibrated; `truth` is theirs, (N,) int in {0, 1}.
        test: rows of the collection that it has not seen.
    """

    run: Finished
    fold: Fold
    val: pd.DataFrame
    truth: np.ndarray
    test: pd.DataFrame

    @classmethod
    def by(cls, run: Finished, fold: Fold, table: pd.DataFrame) -> Self:
        """Return what a run of a fold is asked on a store's table.

        Raises:
            BadDataset: it was trained on some of these photos: groups or sources changed since.
            LeakyManifest: splits share photos or people.
        """
        rows = with_fold(table, fold)
        selection = Selection.of(rows, run.config)
        refuse_leaks(rows[rows.error == ""], np.zeros((0, 2), int))
        test = photos_of(usable_rows(rows, "edited", "test"), fold.source)
        if seen := sorted(set(test.sha256.str[:PREFIX]) & set(run.photos)):
            raise BadDataset(
                f"The run of fold {fold} was trained on {len(seen)} of the photos that it is to be held out from, for "
                f"example {seen[0]}: groups or sources of the store have changed since. Train the folds anew."
            )
        val = selection.validation
        return cls(run, fold, val, selection.targets_of(val).astype(int), test)


def _answer(held: HeldOut, crops: Crops, kept: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return `COLUMNS` of the photos that a network has not seen, and how it came about, for run.json."""
    fold, test = held.fold, held.test
    known = _logits(held.run, crops, held.val, f"{fold}, validation", kept)
    with naming(f"The run of fold {fold}"):
        stage = calibrate("edited", held.val, known, held.truth)
    logits = _logits(held.run, crops, test, f"{fold}, held out", kept)
    p = probabilities(stage, logits)
    ids = [id_of(*row) for row in zip(test.sha256, test.recipe, strict=True)]
    rows = test.assign(id=ids, fold=fold.number, logit_edited=logits, p_edited=p, says_edited=p >= stage.threshold)
    calibrated = {"calibrated on": len(held.val), "calibration": describe_stage(stage)}
    account = {"number": fold.number, "n": len(rows)} | calibrated | networks.describe_run(held.run)
    return rows[list(COLUMNS)], account


def _logits(run: Finished, crops: Crops, rows: pd.DataFrame, what: str, kept: Path) -> np.ndarray:
    return networks.outputs_of(run, crops, rows, what, kept)[:, 0].astype(float)


def fold_figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 1's figures over all folds, those of each fold, and what it reaches from 0.5 on.

    Args:
        table: `COLUMNS` of all folds' photos.
    """
    rows = table.assign(positive=table.label != "real", score=table.p_edited, said=table.says_edited)
    even = bootstrap.interval(rows.assign(said=rows.p_edited >= 0.5), bootstrap.balanced_accuracy)
    each = [bootstrap.interval(part, bootstrap.auc) for _, part in rows.groupby("fold", sort=True)]
    every = {WITHIN: bootstrap.interval(rows, within_folds), EVEN: even}
    return {"all": bootstrap.stage_figures(rows) | every, EACH: each}


def _within(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    folds = [(table.fold == number).to_numpy() for number in sorted(set(table.fold))]
    return np.nanmean([bootstrap.auc.of(table[mine], weights[:, mine]) for mine in folds], axis=0)


within_folds = bootstrap.Weighted(_within)
"""AUC within each fold, the mean of all: networks are not compared with one another by their scores' levels."""


def as_text(folder: Path, metrics: dict[str, Any]) -> str:
    """Return the most telling figures as lines of text."""
    lines = [f"{folder.parent.name} by folds, {folder.name} (95 % bootstrap intervals by group)"]
    lines += [f"  {say_named(name, metrics['all'][name])}" for name in (WITHIN, "AUC", "balanced accuracy", EVEN)]
    return "\n".join([*lines, *(f"  {say_named(f'AUC, fold {n}', one)}" for n, one in enumerate(metrics[EACH]))])
