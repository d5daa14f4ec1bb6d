"""Figures of measured heatmaps: which method passes, and how each kind of edit is pointed at."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.figures import bootstrap
from pipeline.results.maps import CHECKS, OUTPUTS, PEAK, RIGHT, Figures


def passes(figures: Mapping[str, Figures], method: str) -> bool:
    """Tell whether a method's maps matter to the score wherever that was measured; see `RULE`.

    Noise is asked too because a blurred patch costs the logit more than as many single cells: noise, which is patchy as
    maps are, beats random cells in more than half of the pictures.

    Args:
        figures: validation's: "set: measure" → method → figure.
        method: its name.
    """
    measured = (
        [by_method for measure, by_method in figures.items() if measure.endswith(f": {asked}")] for asked in CHECKS
    )
    checks = next(filter(None, measured), [])
    return all(value_of(check[method]) > _luck(check) for check in checks if method in check)


def value_of(figure: Figures) -> float:
    """Return a figure's value; 0 where it has none."""
    return figure["value"] if figure["value"] is not None else 0.0


def _luck(check: Figures) -> float:
    return max(0.5, value_of(check["random"])) if "random" in check else 0.5


MEAN_SEEN = bootstrap.mean_of("seen")
"""Mean of what a measure says of each picture."""


def by_kind(pictures: pd.DataFrame, measure: str) -> dict[str, dict[str, Any]]:
    """Return kind of edit → method → figure, with the mean share of the crop that was edited as "area".

    Args:
        pictures: rows of `MapFolder.pictures`: one set of one split.
        measure: one of `MEASURES`.
    """
    known = pictures.assign(seen=_values_of(pictures, measure)).dropna(subset="seen")
    kinds: dict[str, dict[str, Any]] = {}
    for (kind, method), part in known.groupby(["kind", "method"], sort=False):
        figure = bootstrap.interval(part, MEAN_SEEN) | {"area": round(float(part.area.mean()), 4)}
        kinds.setdefault(str(kind), {})[str(method)] = figure
    return kinds


def _values_of(pictures: pd.DataFrame, measure: str) -> pd.Series:
    """Return what a measure says of each picture, float64; NaN where it was not measured."""
    if measure == PEAK:
        return pictures.hit.astype(float)
    if measure == RIGHT:
        return (pictures.hit & pictures.names).where(pictures.method != OUTPUTS).astype(float)
    if measure in CHECKS:
        falls = pictures[CHECKS[measure]]
        return (falls > 0).astype(float).where(falls.notna())
    return pictures[measure.lower()]
