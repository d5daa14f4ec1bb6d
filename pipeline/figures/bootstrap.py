"""Figures with n and a bootstrap interval. Resampled by group, so that a person's photos count as one draw."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets import LABELS
from pipeline.figures import measures as weighted

DRAWS = 500
ROOM = 4_000_000
"""Weights held at once: draws are made in parts, so that the memory does not grow with the number of photos."""

Measure = Callable[[pd.DataFrame], float]
OfDraws = Callable[[pd.DataFrame, np.ndarray], np.ndarray]
"""A table of N photos and weights (D, N) → (D,), or (D, K) for K figures at once."""


@dataclass(frozen=True)
class Weighted:
    """A measure that also takes many draws at once, see `pipeline.figures.measures`. Called, it is a `Measure`.

    Attributes:
        of: gives the measure of each draw.
        about: tells which photos of a table, (N,) bool, the measure is about; None where it is about all.
    """

    of: OfDraws
    about: Callable[[pd.DataFrame], np.ndarray] | None = None

    def __call__(self, table: pd.DataFrame) -> float:
        """Return the plain measure of a table; NaN where it is undefined."""
        return float(self.of(table, np.ones((1, len(table))))[0])

    def count(self, table: pd.DataFrame) -> int:
        """Return how many photos of a table the measure is about: its n."""
        return len(table) if self.about is None else int(np.count_nonzero(self.about(table)))


def draws(groups: pd.Series, seed: int) -> Iterator[np.ndarray]:
    """Yield `DRAWS` resamples of whole groups in parts of (D, N) float64: how often each photo is in each draw."""
    rng = np.random.default_rng(seed)
    codes, known = pd.factorize(groups, sort=True)
    together = max(1, ROOM // max(len(groups), 1))
    for first in range(0, DRAWS, together):
        picked = (rng.integers(len(known), size=len(known)) for _ in range(min(together, DRAWS - first)))
        yield np.stack([np.bincount(one, minlength=len(known)) for one in picked]).astype(float)[:, codes]


def figures_of(table: pd.DataFrame, measure: OfDraws, seed: int = 1) -> list[dict[str, Any]]:
    """Return K figures, as they are stored, of a measure that gives K at once; see `interval`."""
    values = np.atleast_2d(measure(table, np.ones((1, len(table)))).T).T[0]
    drawn = np.concatenate([measure(table, part).reshape(len(part), -1) for part in draws(table.group, seed)])
    return [_figure(value, column, len(table)) for value, column in zip(values, drawn.T, strict=True)]


def interval(table: pd.DataFrame, measure: Measure, seed: int = 1) -> dict[str, Any]:
    """Return a figure with its 95 % percentile bootstrap interval over groups (Efron & Tibshirani, 1993) and n.

    Args:
        table: one row a photo, with a `group` column.
        measure: computes the figure; a draw where it is undefined (NaN) is left out. A `Weighted` one is much faster.
        seed: of the draws.
    """
    if table.empty:
        return {"value": None, "low": None, "high": None, "n": 0}
    if isinstance(measure, Weighted):
        return intervals(table, {"": measure}, seed)[""]
    return figures_of(table, _of_draws(measure), seed)[0]


def intervals(table: pd.DataFrame, measures: Mapping[str, Weighted], seed: int = 1) -> dict[str, Any]:
    """Return several figures by name, all from the same draws, each with the n that it is about; see `interval`."""
    if table.empty:
        return {name: interval(table, measure) for name, measure in measures.items()}

    def all_of(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return np.stack([measure.of(table, weights) for measure in measures.values()], axis=1)

    pairs = zip(measures.items(), figures_of(table, all_of, seed), strict=True)
    return {name: figure | {"n": measure.count(table)} for (name, measure), figure in pairs}


def _of_draws(measure: Measure) -> OfDraws:
    """Turn a measure of a table into one of draws: each is made as a table, its photos as often as it holds them."""

    def of(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        rows = np.arange(len(table))
        return np.array([measure(table.take(np.repeat(rows, row.astype(int)))) for row in weights])

    return of


def _figure(value: float, drawn: np.ndarray, n: int) -> dict[str, Any]:
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return {"value": _digits(value), "low": _digits(low), "high": _digits(high), "n": n}


def _digits(value: float) -> float | None:
    return None if not np.isfinite(value) else round(float(value), 4)


def _truth(table: pd.DataFrame) -> np.ndarray:
    return table.positive.to_numpy(bool)


def _others(table: pd.DataFrame) -> np.ndarray:
    return ~_truth(table)


def _of_scores(
    measure: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
    about: Callable[[pd.DataFrame], np.ndarray] | None = None,
) -> Weighted:
    """Make a measure of `positive` and `score`."""
    return Weighted(lambda table, weights: measure(_truth(table), table.score.to_numpy(float), weights), about)


def _answers(table: pd.DataFrame) -> np.ndarray:
    return table.said.to_numpy(bool)


auc = _of_scores(weighted.auc)
"""Area under the ROC curve of `score` for `positive`; NaN with one class only."""
average_precision = _of_scores(weighted.average_precision)
"""Average precision of `score` for `positive`; NaN with one class only."""
equal_error_rate = _of_scores(weighted.equal_error_rate)
"""Rate at which as many positives are missed as negatives are said; NaN with one class only."""
recall_at = _of_scores(weighted.recall_at, _truth)
"""Share of positives at or above the threshold that 95 % of these same negatives pass."""
log_loss = _of_scores(weighted.log_loss)
"""Mean negative log likelihood of the probabilities `score`, in nats."""
expected_calibration_error = _of_scores(weighted.calibration_error)
"""Mean gap between `score` and the share of positives over 10 equal-width bins (Naeini et al., AAAI 2015)."""
recall = Weighted(lambda table, weights: weighted.share(_answers(table), _truth(table), weights), _truth)
"""Share of positives at or above the release's threshold."""
false_alarm = Weighted(lambda table, weights: weighted.share(_answers(table), _others(table), weights), _others)
"""Share of negatives at or above the release's threshold."""
balanced_accuracy = Weighted(lambda table, weights: weighted.balanced_accuracy(_truth(table), _answers(table), weights))
"""Mean of recall and of the share of negatives below the release's threshold."""


