"""Where stage 1 looks on average: the mean of many maps on the canonical face, by true label and verdict."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets import LABELS
from pipeline.results.canonical import pack_grid, unpack_grid

ALL = "all"
OUTCOMES = ("right", "wrong", "inconclusive")
LEAST = 20
"""Maps under which no mean is told: it would show single photos."""
REACHED = 0.5
"""Share of the maps that must reach a cell for its mean to count: at the rim few do."""

Means = dict[str, dict[str, dict[str, Any]]]


def mean_maps(table: pd.DataFrame) -> Means:
    """Return which photos (`ALL`, or a kind of edit) → true label → outcome → their mean map.

    Args:
        table: predictions with `label`, `kind`, `verdict` and `heatmap`; rows without a map are left out.

    Returns:
        Of an outcome that some photo has:

        - "n": maps.
        - "said": how many got each verdict.
        - "mean": of the maps as they are, in logits. Strong maps count more; it tells how much is said for the label.
        - "even": of the maps, each divided by its largest magnitude first. Every photo counts the same; it tells where.

        The last two are packed grids (see `canonical.unpack_grid`), None under `LEAST` maps. All is empty without maps.
    """
    mapped = table[table.heatmap != ""]
    grids = np.array([unpack_grid(text) for text in mapped.heatmap], np.float32)
    outcomes = outcome_of(mapped)
    edits = mapped.kind[mapped.label != "real"]
    means: Means = {}
    for name in [ALL, *sorted(set(edits) - {ALL, ""})] if len(mapped) else []:
        chosen = (mapped.label != "real") & (mapped.kind == name) if name != ALL else mapped.label.isin(LABELS)
        for label in LABELS:
            for outcome in OUTCOMES:
                mine = np.asarray(chosen & (mapped.label == label) & (outcomes == outcome))
                if mine.any():
                    of_label = means.setdefault(name, {}).setdefault(label, {})
                    of_label[outcome] = _means(grids[mine], mapped.verdict[mine])
    return means


def outcome_of(table: pd.DataFrame) -> pd.Series:
    """Return one of `OUTCOMES` for each photo: a verdict other than "inconclusive" is right if it is the true label."""
    right = np.where(table.verdict == table.label, "right", "wrong")
    return pd.Series(np.where(table.verdict == "inconclusive", "inconclusive", right), table.index)


def _means(grids: np.ndarray, verdicts: pd.Series) -> dict[str, Any]:
    known = np.isfinite(grids)
    some = known.any(axis=(1, 2))
    verdict_counts = {str(name): int(count) for name, count in verdicts.value_counts().items()}
    means: dict[str, Any] = {"n": int(some.sum()), "said": verdict_counts, "mean": None, "even": None}
    if means["n"] < LEAST:
        return means
    values = np.where(known, grids, 0)[some]
    size = np.abs(values).max(axis=(1, 2), keepdims=True)
    even = np.divide(values, size, out=np.zeros_like(values), where=size > 0)
    return means | {name: pack_grid(_mean(of, known[some])) for name, of in (("mean", values), ("even", even))}


def _mean(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the mean of the known cells of (N, 16, 16); NaN where too few maps reach."""
    reached = known.sum(axis=0)
    enough = (reached >= REACHED * len(known)) & (reached > 0)
    return np.where(enough, values.sum(axis=0) / np.maximum(reached, 1), np.nan)
