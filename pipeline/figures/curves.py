"""How reliable the probabilities are, how the risk falls with coverage, and where in the cascade errors arise."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets import LABELS
from pipeline.figures import bootstrap, measures

BINS = 10
POINTS = 20
SCOPE = ("face_too_small", "too_blurred", "too_dark", "too_bright", "turned_away", "unlike_training")
"""Reasons of an abstention that lie in the photo, not in a stage's score."""

OUTCOMES = ("right", "stage 1 missed", "stage 1 false alarm", "stage 2 wrong", "stage 1 abstained",
            "stage 2 abstained", "out of scope")  # fmt: skip
"""Of a photo, by its verdict: what became of it, and where."""


def reliability(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the reliability curve (DeGroot & Fienberg, 1983) of a table with `positive`, `score` and `group`.

    Returns:
        For each of 10 equal-width bins: "from" and "to", the mean "score" of its photos (None without any), and their
        share of positives as a figure with its n.
    """
    if table.empty:
        return []
    place = measures.bins_of(table.score.to_numpy(float), BINS).astype(bool)
    truth = table.positive.to_numpy(bool)

    def shares(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return np.stack([measures.share(truth, column, weights) for column in place.T], axis=1)

    figures = bootstrap.figures_of(table, shares)
    return [
        {"from": number / BINS, "to": (number + 1) / BINS, "score": _mean(table.score[column]), **figure}
        | {"n": int(column.sum())}
        for number, (column, figure) in enumerate(zip(place.T, figures, strict=True))
    ]


def _mean(values: pd.Series) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def confidence(table: pd.DataFrame) -> np.ndarray:
    """Return (N,) float64: the joint probability of each photo's `forced` label, real 1 − p₁, deepfake p₁p₂, …"""
    first, second = table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)
    kinds = [table.forced == "real", table.forced == "deepfake"]
    return np.select(kinds, [1 - first, first * second], first * (1 - second))


def risk_coverage(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the risk-coverage curve (El-Yaniv & Wiener, JMLR 2010), the surest photos answered first.

    Returns:
        For each of 20 coverages up to 1: "coverage", "confidence", that of the last photo answered, and the share of
        wrong three-class answers (`forced`) among those answered as a figure with its n.
    """
    if table.empty:
        return []
    sure = confidence(table)
    order = np.argsort(-sure, kind="stable")
    wrong = (table.forced != table.label).to_numpy(bool)[order]
    coverages = np.arange(1, POINTS + 1) / POINTS
    last = np.maximum(np.ceil(coverages * len(table)).astype(int), 1) - 1

    def risks(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        drawn = weights[:, order].cumsum(axis=1)
        ends = np.stack([np.searchsorted(row, coverages * row[-1] - 1e-9) for row in drawn])
        missed = (weights[:, order] * wrong).cumsum(axis=1)
        return measures.divide(*(np.take_along_axis(sums, ends, axis=1) for sums in (missed, drawn)))

    figures = bootstrap.figures_of(table, risks)
    return [
        {"coverage": float(coverage), "confidence": round(float(sure[order[end]]), 4), **figure} | {"n": int(end) + 1}
        for coverage, end, figure in zip(coverages, last, figures, strict=True)
    ]


def outcomes(table: pd.DataFrame) -> np.ndarray:
    """Return for each photo what became of it, (N,) str of `OUTCOMES`, from its columns in predictions.csv."""
    edited, nothing = table.label != "real", table.verdict == "inconclusive"
    scope = nothing & table.reasons.str.split().map(lambda codes: any(code in SCOPE for code in codes)).astype(bool)
    becomes = {
        "right": table.verdict == table.label,
        "out of scope": scope,
        "stage 2 abstained": nothing & (table.decided_by == "deepfake"),
        "stage 1 abstained": nothing,
        "stage 1 missed": edited & (table.verdict == "real"),
        "stage 1 false alarm": ~edited,
    }
    return np.select([np.asarray(part, bool) for part in becomes.values()], list(becomes), "stage 2 wrong")


def cascade_errors(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return for each true label which share of its photos came to which of `OUTCOMES`, each a figure with a count."""
    errors: dict[str, dict[str, Any]] = {}
    for label in LABELS:
        mine = table[table.label == label]
        if len(mine):
            errors[label] = _shares(mine, outcomes(mine))
    return errors


def _shares(table: pd.DataFrame, became: np.ndarray) -> dict[str, Any]:
    hits = np.stack([became == one for one in OUTCOMES], axis=1)

    def shares(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return (weights @ hits.astype(float)) / weights.sum(axis=1, keepdims=True)

    figures = zip(OUTCOMES, bootstrap.figures_of(table, shares), hits.sum(axis=0), strict=True)
    return {one: figure | {"count": int(count)} for one, figure, count in figures if count}
