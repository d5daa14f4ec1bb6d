"""The nearest labelled photos of an evaluation, as the first stage's network sees them.

`features.safetensors`, beside predictions.csv and row by row as it is: what the network's head reads of each photo,
each row scaled to length 1 and kept in steps of 1/127; near is a large cosine.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pipeline.datasets.sources import are_forged_names, forged_name
from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import read_run

NAME = "features.safetensors"
STEPS = 127


def write_features(folder: Path, features: list[np.ndarray], weights: str) -> None:
    """Write what `Neighbours.read` reads; nothing where there are no features.

    Args:
        folder: of the evaluation.
        features: parts, each (B, C) float32, in the order of predictions.csv.
        weights: id of the network that saw them.
    """
    if features:
        steps = np.rint(_unit(np.concatenate(features)) * STEPS).astype(np.int8)
        save_file({"features": steps}, folder / NAME, {"weights": weights})


def _unit(features: np.ndarray) -> np.ndarray:
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def original_groups(predictions: pd.DataFrame) -> np.ndarray:
    """Return (N,) integers, alike for photos that come from the same original: it, its edits, what was forged of it."""
    known, paired = predictions.sha256.str[:16], predictions.pair
    forged = are_forged_names(paired)
    real = predictions[(predictions.label == "real") & (paired != "") & ~forged]
    own = dict(zip(real.pair, known[real.index], strict=True))
    originals = [forged_name(own.get(pair, hashed)) for pair, hashed in zip(paired, known, strict=True)]
    return pd.factorize(paired.where(forged, pd.Series(originals, predictions.index)))[0]


class Neighbours:
    """An index of an evaluation's photos.

    Attributes:
        weights: id of the network whose features these are: those of another cannot be compared with them.
    """

    def __init__(self, features: np.ndarray, weights: str) -> None:
        """Keep (N, C) features, of any length each."""
        self._unit, self.weights = _unit(features.astype(np.float32)), weights

    @classmethod
    def read(cls, folder: Path) -> "Neighbours | None":
        """Read those that an evaluation stored in its folder; None where it stored none.

        Raises:
            BadEvaluation: the file is damaged, or is not of these photos.
        """
        path = folder / NAME
        if not path.is_file():
            return None
        try:
            with safe_open(path, "numpy") as file:
                features, facts = file.get_tensor("features"), file.metadata() or {}
        except (SafetensorError, OSError) as problem:
            raise BadEvaluation(f"{path} cannot be read: {problem}.") from problem
        if len(features) != (n := read_run(folder)["n"]):
            raise BadEvaluation(f"{path} is of {len(features)} photos where the evaluation has {n}.")
        return cls(features, facts.get("weights", ""))

    @cached_property
    def _tree(self) -> Any:
        from sklearn.neighbors import BallTree  # takes a second to import

        return BallTree(self._unit)

    def of(self, row: int, k: int = 6, kin: np.ndarray | None = None) -> list[tuple[int, float]]:
        """Return the rows nearest to one of the evaluation's own, without itself and its kin; see `near`.

        Args:
            row: of the evaluation.
            k: how many.
            kin: (N,) labels; rows of one label come from the same original and say nothing of each other.
        """
        own = {row} if kin is None else set(np.flatnonzero(kin == kin[row]).tolist())
        return [pair for pair in self.near(self._unit[row], k + len(own)) if pair[0] not in own][:k]

    def near(self, features: np.ndarray, k: int = 6) -> list[tuple[int, float]]:
        """Return the k rows nearest to (C,) features, nearest first, each with its cosine distance in [0, 2]."""
        asked = _unit(features[None].astype(np.float32))
        far, rows = self._tree.query(asked, min(k, len(self._unit)))
        return [(int(row), float(gap) ** 2 / 2) for row, gap in zip(rows[0], far[0], strict=True)]
