"""What networks trained on all folds of a collection say of its photos, each of those that it did not see.

Written to models/evaluations/folds/<collection>/edited@<revision>/: run.json (conditions), predictions.csv (one row a
photo) and metrics.json, see `pipeline.evaluation.fold_folder`. The folder appears whole or not at all.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import BadDataset
from pipeline.evaluation import metrics
from pipeline.evaluation.fold_folder import COLUMNS, EACH, EVEN, FOLDS, FORMAT
from pipeline.evaluation.folder import HOME
from pipeline.evaluation.targets import id_of, revision
from pipeline.training.baselines import networks
from pipeline.training.baselines.calibrated import described, staged
from pipeline.training.baselines.run import in_words, measured_with, written
from pipeline.training.calibration import probabilities
from pipeline.training.config import TrainConfig
from pipeline.training.folds import Fold, refolded
from pipeline.training.pairs import home_of
from pipeline.training.samples import target_of, usable
from pipeline.training.store import read_store
from pipeline.training.validation import Finished


def measure_folds(store: Path, folders: Sequence[Path], home: Path = HOME) -> Path:
    """Score every photo of a collection by the network that it was held out from; return the folder written.

    Each network is calibrated, and its threshold set, on its own validation photos.

    Args:
        store: a prepared folder with crops.
        folders: of finished training runs of stage 1, one for each fold.
        home: where evaluations lie.

    Raises:
        BadDataset: the runs are not those of all folds of one collection, trained alike; or there are no crops.
        WeightsMissing: a run is not there, or did not finish.
        NotCalibrated: on a fold's validation photos the scores point the wrong way.
    """
    since, table = time.monotonic(), read_store(store)
    runs = _in_order(networks.finished(folders, ["edited"] * len(folders)))
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
    folder = home / FOLDS / fold.source / f"edited@{conditions['revision']}"
    return written(folder, predicted, figures(predicted), conditions | measured_with(store))


def _in_order(runs: Sequence[Finished]) -> list[tuple[Finished, Fold]]:
    """Return runs with their folds, the first fold first.

    Raises:
        BadDataset: a run has no fold; they are of different collections or numbers of folds, were trained differently,
            or a fold is missing or there twice.
    """
    found = [(run, run.config.fold) for run in runs if run.config.fold is not None]
    if not found or len(found) < len(runs):
        raise BadDataset(f"{len(runs) - len(found) or 'No'} runs hold out a fold: train with `train --fold`.")
    if len({_alike(run.config) for run, _ in found}) > 1 or len({run.earlier for run, _ in found}) > 1:
        raise BadDataset("The runs were not trained alike but for the fold: their figures say nothing together.")
    of, there = found[0][1].of, sorted(fold.number for _, fold in found)
    if there != list(range(of)):
        raise BadDataset(f"Needed is one run for each fold from 0 to {of - 1}; there are {', '.join(map(str, there))}.")
    return sorted(found, key=lambda pair: pair[1].number)


def _alike(config: TrainConfig) -> str:
    """Return a configuration as text, but for the number of its fold."""
    fold = None if config.fold is None else config.fold.model_copy(update={"number": 0})
    return config.model_copy(update={"fold": fold}).model_dump_json()


def _answered(run: Finished, store: Path, table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return `COLUMNS` of the photos that a network has not seen, and what is to be said of it."""
    fold = run.config.fold
    assert fold is not None
    val, test = (usable(table, "edited", split) for split in ("val", "test"))
    test = test[test.source.map(home_of) == home_of(fold.source)]
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
    """Return, by source, stage 1's figures over all folds together, those of each fold, and those from 0.5 on.

    Args:
        table: `COLUMNS` of all folds' photos.
    """
    reals = table[table.label == "real"]
    sources = {str(name): part for name, part in table[table.label != "real"].groupby("source")}
    found: dict[str, Any] = {}
    for name, edits in sources.items():
        home = edits.id.str[:16] if name.startswith("forge-") else None
        beside = reals if home is None else reals[reals.id.isin(home)]
        rows = pd.concat([beside, edits])
        rows = rows.assign(positive=rows.label != "real", score=rows.p_edited, said=rows.says_edited)
        even = metrics.interval(rows.assign(said=rows.p_edited >= 0.5), metrics.balanced_accuracy)
        each = [metrics.interval(part, metrics.auc) for _, part in rows.groupby("fold", sort=True)]
        found[name] = {"all": metrics.stage_figures(rows) | {EVEN: even}, EACH: each}
    return found


def as_text(folder: Path, found: dict[str, Any]) -> str:
    """Return the most telling figures as lines of text."""
    lines = [f"{folder.parent.name} by folds ({folder.name}; 95 % bootstrap intervals by group)"]
    for source, part in found.items():
        told = [in_words(name, part["all"][name]) for name in ("AUC", "balanced accuracy", EVEN)]
        each = ", ".join(f"{figure['value']:.3f}" for figure in part[EACH])
        lines += [f"  {source:<14} {'   '.join(told)}", f"  {'':<14} {EACH}: {each}"]
    return "\n".join(lines)