def mean_of(column: str) -> Weighted:
    """Return the measure of the mean of a column of numbers."""
    return Weighted(lambda table, weights: weights @ table[column].to_numpy(float) / weights.sum(axis=1))


hit_rate = Weighted(lambda table, weights: weighted.share(table.hit.to_numpy(bool), np.ones(len(table), bool), weights))
"""Share of rows whose `hit` is true."""


def _with_verdict(table: pd.DataFrame) -> np.ndarray:
    return (table.verdict != "inconclusive").to_numpy(bool)


def _right(table: pd.DataFrame) -> np.ndarray:
    return (table.verdict == table.label).to_numpy(bool)


macro_f1 = Weighted(
    lambda table, weights: weighted.macro_f1(table.label.to_numpy(str), table.forced.to_numpy(str), LABELS, weights)
)
"""Mean F1 of the three classes, `forced` against `label`: no abstention; NaN where a class is missing."""
coverage = Weighted(lambda table, weights: weighted.share(_with_verdict(table), np.ones(len(table), bool), weights))
"""Share of photos that get a verdict other than "inconclusive"."""
selective_accuracy = Weighted(
    lambda table, weights: weighted.share(_right(table), _with_verdict(table), weights), _with_verdict
)
"""Share of right verdicts among those given."""
risk = Weighted(lambda table, weights: weighted.share(~_right(table), _with_verdict(table), weights), _with_verdict)
"""Share of wrong verdicts among those given."""


STAGE_MEASURES: dict[str, Weighted] = {
    "AUC": auc,
    "AP": average_precision,
    "balanced accuracy": balanced_accuracy,
    "EER": equal_error_rate,
    "recall at 95 % passed": recall_at,
    "recall": recall,
    "false alarms": false_alarm,
    "log loss": log_loss,
    "ECE": expected_calibration_error,
}
JOINT_MEASURES: dict[str, Weighted] = {
    "macro-F1": macro_f1,
    "coverage": coverage,
    "risk": risk,
    "accuracy where a verdict is given": selective_accuracy,
}


def stage_figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all stage measures of a table with `positive`, `score`, `said`, `group`; of the ECE also its chance."""
    figures = intervals(table, STAGE_MEASURES)
    if len(table):
        figures["ECE"]["chance"] = _digits(weighted.calibration_chance(table.score.to_numpy(float), DRAWS))
    return figures


def joint_figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all joint measures of a table with `label`, `forced`, `verdict`, `group`."""
    return intervals(table, JOINT_MEASURES)


def confusion(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return counts by true label and verdict, "inconclusive" included."""
    counts = pd.crosstab(table.label, table.verdict)
    whole = counts.reindex(index=list(LABELS), columns=[*LABELS, "inconclusive"], fill_value=0)
    return {str(label): {str(verdict): int(n) for verdict, n in row.items()} for label, row in whole.iterrows()}
