"""Slices and tiers as rows of tables: each with its figure, its interval, and how it stands against all photos."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.views.where_it_fails.measures import ALARMS, Measure
from pipeline.datasets.sources import is_forged_name
from pipeline.figures.slices import BY_STRENGTH
from pipeline.words.figures import alike, say

WORSE, LIKE, BETTER, UNTOLD = "worse", "like the rest", "better", "cannot be told"
STANDINGS = {
    WORSE: "worse: the interval lies wholly beyond the figure over all photos",
    LIKE: "like the rest: the interval holds the figure over all photos",
    BETTER: "better: the interval lies wholly on the good side",
    UNTOLD: "cannot be told: all of its photos came out alike, so there is no interval",
}
"""How a slice stands against all photos."""
EDITS_ONLY = ("kind", "difficulty", "edited regions", BY_STRENGTH)
EDITED_SOURCES = ("stylegan2",)
"""Slices of what only edits have hold the real photos of whole collections: their false alarms are those of others."""
COLUMNS = ("about", "slice", "value", "low", "high", "n", "standing")
FLIPS, LOST = "flips", "lost"
"""What a tier is compared by with the clean one: verdicts that change, and points of balanced accuracy lost."""
TIER_COLUMNS = ("tier", "place", "value", "low", "high", "n", "text")


def overall(metrics: Mapping[str, Any], measure: Measure) -> tuple[dict[str, Any] | None, str]:
    """Return the figure over all photos, and over which it is: older evaluations told only the collections' own."""
    if figure := measure.of(metrics.get("slices overall", {})):
        return figure, f"all {measure.about}"
    return measure.of(metrics.get("edited", {}).get("collections", {})), "the collections' own photos"


def rank_slices(metrics: Mapping[str, Any], measure: Measure, about: str = "") -> pd.DataFrame:
    """Return the slices that were measured, worst first.

    Args:
        metrics: of an evaluation.
        measure: what they are compared by.
        about: the fact that slices are by; all facts if it is empty.

    Returns:
        `COLUMNS`: value, low and high as stored (shares in [0, 1]), standing as in `STANDINGS`, "" without a figure
        over all photos.
    """
    whole, _ = overall(metrics, measure)
    rows = [
        (
            row["slice"],
            row["value"],
            figure["value"],
            figure["low"],
            figure["high"],
            figure["n"],
            standing_of(figure, whole, measure.lower),
        )
        for row in slices_of(metrics, measure, about)
        if (figure := measure.of(row))
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("value", ascending=not measure.lower, kind="stable", ignore_index=True)


def too_few(metrics: Mapping[str, Any], measure: Measure, about: str = "") -> list[str]:
    """Name the slices with too few photos, each with how many there are."""
    return [
        f"{row['slice']} {row['value']} ({row[measure.key]['n']})"
        for row in slices_of(metrics, measure, about)
        if measure.of(row) is None and row.get(measure.key, {}).get("n")
    ]


def slices_of(metrics: Mapping[str, Any], measure: Measure, about: str = "") -> list[Mapping[str, Any]]:
    """Return the stored slices that a measure says something of: no real photos twice."""
    rows = metrics.get("slices", [])
    if measure is ALARMS:
        rows = [row for row in rows if not _twice(row)]
    return [row for row in rows if about in ("", row["slice"])]


def _twice(row: Mapping[str, Any]) -> bool:
    if row["slice"] == "source":
        return is_forged_name(row["value"]) or row["value"] in EDITED_SOURCES
    return row["slice"] in EDITS_ONLY


def facts_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what slices are by, in the order of the file."""
    return list(dict.fromkeys(row["slice"] for row in rows))


def standing_of(figure: Mapping[str, Any], whole: Mapping[str, Any] | None, lower: bool) -> str:
    """Tell how a figure stands against that over all photos."""
    if whole is None or figure["low"] is None:
        return ""
    if alike(figure):
        return UNTOLD
    above, below = figure["low"] > whole["value"], figure["high"] < whole["value"]
    return (WORSE if lower else BETTER) if above else (BETTER if lower else WORSE) if below else LIKE


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows, each by its columns' names."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def tier_table(tiers: Mapping[str, Any], key: str) -> pd.DataFrame:
    """Return the tiers in which a measure was taken, in their order.

    What changes against the clean tier is left out of the clean tier itself: it is nothing.

    Returns:
        `TIER_COLUMNS`: "place" is the tier's number, "text" how its figure is said.
    """
    rows = [
        {
            "tier": name,
            "place": place,
            **{part: tier[key][part] for part in ("value", "low", "high", "n")},
            "text": f"{name}: {_say_points(tier[key]) if key == LOST else say(tier[key], '%')}",
        }
        for place, (name, tier) in enumerate(tiers.items())
        if tier.get(key, {}).get("value") is not None and not (name == "clean" and key in (FLIPS, LOST))
    ]
    return pd.DataFrame(rows, columns=list(TIER_COLUMNS))


def _say_points(figure: Mapping[str, Any]) -> str:
    """Say a loss in points, which may be a gain: "3 (−1 to 7), n 200"."""
    low, high = 100 * figure["low"], 100 * figure["high"]
    return f"{100 * figure['value']:.0f} ({low:.0f} to {high:.0f}), n {figure['n']}"
