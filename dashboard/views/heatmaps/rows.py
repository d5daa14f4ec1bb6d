"""What was measured of maps, as tuples and tables: the pointing game, composites, mean maps."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.datasets.sources import is_forged
from pipeline.figures.pointing import bits_of, one_hot
from pipeline.regions import parts_of
from pipeline.results.canonical import unpack_grid
from pipeline.results.evaluation import Evaluation
from pipeline.results.maps import BASELINES
from pipeline.words import maps
from pipeline.words.figures import percent

WRONG, RIGHT, NOWHERE = "elsewhere", "in an edited part", "nowhere"
"""Where a map's peak lies."""
WHICH = {"all": "All composites", "one region": "One part edited"}
"""Whose photos a figure of the pointing game is about."""
WAYS = {
    "map": ("the map's peak", maps.MAP, "circle"),
    "region outputs": ("the network's region outputs", maps.REGIONS, "diamond"),
}
"""By what a part is named: how it is said, its colour and its shape."""


class Pointing(NamedTuple):
    """A figure of the pointing game: whose photos, all or those with one edited part, by map or by outputs."""

    source: str
    what: str
    way: str
    figure: dict[str, Any]
    forged: bool = False


def pointing_of(evaluation: Evaluation) -> list[Pointing]:
    """Take an evaluation's figures of pointing apart; experts' composites come before those that were forged."""
    rows = evaluation.predictions
    experts = set(rows[(rows.kind == "part composite") & ~is_forged(rows)].source)
    figures = []
    pointing: dict[str, dict[str, Any]] = evaluation.metrics.get("pointing", {})
    for key, figure in pointing.items():
        source, _, rest = key.partition(": ")
        what, _, way = rest.partition(", by ")
        if what in WHICH and way in WAYS:
            figures.append(Pointing(source, what, way, figure, source not in experts))
    return sorted(figures, key=lambda one: one.forged)


def pointing_table(figures: list[Pointing]) -> pd.DataFrame:
    """Return figures of the pointing game as rows, each with where it stands against its chance."""
    return pd.DataFrame(
        [
            {"set": one.source, "photos": one.what, "by": one.way}
            | one.figure
            | {"against chance": maps.against_chance(one.figure)}
            for one in figures
        ]
    )


def composites_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions on composites of which it is known which parts were edited."""
    return table[(table.kind == "part composite") & table.regions.str.fullmatch("[01]{4}")]


def points_of(composites: pd.DataFrame) -> np.ndarray:
    """Return where each composite's map points, (N,) str: `WRONG`, `RIGHT` or `NOWHERE`."""
    inside = (one_hot(composites.peak_region) & bits_of(composites.regions)).any(axis=1)
    return np.where(composites.peak_region == "", NOWHERE, np.where(inside, RIGHT, WRONG))


def composites_called_edited(table: pd.DataFrame) -> pd.DataFrame:
    """Return the composites whose edited parts are known and that a verdict called edited, surest first.

    Args:
        table: predictions.

    Returns:
        Their rows, with "points": where the map's peak lies (`WRONG`, `RIGHT` or `NOWHERE`), and "edited parts" in
        words.
    """
    known = composites_of(table[table.verdict.isin(["deepfake", "facetune"])])
    known = known[known.regions.str.contains("1") & (known.heatmap != "")]
    parts = [", ".join(parts_of(bits)) for bits in known.regions]
    return known.assign(points=points_of(known), **{"edited parts": parts}).sort_values(
        "p_edited", ascending=False, kind="stable"
    )


def grids_of(labels: dict[str, Any], form: str) -> dict[tuple[str, str], np.ndarray]:
    """Return (true label, outcome) → grid of those that have one."""
    return {
        (label, outcome): unpack_grid(one[form])
        for label, outcomes in labels.items()
        for outcome, one in outcomes.items()
        if one[form]
    }


def mean_table(labels: dict[str, Any], grids: dict[tuple[str, str], np.ndarray], form: str) -> pd.DataFrame:
    """Return mean maps as rows, one a cell.

    Args:
        labels: true label → outcome → what is stored of its mean map.
        grids: (true label, outcome) → grid.
        form: "mean" or "even".
    """
    rows = [
        {
            "true label": label,
            "verdict": outcome,
            "form": form,
            "n": labels[label][outcome]["n"],
            "row": row,
            "column": column,
            "value": float(grid[row, column]),
        }
        for (label, outcome), grid in grids.items()
        for row, column in np.ndindex(*grid.shape)
    ]
    return pd.DataFrame(rows)


def kind_rows(kinds: dict[str, dict[str, Any]], measure: str, shipped: str) -> list[dict[str, str]]:
    """Return the kinds of edit of which the shipped method was measured, each beside the blind maps, in words.

    Args:
        kinds: kind of edit → method → figure.
        measure: what the figures are of.
        shipped: the shipped method.
    """
    columns = [shipped, *(method for method in BASELINES if method != shipped)]
    return [
        {"kind of edit": kind, "edited share of the crop": percent(methods[shipped]["area"])}
        | {maps.method(name, shipped): maps.say_measure(methods[name], measure) for name in columns if name in methods}
        for kind, methods in kinds.items()
        if shipped in methods
    ]


def kind_table(kinds: dict[str, dict[str, Any]], measure: str) -> pd.DataFrame:
    """Return all methods' figures by kind of edit, one row a figure."""
    return pd.DataFrame(
        [
            {"kind": kind, "method": method, "measure": measure, **figure}
            for kind, methods in kinds.items()
            for method, figure in methods.items()
        ]
    )
