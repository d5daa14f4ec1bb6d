"""Mean maps on the canonical face, by true label and verdict, side by side on one scale."""

from typing import Any

import numpy as np
import streamlit as st

from dashboard.kit import charts, messages, theme
from dashboard.kit.legend import draw_legend
from dashboard.views.heatmaps.rows import grids_of, mean_table
from pipeline.figures.mean_maps import ALL, LEAST, OUTCOMES
from pipeline.pictures.face_outline import FADE, face_outline
from pipeline.results.evaluation import Evaluation
from pipeline.words import readable, verdicts
from pipeline.words.figures import count

MEAN_MAPS = "mean maps"
"""Where they stand among an evaluation's figures."""
WIDTH = 168
"""Of a picture: two fit beside each other on a narrow screen."""
FORMS = {
    "mean": "Strength",
    "even": "Place only",
}
EXPLAINED = {
    "mean": "Mean of the maps as they are, in logit. Strong maps count more.",
    "even": "Each map is divided by its own largest magnitude before the mean: it tells where, not how much. "
    "1 would mean that this cell is the strongest in every photo.",
}
HEADS = {"right": "Right verdict", "wrong": "Wrong verdict", "inconclusive": "Inconclusive"}


def draw_means(evaluation: Evaluation) -> None:
    """Ask which photos and which form, and draw the mean maps."""
    sets = evaluation.metrics.get(MEAN_MAPS)
    if sets is None:
        messages.how_to_evaluate("This evaluation was written before mean maps were kept", evaluation)
        return
    if not sets:
        st.info("No map was kept with these photos.")
        return
    left, right = st.columns(2)
    which = left.selectbox("Photos", list(sets), key="means-which", format_func=_say_which)
    form = (
        right.segmented_control(
            "Mean of", list(FORMS), default="mean", required=True, key="means-form", format_func=lambda one: FORMS[one]
        )
        or "mean"
    )
    st.caption(EXPLAINED[form])
    grids = grids_of(sets[which], form)
    if grids:
        _draw_rows(sets[which], grids, form)
    else:
        st.info(f"No class has {LEAST} such photos with one outcome: no mean is told.")


def _say_which(which: str) -> str:
    return "all photos, with forged edits" if which == ALL else f"edits of the kind “{readable.plain(which)}”"


def _draw_rows(labels: dict[str, Any], grids: dict[tuple[str, str], np.ndarray], form: str) -> None:
    scale = max(float(np.nanmax(np.abs(grid), initial=0)) for grid in grids.values())
    for label, outcomes in labels.items():
        shape = f'<span style="color:{theme.COLOURS[label]}">{verdicts.SHAPES[label]}</span>'
        st.html(f'<p class="tt-head">{shape} truly {label}</p>')
        with st.container(horizontal=True):
            for outcome in OUTCOMES:
                if outcome in outcomes:
                    with st.container(width=WIDTH):
                        _draw_cell(outcome, outcomes[outcome], grids.get((label, outcome)), scale, label)
    unit = " logit" if form == "mean" else ""
    draw_legend(
        f"−{scale:.2g}",
        "0",
        f"+{scale:.2g}{unit}",
        "One scale for all pictures: orange speaks for “edited”, blue against it; fainter is weaker. A cell that fewer "
        "than half of the maps reach is left empty.",
    )
    charts.offer_csv(mean_table(labels, grids, form), "mean-maps")


def _draw_cell(outcome: str, one: dict[str, Any], grid: np.ndarray | None, scale: float, label: str) -> None:
    st.html(f'<p class="tt-head">{HEADS[outcome]}</p><p class="tt-small">n {count(one["n"])}</p>')
    if grid is None:
        st.caption(f"Fewer than {LEAST} photos: no mean is told.")
        return
    row, column = np.unravel_index(int(np.nanargmax(grid)), grid.shape)
    alt = f"Mean map of {label}, {HEADS[outcome].lower()}: strongest in row {row + 1}, column {column + 1} of 16"
    st.image(face_outline(grid, scale, FADE), width="stretch", alt=alt)
    if outcome == "wrong":
        parts = [f"{count(n)} as {verdicts.CHIPS[verdict].lower()}" for verdict, n in one["said"].items()]
        st.caption(", ".join(parts))
