"""Stage 1 by slices of the photos: where is it unfair, where does it fail?"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets.sources import collections, is_forged, original_source
from pipeline.examining.face_facts import ITA_CLASSES, ita_class
from pipeline.figures import bootstrap

LEAST = 20
"""Photos of each class that a figure is about, under which none is told."""
FACE_EDGES = (0, 128, 192, 256, 320, np.inf)
"""Longer side of the landmarks' box in photo pixels."""
QUALITY_EDGES = (0, 70, 80, 90, 96, 101)
TERCILED = ("sharpness", "brightness", "contrast")
BY_STRENGTH = "kind of forged edit, by strength"
SKIN_TONE = "skin tone in pixels (ITA)"
MEASURES = {
    "false alarms": bootstrap.false_alarm,
    "recall": bootstrap.recall,
    "AUC": bootstrap.auc,
    "balanced accuracy": bootstrap.balanced_accuracy,
}


def slices(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return stage 1's figures on each slice.

    Some slices are by what only edits have:

    - source and kind
    - difficulty
    - number of edited regions
    - kind and strength of a forged edit

    Beside these edits they hold all real photos of the same collections. The other slices split real and edited photos
    alike.

    Args:
        table: predictions with `positive`, `score`, `said` and `group`.

    Returns:
        One a slice: "slice", its "value", "n", and `MEASURES` as figures. A figure's own n is of the photos that it is
        about; its value is None where a class that it needs has fewer than 20.
    """
    return [
        {"slice": name, "value": value, "n": len(part)} | figures_of_part(part)
        for name, value, part in (*_by_edits(table), *_by_facts(table))
        if len(part)
    ]


def _by_edits(table: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    homes = collections(table.source).map(original_source)
    regions = table.edited_regions.map(lambda count: "" if np.isnan(count) or not count else str(int(count)))
    columns = {"source": table.source, "kind": table.kind, "difficulty": table.difficulty, "edited regions": regions}
    forged = is_forged(table) & (table.difficulty != "")
    columns[BY_STRENGTH] = (table.kind + ", " + table.difficulty).where(forged, "")
    for name, column in columns.items():
        for value in sorted(set(column[table.positive]) - {""}):
            mine = table.positive & (column == value)
            yield name, str(value), table[mine | (~table.positive & homes.isin(homes[mine]))]
    for value in sorted(set(table.source[~table.positive]) - set(table.source[table.positive])):
        yield "source", str(value), table[table.source == value]


def _by_facts(table: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for name, values in bins(table).items():
        for value in values.categories:
            yield name, str(value), table[np.asarray(values == value)]


def bins(table: pd.DataFrame) -> dict[str, Any]:
    """Return by the fact's name the bin of each of N photos, as `pd.Categorical`; NaN where unknown."""
    categories = {"face size": _cut(table.face_size, FACE_EDGES, " px"), "JPEG quality": _qualities(table.jpeg_quality)}
    categories |= {name: _thirds(table[name]) for name in TERCILED}
    tone = table.ita.map(ita_class)
    return categories | {SKIN_TONE: pd.Categorical(tone.where(tone != "", None), ITA_CLASSES)}


def _cut(values: pd.Series, edges: tuple[float, ...], unit: str) -> Any:
    """Put values into bins, lower edge included; a bin says its edges."""
    names = [_between(low, high, unit) for low, high in pairwise(edges)]
    return pd.Categorical(pd.cut(values, list(edges), right=False, labels=names))


def _between(low: float, high: float, unit: str) -> str:
    if np.isinf(high):
        return f"from {low:.4g}{unit}"
    return f"{low:.4g} to {high:.4g}{unit}" if low > 0 else f"under {high:.4g}{unit}"


def _qualities(values: pd.Series) -> Any:
    names = ["under 70", "70 to 79", "80 to 89", "90 to 95", "96 to 100"]
    cut = pd.cut(values, list(QUALITY_EDGES), right=False, labels=names)
    return pd.Categorical(cut.cat.add_categories("no JPEG").where(values >= 0, "no JPEG"))


def _thirds(values: pd.Series) -> Any:
    """Put values into thirds of these very photos; each says its edges."""
    edges = np.unique(values.quantile([0, 1 / 3, 2 / 3, 1]))
    if len(edges) < 4:  # all but alike
        return pd.Categorical(["all"] * len(values))
    words = zip(("low", "middle", "high"), pairwise(edges), strict=True)
    names = [f"{word} ({low:.4g} to {high:.4g})" for word, (low, high) in words]
    return pd.Categorical(pd.cut(values, list(edges), include_lowest=True, labels=names))


def figures_of_part(table: pd.DataFrame) -> dict[str, Any]:
    """Return `MEASURES` of photos as figures with their own n; None where a class they need has fewer than 20."""
    real, edited = int((~table.positive).sum()), int(table.positive.sum())
    about = {"false alarms": (real,), "recall": (edited,), "AUC": (real, edited), "balanced accuracy": (real, edited)}
    figures = bootstrap.intervals(table, MEASURES)
    return {
        name: (figures[name] if min(counts) >= LEAST else {"value": None, "low": None, "high": None})
        | {"n": sum(counts)}
        for name, counts in about.items()
    }
