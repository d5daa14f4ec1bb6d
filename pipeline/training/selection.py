"""`Selection`: which rows of a store a run trains and validates on, asked once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from models.card import prefixes
from pipeline.crops.crops import usable_rows
from pipeline.datasets import LABELS
from pipeline.datasets.sources import home, original_prefixes
from pipeline.errors import TrainingFailed
from pipeline.training.config import TrainConfig


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows of a store that a run uses; each question is answered once.

    Attributes:
        table: of the store, with the splits of the run's fold.
        stage: that is trained.
        leave_out: collections that are not trained on.
        forges: whether edits are forged anew, or blended, while the network trains.
    """

    table: pd.DataFrame
    stage: str
    leave_out: tuple[str, ...] = ()
    forges: bool = False

    @classmethod
    def of(cls, table: pd.DataFrame, config: TrainConfig) -> Self:
        """Return the rows of a store's table that a run uses."""
        return cls(table, config.stage, config.leave_out, bool(config.fresh or config.diluted or config.edits))

    @cached_property
    def train(self) -> pd.DataFrame:
        """The rows trained on: the collections left out are not among them."""
        return without_collections(usable_rows(self.table, self.stage, "train"), self.leave_out)

    @cached_property
    def validation(self) -> pd.DataFrame:
        """The rows validated on: those of all collections."""
        return usable_rows(self.table, self.stage, "val")

    @cached_property
    def originals(self) -> pd.DataFrame:
        """The training photos, real ones too, of which edits are forged anew."""
        return without_collections(usable_rows(self.table, "edited", "train"), self.leave_out)

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """The `prefixes` of all photos that lend the run their pixels: those trained on, and the forge's originals.

        An edit that a collection holds ready made lends those of its original.
        """
        lending = pd.concat([self.train, self.originals]) if self.forges else self.train
        return prefixes(original_prefixes(lending))

    @cached_property
    def targets(self) -> pd.Series:
        """What is to be said of each row of the table, see `targets_of`."""
        return pd.Series(targets_of(self.table, self.stage), self.table.index)

    def targets_of(self, rows: pd.DataFrame) -> np.ndarray:
        """Return what is to be said of some of the rows, (N,) float32."""
        return self.targets.loc[rows.index].to_numpy()


def targets_of(table: pd.DataFrame, stage: str) -> np.ndarray:
    """Return (N,) float32: 1 for the stage's positive label; for stage "classes", the place in `LABELS`."""
    if stage == "classes":
        return table.label.map(LABELS.index).to_numpy(np.float32)
    positive = table.label != "real" if stage == "edited" else table.label == "deepfake"
    return positive.to_numpy(np.float32)


def without_collections(rows: pd.DataFrame, left_out: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows outside some collections: without their photos, the edits forged from these, their originals."""
    return rows[~rows.source.map(home).isin([home(source) for source in left_out])]


def refuse_strange(table: pd.DataFrame, left_out: tuple[str, ...]) -> None:
    """Refuse to leave out a collection that is not among the training photos: its name was misspelt.

    Raises:
        TrainingFailed: it is not.
    """
    known = {home(source) for source in usable_rows(table, "edited", "train").source}
    if strange := [source for source in left_out if home(source) not in known]:
        there = ", ".join(sorted(known))
        raise TrainingFailed(f"{', '.join(strange)} cannot be left out: the training photos are of {there}.")
