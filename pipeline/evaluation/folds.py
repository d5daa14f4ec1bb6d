"""What networks trained on all folds of a collection say of its photos, each of those that it did not see.

Written to models/evaluations/folds/<collection>/<network>-<folds>@<revision>/: run.json (conditions), predictions.csv
(one row a photo) and metrics.json, see `pipeline.results.folds`. The folder appears whole or not at all.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.crops.crops import read_store
from pipeline.crops.identity import id_of, revision
from pipeline.errors import BadDataset
from pipeline.evaluation.baselines import networks
from pipeline.evaluation.baselines.calibrated import described, staged
from pipeline.evaluation.baselines.run import in_words, measured_with, written
from pipeline.figures import bootstrap
from pipeline.manifest.splits import refuse_leaks
from pipeline.results.evaluation import HOME
from pipeline.results.folds import COLUMNS, EACH, EVEN, FOLDS, FORMAT, WITHIN
from pipeline.training.calibration import probabilities
from pipeline.training.finished import Finished
from pipeline.training.folds import LEAST, Fold, photos_of, refolded
from pipeline.training.selection import target_of, usable


def measure_folds(store: Path, folders: Sequence[Path], home: Path = HOME) -> Path:
    """Score every photo of a collection by the network that it was held out from; return the folder written.

    Each network is calibrated, and its threshold set, on its own validation photos.

    Args:
        store: a prepared folder with crops.
        folders: of finished training runs of stage 1, one for each fold.
        home: where evaluations lie.

    Raises:
        BadDataset: the runs are not those of all folds of one collection, trained alike on this store; or there are no
            crops.
        LeakyManifest: splits share photos or people.
        WeightsMissing: a run is not there, or did not finish.
        NotCalibrated: on a fold's validation photos the scores point the wrong way.
    """
    since, table = time.monotonic(), read_store(store)
    runs = _in_order(folders, networks.finished(folders, ["edited"] * len(folders)), revision(table))
    answered = [_answered(run, store, refolded(table, fold)) for run, fold in runs]
    predicted = pd.concat([rows for rows, _ in answered])
    fold = runs[0][1]
    conditions = {
        "format": FORMAT,
        "collection": fold.source,
        "stage": "edited",
        "revision": revision(table),
        "n": len(predicted),
        "folds": [said for _, said in answered],
        "seconds": round(time.monotonic() - since),
    }
    name = f"{runs[0][0].config.architecture}-{fold.of}@{conditions['revision']}"
    folder = home / FOLDS / fold.source / name
    return written(folder, predicted, figures(predicted), conditions | measured_with(store))


def _in_order(folders: Sequence[Path], runs: Sequence[Finished], data: str) -> list[tuple[Finished, Fold]]:
    """Return runs with their folds, the first fold first.

    Raises:
        BadDataset: a run has no fold, or saw another store; they are of different collections or numbers of folds, were
            trained differently, or a fold is missing or there twice.
    """
    found = []
    for folder, run in zip(folders, runs, strict=True):
        if run.config.fold is None:
            raise BadDataset(f"The run {folder} holds out no fold: train it with `train --fold`.")
        if run.data != data:
            raise BadDataset(
                f"The run {folder} was trained on other photos or splits than this store's: train it anew."
            )
        if differ := _differing(runs[0], run):
            raise BadDataset(f"The runs {folders[0]} and {folder} were not trained alike; {differ} differs.")
        found.append((run, run.config.fold))
    of = found[0][1].of if found else LEAST
    there = sorted(fold.number for _, fold in found)
    if there != list(range(of)):
        said = ", ".join(map(str, there)) or "none"
        raise BadDataset(f"Needed is one run for each fold from 0 to {of - 1} (--run); there are {said}.")
    return sorted(found, key=lambda pair: pair[1].number)


def _differing(one: Finished, other: Finished) -> str:
    """Return by what two runs differ that should differ by the number of the fold only; "" where by nothing."""
    told = []
    for run in (one, other):
        fold = run.config.fold and run.config.fold.model_dump(exclude={"number"})
        told.append(run.config.model_dump(exclude={"fold"}) | {"fold": fold, "what it started from": run.earlier})
    return ", ".join(name for name in told[0] if told[0][name] != told[1][name])


def _answered(run: Finished, store: Path, table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return `COLUMNS` of the photos that a network has not seen, and what is to be said of it."""
    fold = run.config.fold
    assert fold is not None
    val, test = (usable(table, "edited", split) for split in ("val", "test"))
    refuse_leaks(table[table.error == ""], np.zeros((0, 2), int))
    test = photos_of(test, fold.source)
    truth = target_of(val, "edited").astype(int)
    stage = staged("edited", val, _logits(run, store, val, f"{fold}, validation"), truth)
    logits = _logits(run, store, test, f"{fold}, held out")
    p = probabilities(stage, logits)
    ids = [id_of(*row) for row in zip(test.sha256, test.recipe, strict=True)]
    rows = test.assign(id=ids, fold=fold.number, logit_edited=logits, p_edited=p, says_edited=p >= stage.threshold)
    told = {"number": fold.number, "n": len(rows), "calibrated on": len(val), "calibration": described(stage)}
    return rows[list(COLUMNS)], told | networks.told(run)


def _logits(run: Finished, store: Path, rows: pd.DataFrame, what: str) -> np.ndarray:
    return networks.outputs_of(run, store, rows, what)[:, 0].astype(float)


def figures(table: pd.DataFrame) -> dict[str, Any]:
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


def as_text(folder: Path, found: dict[str, Any]) -> str:
    """Return the most telling figures as lines of text."""
    lines = [f"{folder.parent.name} by folds, {folder.name} (95 % bootstrap intervals by group)"]
    lines += [f"  {in_words(name, found['all'][name])}" for name in (WITHIN, "AUC", "balanced accuracy", EVEN)]
    return "\n".join([*lines, *(f"  {in_words(f'AUC, fold {n}', one)}" for n, one in enumerate(found[EACH]))])
