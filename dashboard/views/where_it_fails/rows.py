"""Slices as rows of a table: each with its figure, its interval, and how it stands against all photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from pipeline.figures.slices import BY_STRENGTH
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words import readable

Figure = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """What slices are compared by.

    Attributes:
        name: as it is said.
        key: as it is stored.
        about: the photos that it is about.
        one_less: whether 1 less the stored value is shown, as for the edits missed.
        lower: whether lower is better.
    """

    name: str
    key: str
    about: str
    one_less: bool = False
    lower: bool = True

    @property
    def share(self) -> bool:
        """Whether it is said in per cent."""
        return self.key in measured.SHARES

    @property
    def short(self) -> str:
        """Its name over a column."""
        return self.name.partition(" on ")[0]

    def of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return this measure's figure of a row; None where the row has none or too few photos for one."""
        figure = row.get(self.key)
        if not figure or figure.get("value") is None:
            return None
        if not self.one_less:
            return dict(figure)
        return {"value": 1 - figure["value"], "low": 1 - figure["high"], "high": 1 - figure["low"], "n": figure["n"]}

    def said(self, figure: Figure) -> str:
        """Say a figure: "91 % (88–94 %, n 349)"; an interval of one point is none."""
        within = "no interval: all alike" if measured.alike(figure) else measured.interval(self.key, figure)
        return f"{measured.value(self.key, figure)} ({within}, n {measured.count(figure['n'])})"


MISSED = Measure("edits missed", "recall", "edited photos", one_less=True)
ALARMS = Measure("false alarms on real photos", "false alarms", "real photos")
AUC = Measure("AUC", "AUC", "photos of both classes", lower=False)
BALANCED = Measure("balanced accuracy", "balanced accuracy", "photos of both classes", lower=False)
MEASURES = (MISSED, ALARMS, AUC, BALANCED)


def choose(measures: Sequence[Measure], rows: Sequence[Mapping[str, Any]], key: str) -> Measure:
    """Ask for one of the measures that any row has, or of all where none has any; the first is chosen at the start."""
    offered = [measure for measure in measures if any(measure.of(row) for row in rows)] or list(measures)
    names = [measure.name for measure in offered]
    chosen = st.segmented_control("Measure", names, default=names[0], required=True, key=key, wrap=True)
    return offered[names.index(chosen) if chosen in names else 0]


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


def overall(metrics: Mapping[str, Any], measure: Measure) -> tuple[dict[str, Any] | None, str]:
    """Return the figure over all photos, and over which it is: older evaluations told only the collections' own."""
    if figure := measure.of(metrics.get("slices overall", {})):
        return figure, f"all {measure.about}"
    return measure.of(metrics.get("edited", {}).get("collections", {})), "the collections' own photos"


def told(metrics: Mapping[str, Any], measure: Measure, about: str = "") -> pd.DataFrame:
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
            standing(figure, whole, measure.lower),
        )
        for row in asked(metrics, measure, about)
        if (figure := measure.of(row))
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("value", ascending=not measure.lower, kind="stable", ignore_index=True)


def few(metrics: Mapping[str, Any], measure: Measure, about: str = "") -> list[str]:
    """Name the slices with too few photos, each with how many there are."""
    return [
        f"{row['slice']} {row['value']} ({row[measure.key]['n']})"
        for row in asked(metrics, measure, about)
        if measure.of(row) is None and row.get(measure.key, {}).get("n")
    ]


def asked(metrics: Mapping[str, Any], measure: Measure, about: str = "") -> list[Mapping[str, Any]]:
    """Return the stored slices that a measure says something of: no real photos twice."""
    rows = metrics.get("slices", [])
    if measure is ALARMS:
        rows = [row for row in rows if not _twice(row)]
    return [row for row in rows if about in ("", row["slice"])]


def _twice(row: Mapping[str, Any]) -> bool:
    if row["slice"] == "source":
        return row["value"].startswith("forge-") or row["value"] in EDITED_SOURCES
    return row["slice"] in EDITS_ONLY


def facts(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what slices are by, in the order of the file."""
    return list(dict.fromkeys(row["slice"] for row in rows))


def standing(figure: Figure, whole: Figure | None, lower: bool) -> str:
    """Tell how a figure stands against that over all photos."""
    if whole is None or figure["low"] is None:
        return ""
    if measured.alike(figure):
        return UNTOLD
    above, below = figure["low"] > whole["value"], figure["high"] < whole["value"]
    return (WORSE if lower else BETTER) if above else (BETTER if lower else WORSE) if below else LIKE


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows, each by its columns' names."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def luck(count: int) -> str:
    """Say how many of so many slices would look worse by luck alone."""
    return (
        f"{count} slices are compared. {by_luck(count)} would lie wholly on the worse side by luck alone, for a 95 % "
        "interval errs on that side once in forty; and the worst of many looks worse than it is. Believe what lies far "
        "off, holds many photos, and whose neighbours point the same way."
    )


def by_luck(count: int) -> str:
    """Say how many of so many intervals of 95 % lie wholly on one side by luck: one in forty."""
    return "About one" if count < 60 else f"About {round(count / 40)}"


def lacking(what: str, shown: Evaluation) -> None:
    """Say that an evaluation is older than some figures, and how to get them."""
    st.info(f"This evaluation was written before {what} were measured: evaluate the release again.")
    kind = "benchmark" if shown.dataset == "same-originals" else "prepared"
    split = readable.plain(str(shown.run.get("split") or "test"))
    st.code(
        f"python -m pipeline evaluate {readable.plain(shown.release)} .telltale/{kind} --split {split}", language="sh"
    )
