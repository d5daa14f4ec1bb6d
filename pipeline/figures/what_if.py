"""What the cascade would say under other thresholds, from stored scores: for looking, never for choosing a release."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.figures.curves import SCOPE

FIXED = (*SCOPE, "no_face", "unstable")
"""Reasons of an abstention that other thresholds leave as they are: a photo's own, and a turn that was measured."""


@dataclass(frozen=True)
class Band:
    """One stage's answer to a probability: yes from `threshold` up, but nothing from `low` up to, not with, `high`."""

    low: float
    high: float
    threshold: float

    @classmethod
    def of_run(cls, known: dict[str, Any]) -> "Band":
        """Return that of a stage in an evaluation's run.json: {"threshold": …, "abstain": [low, high]}."""
        threshold, (low, high) = float(known["threshold"]), known["abstain"]
        return cls(low, high, threshold) if low < high else cls(threshold, threshold, threshold)

    def moved(self, low: float, high: float) -> "Band":
        """Return it with other edges; the threshold stays as long as it lies between them, else at the nearer."""
        return Band(low, high, min(max(self.threshold, low), high))

    def says(self, probability: np.ndarray) -> np.ndarray:
        """Return (N,) bool: whether each of (N,) probabilities reaches the threshold."""
        return probability >= self.threshold

    def abstains(self, probability: np.ndarray) -> np.ndarray:
        """Return (N,) bool: whether each of (N,) probabilities lies in the band, or is none: no score is no answer."""
        return ((probability >= self.low) & (probability < self.high)) | np.isnan(probability)


def rejudged(table: pd.DataFrame, edited: Band, deepfake: Band) -> pd.DataFrame:
    """Return the table with the verdicts that other thresholds would give.

    Photos out of scope stay inconclusive, and so do those that turned when they were saved again, though about
    another threshold others would have turned.

    Args:
        table: predictions, with p_edited, p_deepfake and reasons.
        edited: the first stage's answer.
        deepfake: the second's.

    Returns:
        A copy with new verdict, forced, says_edited, says_deepfake and decided_by.
    """
    first, second = table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)
    says, kind = edited.says(first), np.where(deepfake.says(second), "deepfake", "facetune")
    unsure, asked = edited.abstains(first), says & ~edited.abstains(first)
    fixed = table.reasons.map({text: bool(set(text.split()) & set(FIXED)) for text in set(table.reasons)}).to_numpy(
        bool
    )
    forced = np.where(says, kind, "real")
    nothing = unsure | (asked & deepfake.abstains(second)) | fixed
    return table.assign(
        says_edited=says,
        says_deepfake=deepfake.says(second),
        decided_by=np.where(fixed, table.decided_by, np.where(asked, "deepfake", "edited")),
        forced=forced,
        verdict=np.where(nothing, "inconclusive", forced),
    )
