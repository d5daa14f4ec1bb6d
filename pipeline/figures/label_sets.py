"""Which labels a release's conformal sets leave possible, and whether they hold what was promised, on stored scores."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets import LABELS
from pipeline.figures import bootstrap
from pipeline.figures.measures import divide
from pipeline.verdict import labels_possible


def possible(table: pd.DataFrame, quantiles: Mapping[str, float]) -> np.ndarray:
    """Return (N, 3) bool: which of `LABELS` stay possible of each photo, see `pipeline.verdict.labels_possible`.

    Args:
        table: N predictions, with p_edited, p_deepfake and decided_by.
        quantiles: label → largest 1 − p with which it stays possible; a label without one is never ruled out.
    """
    first, second = table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)
    asked = (table.decided_by == "deepfake").to_numpy(bool)
    stays = labels_possible(first, second, asked, quantiles)
    return np.stack([stays[label] for label in LABELS], axis=1)


def set_figures(table: pd.DataFrame, quantiles: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Return for each true label with photos how its sets came out, each a figure {"value", "low", "high", "n"}.

    Args:
        table: see `possible`; with label and group.
        quantiles: see `possible`.

    Returns:
        label → "held", the share of photos whose set holds their true label, and "0" to "3", the shares of photos with
        so many labels possible. Intervals by groups, see `pipeline.figures.bootstrap.interval`.
    """
    sets, figures = possible(table, quantiles), {}
    for place, label in enumerate(LABELS):
        mine = (table.label == label).to_numpy(bool)
        if mine.any():
            sizes = {str(size): sets[mine].sum(axis=1) == size for size in range(len(LABELS) + 1)}
            figures[label] = _shares(table.group[mine], {"held": sets[mine, place]} | sizes)
    return figures


def _shares(groups: pd.Series, hits: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the share of photos that are each of the (N,) bool hits; counted by group first, which is much faster."""
    counts = pd.DataFrame(hits).astype(float).groupby(groups.to_numpy()).sum()
    photos = pd.Series(1.0, groups.index).groupby(groups.to_numpy()).sum().to_numpy()
    table = pd.DataFrame({"group": counts.index})

    def shares(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return divide(weights @ counts.to_numpy(), np.repeat((weights @ photos)[:, None], counts.shape[1], axis=1))

    figures = bootstrap.figures_of(table, shares)
    return {name: figure | {"n": len(groups)} for name, figure in zip(hits, figures, strict=True)}
