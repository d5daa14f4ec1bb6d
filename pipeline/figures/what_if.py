"""What the cascade would say under other thresholds, from stored scores: for looking, never for choosing a release."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.figures.curves import SCOPE
from pipeline.verdict import Label

VERDICTS: tuple[Label, ...] = ("real", "deepfake", "facetune", "inconclusive")
"""The true labels in their order, and no verdict."""
REAL, DEEPFAKE, FACETUNE, INCONCLUSIVE = range(4)
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

    def with_edges(self, low: float, high: float) -> "Band":
        """Return it with other edges; the threshold stays as long as it lies between them, else at the nearer."""
        return Band(low, high, min(max(self.threshold, low), high))

    def says(self, probability: np.ndarray) -> np.ndarray:
        """Return (N,) bool: whether each of (N,) probabilities reaches the threshold."""
        return probability >= self.threshold

    def abstains(self, probability: np.ndarray) -> np.ndarray:
        """Return (N,) bool: whether each of (N,) probabilities lies in the band. NaN does: there is no score."""
        return ((probability >= self.low) & (probability < self.high)) | np.isnan(probability)


@dataclass(frozen=True, eq=False)
class ArrayVerdicts:
    """Verdicts of N photos.

    Attributes:
        verdict: (N,) int, places in `VERDICTS`.
        forced: (N,) int, likewise, without abstention.
        asked: (N,) bool, whether the second stage is asked.
    """

    verdict: np.ndarray
    forced: np.ndarray
    asked: np.ndarray


def judge_arrays(
    first: np.ndarray, second: np.ndarray, edited: Band, deepfake: Band, fixed: np.ndarray
) -> ArrayVerdicts:
    """Return what `pipeline.verdict.decide` would say of photos under given thresholds.

    Photos out of scope stay inconclusive. So do those that turned when they were saved again, though about another
    threshold others would have turned.

    Args:
        first, second: p(edited) and p(deepfake), (N,) float64 each; NaN is no score.
        edited, deepfake: the stages' answers to them.
        fixed: (N,) bool, photos that stay inconclusive, see `is_fixed`.
    """
    says, unsure = edited.says(first), edited.abstains(first)
    asked = says & ~unsure
    forced = np.where(says, np.where(deepfake.says(second), DEEPFAKE, FACETUNE), REAL)
    nothing = unsure | (asked & deepfake.abstains(second)) | fixed
    return ArrayVerdicts(np.where(nothing, INCONCLUSIVE, forced), forced, asked)


def is_fixed(reasons: pd.Series) -> np.ndarray:
    """Return (N,) bool: whether one of `FIXED` is among each photo's reasons, codes with blanks between."""
    known = {text: bool(set(text.split()) & set(FIXED)) for text in reasons.unique()}
    return reasons.map(known).to_numpy(bool)
