"""Mean maps on the canonical face, by true label and verdict, side by side on one scale."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, theme
from dashboard.kit.legend import legend
from pipeline.figures.mean_maps import ALL, LEAST, OUTCOMES
from pipeline.pictures.face_outline import signed_map
from pipeline.results.canonical import unpacked
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words import readable, verdicts

KEY = "mean maps"
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


def means(shown: Evaluation) -> None:
    """Ask which photos and which form, and draw the mean maps."""
    found = shown.metrics.get(KEY)
    if found is None:
        st.info("This evaluation was written before mean maps were kept. Evaluate the release again to see them:")
        st.code(f"python -m pipeline evaluate {shown.release} .telltale/prepared", language="sh")
        return
    if not found:
        st.info("No map was kept with these photos.")
        return
    left, right = st.columns(2)
    which = left.selectbox("Photos", list(found), key="means-which", format_func=_said_of)
    form = (
        right.segmented_control(
            "Mean of", list(FORMS), default="mean", required=True, key="means-form", format_func=lambda one: FORMS[one]
        )
        or "mean"
    )
    st.caption(EXPLAINED[form])
    grids = _grids(found[which], form)
    if grids:
        _rows(found[which], grids, form)
    else:
        st.info(f"No class has {LEAST} such photos with one outcome: no mean is told.")


def _said_of(which: str) -> str:
    return "all photos, with forged edits" if which == ALL else f"edits of the kind “{readable.plain(which)}”"


def _grids(found: dict[str, Any], form: str) -> dict[tuple[str, str], np.ndarray]:
    """Return (true label, outcome) → grid of those that have one."""
    return {
        (label, outcome): unpacked(one[form])
        for label, outcomes in found.items()
        for outcome, one in outcomes.items()
        if one[form]
    }


def _rows(found: dict[str, Any], grids: dict[tuple[str, str], np.ndarray], form: str) -> None:
    scale = max(float(np.nanmax(np.abs(grid), initial=0)) for grid in grids.values())
    for label, outcomes in found.items():
        shape = f'<span style="color:{theme.COLOURS[label]}">{verdicts.SHAPES[label]}</span>'
        st.html(f'<p class="tt-head">{shape} truly {label}</p>')
        with st.container(horizontal=True):
            for outcome in OUTCOMES:
                if outcome in outcomes:
                    with st.container(width=WIDTH):
                        _cell(outcome, outcomes[outcome], grids.get((label, outcome)), scale, label)
    unit = " logit" if form == "mean" else ""
    legend(
        f"−{scale:.2g}",
        "0",
        f"+{scale:.2g}{unit}",
        "One scale for all pictures: orange speaks for “edited”, blue against it; fainter is weaker. A cell that fewer "
        "than half of the maps reach is left empty.",
    )
    charts.save(_table(found, grids, form), "mean-maps")


def _cell(outcome: str, one: dict[str, Any], grid: np.ndarray | None, scale: float, label: str) -> None:
    st.html(f'<p class="tt-head">{HEADS[outcome]}</p><p class="tt-small">n {measured.count(one["n"])}</p>')
    if grid is None:
        st.caption(f"Fewer than {LEAST} photos: no mean is told.")
        return
    row, column = np.unravel_index(int(np.nanargmax(grid)), grid.shape)
    said = f"Mean map of {label}, {HEADS[outcome].lower()}: strongest in row {row + 1}, column {column + 1} of 16"
    st.image(signed_map(grid, scale), width="stretch", alt=said)
    if outcome == "wrong":
        parts = [f"{measured.count(n)} as {verdicts.CHIPS[verdict].lower()}" for verdict, n in one["said"].items()]
        st.caption(", ".join(parts))


def _table(found: dict[str, Any], grids: dict[tuple[str, str], np.ndarray], form: str) -> pd.DataFrame:
    rows = [
        {
            "true label": label,
            "verdict": outcome,
            "form": form,
            "n": found[label][outcome]["n"],
            "row": row,
            "column": column,
            "value": float(grid[row, column]),
        }
        for (label, outcome), grid in grids.items()
        for row, column in np.ndindex(*grid.shape)
    ]
    return pd.DataFrame(rows)
