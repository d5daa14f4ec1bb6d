"""What finished training runs say of held-out photos: networks that are no release, measured as the baselines are.

Two runs make a cascade, one of stage "classes" is the network that tells all three at once. Scores are those of the
stored crops in the fixed container, as a release's are; calibration and threshold are the baselines'.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from pipeline.datasets import LABELS
from pipeline.errors import BadDataset
from pipeline.evaluation.folder import LEFT_OUT
from pipeline.training.baselines.calibrated import log_odds
from pipeline.training.train import logits_of
from pipeline.training.validation import Finished, begun

TOGETHER = 128


def finished(folders: Sequence[Path], stages: Sequence[str]) -> list[Finished]:
    """Read training runs, one for each stage in this order.

    Raises:
        BadDataset: another number of runs, or a run of another stage.
        WeightsMissing: a run is not there, or did not finish.
    """
    if len(folders) != len(stages):
        raise BadDataset(f"{len(folders)} training runs are named (--run): needed are {' and '.join(stages)}.")
    runs = [Finished.read(folder) for folder in folders]
    for folder, run, stage in zip(folders, runs, stages, strict=True):
        if run.config.stage != stage:
            raise BadDataset(f"The run {folder} is of stage {run.config.stage!r}, where {stage!r} is needed.")
    return runs


def left_out_by(runs: Sequence[Finished]) -> tuple[str, ...]:
    """Return which collections all of these runs were trained without.

    Raises:
        BadDataset: the runs left out different ones, or hold out a fold: they were trained on test photos.
    """
    if any(run.config.fold for run in runs):
        raise BadDataset("A run that holds out a fold was trained on test photos: measure all folds with `folds`.")
    found = {tuple(sorted(run.config.leave_out)) for run in runs}
    if len(found) > 1:
        told = sorted(", ".join(sources) or "none" for sources in found)
        raise BadDataset(f"The runs left out different collections: {'; '.join(told)}.")
    return found.pop()


def refuse_strangers(runs: Sequence[Finished], data: str) -> None:
    """Refuse runs that were trained on another store: what is held out here they may have seen.

    Raises:
        BadDataset: they were.
    """
    if strange := sorted({run.data for run in runs if run.data} - {data}):
        raise BadDataset(f"The runs were trained on data of revision {', '.join(strange)}, not on this store's {data}.")


def refuse_lacking(runs: Sequence[Finished]) -> None:
    """Refuse runs that lack a collection: they would be shown as if they had seen all.

    Raises:
        BadDataset: they do.
    """
    if lacking := left_out_by(runs):
        raise BadDataset(f"The runs were trained without {', '.join(lacking)}: measure them as {LEFT_OUT!r}.")


def outputs_of(run: Finished, store: Path, rows: pd.DataFrame, what: str) -> np.ndarray:
    """Return a network's raw outputs on rows of a store, (N, outputs) float32; on a GPU where there is one."""
    place = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    detector = run.detector.to(place, memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = np.array_split(rows.index.to_numpy(), max(1, len(rows) // TOGETHER))
    bar = tqdm(parts, desc=what, unit=f"{TOGETHER} photos", disable=None)
    return np.concatenate([logits_of(detector, store, part) for part in bar])


def raw_of(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds (N,) of edited against real, and of deepfake against facetune, of three logits each, (N, 3)."""
    return log_odds(dict(zip(LABELS, outputs.astype(float).T, strict=True)))


def told(run: Finished) -> dict[str, Any]:
    """Return what run.json says of a training run."""
    seconds = sum(entry["seconds"] for entry in run.history)
    return {"config": run.config.model_dump(mode="json"), "started from": begun(run), "seconds of training": seconds}
