"""What was measured of maps, in sentences."""

from typing import Any

import pandas as pd

from dashboard.kit import markup
from dashboard.views.heatmaps.rows import (
    NOWHERE,
    RIGHT,
    WRONG,
    Pointing,
    composites_called_edited,
    composites_of,
    points_of,
)
from pipeline.figures.maps import passes
from pipeline.results.evaluation import Evaluation
from pipeline.results.maps import BASELINES, OUTPUTS, MapFolder
from pipeline.words import maps
from pipeline.words.figures import count, percent, say
from pipeline.words.maps import against_chance

LITTLE = 0.05
"""Distance of an interval from chance under which it is said to be small."""


def say_pointing(one: Pointing) -> str:
    """Say how often the peak lay in an edited part, against chance, in markdown."""
    who = markup.escaped(maps.source(one.source))
    composites = "composites made by Telltale" if one.forged else "composites by experts"
    return (
        f"On {count(one.figure['n'])} {composites} ({who}) the map’s peak lay in a truly edited part in "
        f"{say(one.figure, '%', n=False)}; chance reaches {percent(one.figure['chance'])}. "
        f"That is {against_chance(one.figure)} chance{_say_by_how_much(one.figure)}."
    )


def _say_by_how_much(figure: dict[str, Any]) -> str:
    """Say that an interval that lies above chance all but touches it; "" otherwise."""
    known = figure["chance"] is not None and figure["low"] is not None
    return ", by a little" if known and 0 < figure["low"] - figure["chance"] < LITTLE else ""


def say_advice(one: Pointing, table: pd.DataFrame) -> str:
    """Say what the peak is worth to an analyst.

    Args:
        one: how often it lay in an edited part.
        table: the predictions that this was measured on.
    """
    advice = {
        "above": f"The peak is a hint where to look, no more{_say_misses(table, one.source)}.",
        "below": "The peak is no hint: it lies where the photo was edited less often than an answer that never saw it.",
    }
    blind = "The peak is no hint that can be relied on: an answer that never saw the photo may do as well."
    return advice.get(against_chance(one.figure), blind)


def _say_misses(table: pd.DataFrame, source: str) -> str:
    """Say in how many photos the peak lay elsewhere, and in how many there was none; "" where that is not known."""
    points = points_of(composites_of(table[table.source == source]))
    if not len(points):
        return ""
    elsewhere, nowhere = (percent(float((points == where).mean())) for where in (WRONG, NOWHERE))
    return f": in {elsewhere} of these photos it lay elsewhere, and in {nowhere} the map named no place"


def say_others(rest: list[Pointing]) -> str:
    """Say in how many other sets the peak is above chance; "" where there are none."""
    if not rest:
        return ""
    above = sum(against_chance(one.figure) == "above" for one in rest)
    return f" In {above} of {len(rest)} other sets, shown below, it is above chance."


def say_outputs(figures: list[Pointing], source: str) -> str:
    """Say how often the network's region outputs name an edited part of a source's photos; "" where not measured."""
    mine = [one.figure for one in figures if (one.source, one.what, one.way) == (source, "all", "region outputs")]
    if not mine:
        return ""
    return (
        f" The part that the network itself holds likeliest was edited in {say(mine[0], '%', n=False)}; "
        f"chance {percent(mine[0]['chance'])}: {against_chance(mine[0])} chance."
    )


def say_counts(evaluation: Evaluation) -> str:
    """Say how many of the composites called edited have a map that points elsewhere; "" where there are none."""
    known = composites_called_edited(evaluation.predictions)
    if known.empty:
        return ""
    counts = known.points.value_counts()
    return (
        f"Of {count(len(known))} composites whose edited parts are known and that were called edited, the map "
        f"points at an edited part in {counts.get(RIGHT, 0)}, elsewhere in {counts.get(WRONG, 0)} and nowhere in "
        f"{counts.get(NOWHERE, 0)}."
    )


def say_why(folder: MapFolder, shipped: str) -> str:
    """Say how the rule came to its answer, and whether the release follows it."""
    val = folder.metrics.get("val", {})
    tried = {name for methods in val.values() for name in methods} - {OUTPUTS, *BASELINES}
    sound = [name for name in tried if passes(val, name)]
    how = f"The rule chose {markup.escaped(folder.best)} on validation photos"
    if not val:
        how = f"The rule chose {markup.escaped(folder.best)}."
    elif sound:
        how += f"; {len(sound)} of {len(tried)} methods passed its check."
    else:
        best = markup.escaped(folder.best)
        how = f"No method passed the rule’s check on validation photos, so {best} stands by default."
    return how if folder.best == shipped else f"{how} The release was made with another one."
