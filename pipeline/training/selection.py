"""`Selection`: which rows of a store a run trains and validates on, asked once."""

import numpy as np
import pandas as pd

from models.card import prefixes
from pipeline.datasets import LABELS
from pipeline.datasets.sources import home
from pipeline.errors import TrainingFailed
from pipeline.training.config import TrainConfig


def target_of(table: pd.DataFrame, stage: str) -> np.ndarray:
    """Return (N,) float32: 1 for the stage's positive label; for stage "classes", the place in `LABELS`."""
    if stage == "classes":
        return table.label.map(LABELS.index).to_numpy(np.float32)
    positive = table.label != "real" if stage == "edited" else table.label == "deepfake"
    return positive.to_numpy(np.float32)


def usable(table: pd.DataFrame, stage: str, split: str) -> pd.DataFrame:
    """Return the rows of a split that a stage can use: with a face; for the second stage, edited ones only."""
    rows = table[(table.error == "") & (table.split == split)]
    return rows[rows.label != "real"] if stage == "deepfake" else rows


def trained_on(table: pd.DataFrame, config: TrainConfig) -> pd.DataFrame:
    """Return the training rows of a stage, without the collections that the configuration leaves out."""
    return without(usable(table, config.stage, "train"), config.leave_out)


def without(rows: pd.DataFrame, left_out: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows that are of none of these collections, nor forged from their photos, nor of their originals."""
    return rows[~rows.source.map(home).isin([home(source) for source in left_out])]


def refuse_strange(table: pd.DataFrame, left_out: tuple[str, ...]) -> None:
    """Refuse to leave out a collection that is not among the training photos: its name was misspelt.

    Raises:
        TrainingFailed: it is not.
    """
    known = {home(source) for source in usable(table, "edited", "train").source}
    if strange := [source for source in left_out if home(source) not in known]:
        there = ", ".join(sorted(known))
        raise TrainingFailed(f"{', '.join(strange)} cannot be left out: the training photos are of {there}.")


def seen_in_training(table: pd.DataFrame, config: TrainConfig) -> tuple[str, ...]:
    """Return the `prefixes` of all photos that lend a run their pixels: those trained on, and the forge's originals."""
    rows = trained_on(table, config)
    if config.fresh or config.diluted:
        rows = pd.concat([rows, known_to(table, config)])
    return prefixes(rows.sha256)


def known_to(table: pd.DataFrame, config: TrainConfig) -> pd.DataFrame:
    """Return the training photos, real ones too, of which a run's edits are forged anew."""
    return without(usable(table, "edited", "train"), config.leave_out)
