"""A small collection by folds: how much of a figure is the luck of which photos were held out."""

from collections.abc import Iterator
from statistics import median
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.session import evaluations
from dashboard.views.shortcuts.left_out import auc
from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import Evaluation
from pipeline.results.folds import EVEN, WITHIN, Folded
from pipeline.words import figures as measured
from pipeline.words import readable

FOLD, ALL, SHIPPED = "#56B4E9", "#D55E00", "#0072B2"


def section(shown: Evaluation) -> None:
    """Draw what was measured by folds of the same photos as an evaluation; where there is nothing, no heading."""
    found, problems = known(shown)
    if found or problems:
        st.subheader("How much is luck of the split?", anchor=False)
    for one in found:
        st.markdown(in_words(one))
        _plot(one, auc(shown.metrics, "edited", one.collection))
    for line in problems:
        st.caption(f"Left aside: {markup.escaped(line)}")


def known(shown: Evaluation) -> tuple[list[Folded], list[str]]:
    """Return what was measured by folds of the same revision of the data, and what could not be used, and why."""
    found, problems = [], []
    for path in evaluations.by_folds():
        try:
            one = Folded.read(path)
        except BadEvaluation as problem:
            problems.append(str(problem))
            continue
        if one.run["revision"] == shown.run.get("revision"):
            found.append(one)
        else:
            problems.append(f"{path.parent.name}/{path.name} is of another revision of the data.")
    return found, problems


def in_words(found: Folded) -> str:
    """Say what the folds tell, as markdown."""
    values = sorted(figure["value"] for figure in found.each)
    half = median((figure["high"] - figure["low"]) / 2 for figure in found.each)
    every, photos = found.figures[WITHIN], median(figure["n"] for figure in found.each)
    even = f", {EVEN} on {measured.percent(found.figures[EVEN]['value'])}" if EVEN in found.figures else ""
    return (
        f"**{markup.escaped(found.collection)}, each of its {measured.count(every['n'])} photos held out once**: "
        f"{len(values)} networks{_trained(found)}, each without a fold. One and the same training reaches AUC "
        f"{measured.plain(values[0])} to {measured.plain(values[-1])} from fold to fold; within folds, over all, "
        f"{measured.plain(every['value'])} ({measured.interval('AUC', every)}){even}. **A figure from {photos:.0f} of "
        f"its photos is uncertain by about ±{100 * half:.0f} points.** Two models on the same photos are told apart "
        "better than that, photo by photo, on the page Compare."
    )


def _trained(found: Folded) -> str:
    """Say how long each network of the folds was trained; "" where that is not known."""
    seconds = [one["seconds of training"] for one in found.run["folds"] if "seconds of training" in one]
    return f", each trained for about {median(seconds) / 60:.0f} minutes" if seconds else ""


def _rows(found: Folded, shipped: Any) -> Iterator[dict[str, Any]]:
    for number, figure in enumerate(found.each, 1):
        yield {"held out": f"fold {number}", "colour": FOLD, **figure}
    yield {"held out": "within folds, all", "colour": ALL, **found.figures[WITHIN]}
    if shipped:
        yield {"held out": "the release, its test split", "colour": SHIPPED, **shipped}


def _plot(found: Folded, shipped: Any) -> None:
    drawn = list(_rows(found, shipped))
    rows = pd.DataFrame(drawn)
    title = f"Stage 1 on {readable.short(found.collection, 30).replace('<', '‹')}, by what was held out"
    made = charts.figure(title, "AUC: 0.5 is guessing", "", 150 + 34 * len(rows))
    made.add_scatter(
        x=rows.value,
        y=rows["held out"],
        mode="markers",
        error_x=charts.whiskers(rows.value.tolist(), rows.low.tolist(), rows.high.tolist()),
        marker={"size": 11, "color": rows.colour},
        showlegend=False,
        text=[measured.said("AUC", figure) for figure in drawn],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    made.update_yaxes(autorange="reversed", showgrid=False)
    name = f"folds-{found.path.parent.name}-{found.path.name}"
    charts.show(
        made,
        rows.drop(columns="colour"),
        name,
        f"AUC of stage 1 on {found.collection}, by fold and over all.",
        "Whiskers: 95 % intervals. The release was trained with other photos, and longer.",
    )
