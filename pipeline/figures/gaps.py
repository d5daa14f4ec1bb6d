"""How far the worst class of a fact lies behind its best: is the release unfair, and what matters most?"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.figures import bootstrap
from pipeline.figures.bootstrap import Weighted
from pipeline.figures.slices import MEASURES, bins

LOWER_IS_BETTER = ("false alarms",)


def gaps(table: pd.DataFrame, slice_rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, by fact and measure, the gap between the best and the worst of its slices.

    Which is best and which worst is read off these same photos, so a gap looks larger than it is, the more so the more
    classes there are. The interval is that of the difference between these two, of the same draws.

    Args:
        table: predictions with `positive`, `score`, `said` and `group`.
        slice_rows: what `pipeline.figures.slices.slices` says of them.

    Returns:
        Each a figure, at least 0, with "worst" and "best", the slices; the n is that of both. A fact of which fewer
        than two slices were measured has none.
    """
    by_fact = {}
    for fact, classes in bins(table).items():
        rows = [row for row in slice_rows if row["slice"] == fact]
        if ends := {name: pair for name in MEASURES if (pair := _ends(rows, name))}:
            by_fact[fact] = _gaps(table, np.asarray(classes, str), ends)
    return by_fact


def _ends(rows: list[dict[str, Any]], measure: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the worst and the best slice."""
    known = sorted((row for row in rows if row[measure]["value"] is not None), key=lambda row: row[measure]["value"])
    if len(known) < 2:
        return None
    return (known[-1], known[0]) if measure in LOWER_IS_BETTER else (known[0], known[-1])


def _gaps(table: pd.DataFrame, classes: np.ndarray, ends: dict[str, Any]) -> dict[str, Any]:
    measures = {
        name: _difference(MEASURES[name], classes == worst["value"], classes == best["value"], name)
        for name, (worst, best) in ends.items()
    }
    figures = bootstrap.intervals(table, measures)
    return {
        name: figures[name] | {"n": worst[name]["n"] + best[name]["n"], "worst": worst["value"], "best": best["value"]}
        for name, (worst, best) in ends.items()
    }


def _difference(measure: Weighted, worst: np.ndarray, best: np.ndarray, name: str) -> Weighted:
    sign = 1 if name in LOWER_IS_BETTER else -1

    def of(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        behind, ahead = (measure.of(table[part], weights[:, part]) for part in (worst, best))
        return sign * (behind - ahead)

    return Weighted(of)
