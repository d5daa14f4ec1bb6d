"""A small collection by folds: how much of a figure is the luck of which photos were held out."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.session import evaluations
from dashboard.views.shortcuts.data_wording import say_folds
from pipeline.errors import BadEvaluation
from pipeline.figures.left_out import auc_on
from pipeline.results.evaluation import Evaluation
from pipeline.results.folds import WITHIN, Folded
from pipeline.words import readable
from pipeline.words.figures import say

FOLD, ALL, SHIPPED = "#56B4E9", "#D55E00", "#0072B2"


def draw_folds(evaluation: Evaluation, measurements: list[Folded], problems: list[str]) -> None:
    """Draw what was measured by folds, beside an evaluation of the same photos; where there is nothing, no heading.

    Args:
        evaluation: of the release.
        measurements, problems: of `read_folds`.
    """
    if measurements or problems:
        st.subheader("How much is luck of the split?", anchor=False)
    for one in measurements:
        st.markdown(say_folds(one))
        shipped = auc_on(evaluation.metrics, "edited", one.collection)
        _draw_plot(one, shipped.as_dict() if shipped else None)
    for line in problems:
        st.caption(f"Left aside: {markup.escaped(line)}")


def read_folds(evaluation: Evaluation) -> tuple[list[Folded], list[str]]:
    """Return what was measured by folds of the same revision of the data, and what could not be used, and why."""
    measurements, problems = [], []
    for path in evaluations.by_folds():
        try:
            one = Folded.read(path)
        except BadEvaluation as problem:
            problems.append(str(problem))
            continue
        if one.run["revision"] == evaluation.run.get("revision"):
            measurements.append(one)
        else:
            problems.append(f"{path.parent.name}/{path.name} is of another revision of the data.")
    return measurements, problems


def _fold_rows(folds: Folded, shipped: Any) -> Iterator[dict[str, Any]]:
    for number, figure in enumerate(folds.each, 1):
        yield {"held out": f"fold {number}", "colour": FOLD, **figure}
    yield {"held out": "within folds, all", "colour": ALL, **folds.figures[WITHIN]}
    if shipped:
        yield {"held out": "the release, its test split", "colour": SHIPPED, **shipped}


def _draw_plot(folds: Folded, shipped: Any) -> None:
    drawn = list(_fold_rows(folds, shipped))
    rows = pd.DataFrame(drawn)
    title = f"Stage 1 on {readable.short(folds.collection, 30).replace('<', '‹')}, by what was held out"
    plot = charts.empty_plot(title, "AUC: 0.5 is guessing", "", 150 + 34 * len(rows))
    plot.add_scatter(
        x=rows.value,
        y=rows["held out"],
        mode="markers",
        error_x=charts.whiskers(rows.value.tolist(), rows.low.tolist(), rows.high.tolist()),
        marker={"size": 11, "color": rows.colour},
        showlegend=False,
        text=[say(figure, "") for figure in drawn],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    plot.update_yaxes(autorange="reversed", showgrid=False)
    name = f"folds-{folds.path.parent.name}-{folds.path.name}"
    charts.draw_plot(
        plot,
        rows.drop(columns="colour"),
        name,
        f"AUC of stage 1 on {folds.collection}, by fold and over all.",
        f"{charts.WHISKERS} The release was trained with other photos, and longer.",
    )
