"""A small collection by folds: how much of a figure is the luck of which photos were held out."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.draw import charts, measured, words
from dashboard.draw.shortcut_left_out import auc
from pipeline.evaluation.fold_folder import EVEN, Folded
from pipeline.evaluation.folder import BadEvaluation, Evaluation

FOLD, ALL, SHIPPED = "#56B4E9", "#D55E00", "#0072B2"


def section(shown: Evaluation) -> None:
    """Draw every collection that was measured by folds; where there is none, nothing."""
    for path in state.by_folds():
        try:
            _draw(Folded.read(path), shown)
        except BadEvaluation as problem:
            st.caption(f"Left aside: {words.escaped(str(problem))}")


def _draw(found: Folded, shown: Evaluation) -> None:
    st.markdown(in_words(found))
    _plot(found, auc(shown.metrics, "edited", found.collection))


def in_words(found: Folded) -> str:
    """Say what the folds tell, as markdown."""
    values = sorted(figure["value"] for figure in found.each)
    widest = max(figure["high"] - figure["low"] for figure in found.each) / 2
    every = found.figures["AUC"]
    even = f", {EVEN} on {measured.percent(found.figures[EVEN]['value'])}" if EVEN in found.figures else ""
    return (
        f"**{words.escaped(found.collection)}, each of its {measured.count(every['n'])} photos held out once** "
        f"({len(values)} networks, each trained without a fold): one and the same short training reaches AUC "
        f"{measured.plain(values[0])} to {measured.plain(values[-1])}, by which photos were held out; over all of them "
        f"{measured.plain(every['value'])} ({measured.interval('AUC', every)}){even}. **One split of this collection "
        f"is uncertain by about ±{100 * widest:.0f} points**: two models closer than that cannot be told apart on it."
    )


def _rows(found: Folded, shipped: Any) -> Iterator[dict[str, Any]]:
    for number, figure in enumerate(found.each, 1):
        yield {"held out": f"fold {number}", "colour": FOLD, **figure}
    yield {"held out": "all, each once", "colour": ALL, **found.figures["AUC"]}
    if shipped:
        yield {"held out": "the release, its test split", "colour": SHIPPED, **shipped}


def _plot(found: Folded, shipped: Any) -> None:
    rows = pd.DataFrame(_rows(found, shipped))
    title = f"Stage 1 on {words.short(found.collection, 30).replace('<', '‹')}, by what was held out"
    made = charts.figure(title, "AUC: 0.5 is guessing", "", 150 + 34 * len(rows))
    made.add_scatter(
        x=rows.value, y=rows["held out"], mode="markers",
        error_x=charts.whiskers(rows.value.tolist(), rows.low.tolist(), rows.high.tolist()),
        marker={"size": 11, "color": rows.colour}, showlegend=False,
        text=[measured.said("AUC", figure) for figure in _rows(found, shipped)],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(autorange="reversed", showgrid=False)
    charts.show(made, rows.drop(columns="colour"), f"folds-{found.path.parent.name}",
                f"AUC of stage 1 on {found.collection}, by fold and over all folds.",
                "Whiskers: 95 % intervals. The folds' networks were trained far shorter than the release.")  # fmt: skip
