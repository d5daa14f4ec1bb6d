"""Figures with n and a bootstrap interval. Resampled by group, so that a person's photos count as one draw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

DRAWS = 500
CLASSES = ("real", "deepfake", "facetune")

Measure = Callable[[pd.DataFrame], float]


def interval(table: pd.DataFrame, measure: Measure, seed: int = 1) -> dict[str, Any]:
    """Return a figure with its 95 % percentile bootstrap interval over groups (Efron & Tibshirani, 1993) and n.

    Args:
        table: one row a photo, with a `group` column.
        measure: computes the figure; a draw where it is undefined (NaN) is left out.
        seed: of the draws.
    """
    if table.empty:
        return {"value": None, "low": None, "high": None, "n": 0}
    rng = np.random.default_rng(seed)
    members = list(table.groupby("group", sort=True).indices.values())
    draws = []
    for _ in range(DRAWS):
        picked = rng.integers(len(members), size=len(members))
        draws.append(measure(table.iloc[np.concatenate([members[p] for p in picked])]))
    low, high = np.nanpercentile(draws, [2.5, 97.5]) if np.isfinite(draws).any() else (np.nan, np.nan)
    return {"value": _digits(measure(table)), "low": _digits(low), "high": _digits(high), "n": len(table)}


def _digits(value: float) -> float | None:
    return None if not np.isfinite(value) else round(float(value), 4)


def _auc(truth: pd.Series, scores: pd.Series) -> float:
    return float(roc_auc_score(truth, scores)) if truth.nunique() == 2 else float("nan")


def auc(table: pd.DataFrame) -> float:
    """Area under the ROC curve of `score` for `positive`; NaN with one class only."""
    return _auc(table.positive, table.score)


def average_precision(table: pd.DataFrame) -> float:
    """Average precision of `score` for `positive`; NaN with one class only."""
    return float(average_precision_score(table.positive, table.score)) if table.positive.nunique() == 2 else np.nan


def recall(table: pd.DataFrame) -> float:
    """Share of positives at or above the threshold."""
    return float(table.said[table.positive].mean()) if table.positive.any() else float("nan")


def false_alarm(table: pd.DataFrame) -> float:
    """Share of negatives at or above the threshold."""
    return float(table.said[~table.positive].mean()) if (~table.positive).any() else float("nan")


def balanced_accuracy(table: pd.DataFrame) -> float:
    """Mean of recall and of the share of negatives below the threshold."""
    return (recall(table) + 1 - false_alarm(table)) / 2


def expected_calibration_error(table: pd.DataFrame, bins: int = 10) -> float:
    """Mean gap between `score` and the share of positives over equal-width bins (Naeini et al., AAAI 2015)."""
    place = np.minimum((table.score.to_numpy() * bins).astype(int), bins - 1)
    gaps = table.groupby(place).agg(score=("score", "mean"), truth=("positive", "mean"), n=("score", "size"))
    return float(((gaps.score - gaps.truth).abs() * gaps.n).sum() / len(table))


def macro_f1(table: pd.DataFrame) -> float:
    """Mean F1 of the three classes, `forced` against `label`: no abstention; NaN where a class is missing."""
    if table.label.nunique() < len(CLASSES):
        return float("nan")
    return float(f1_score(table.label, table.forced, labels=list(CLASSES), average="macro", zero_division=0))


def coverage(table: pd.DataFrame) -> float:
    """Share of photos that get a verdict other than "inconclusive"."""
    return float((table.verdict != "inconclusive").mean())


def selective_accuracy(table: pd.DataFrame) -> float:
    """Share of right verdicts among those given."""
    given = table[table.verdict != "inconclusive"]
    return float((given.verdict == given.label).mean()) if len(given) else float("nan")


STAGE_MEASURES: dict[str, Measure] = {
    "AUC": auc,
    "AP": average_precision,
    "balanced accuracy": balanced_accuracy,
    "recall": recall,
    "false alarms": false_alarm,
    "ECE": expected_calibration_error,
}
JOINT_MEASURES: dict[str, Measure] = {
    "macro-F1": macro_f1,
    "coverage": coverage,
    "accuracy where a verdict is given": selective_accuracy,
}


def stage_figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all stage measures of a table with `positive`, `score`, `said`, `group`."""
    return {name: interval(table, measure) for name, measure in STAGE_MEASURES.items()}


def joint_figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all joint measures of a table with `label`, `forced`, `verdict`, `group`."""
    return {name: interval(table, measure) for name, measure in JOINT_MEASURES.items()}


def confusion(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return counts by true label and verdict, "inconclusive" included."""
    counts = pd.crosstab(table.label, table.verdict)
    shown = counts.reindex(index=list(CLASSES), columns=[*CLASSES, "inconclusive"], fill_value=0)
    return {str(label): {str(said): int(n) for said, n in row.items()} for label, row in shown.iterrows()}
