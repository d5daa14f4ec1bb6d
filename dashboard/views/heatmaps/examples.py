"""Composites whose edited parts are known, drawn: those where the map points elsewhere, and those where it is right."""

import html
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.kit.legend import draw_legend
from dashboard.kit.messages import showing_errors
from dashboard.views.heatmaps.rows import NOWHERE, RIGHT, WRONG, composites_called_edited
from pipeline.pictures.face_outline import FADE, face_outline
from pipeline.regions import parts_of
from pipeline.results.canonical import unpack_grid
from pipeline.results.evaluation import Evaluation
from pipeline.words import maps, numbers, readable, verdicts

PAGE = 12
HEADS = {
    WRONG: "The map points elsewhere",
    RIGHT: "The map points at an edited part",
    NOWHERE: "The map names no place",
}
KEPT = [
    "id",
    "sha256",
    "source",
    "label",
    "kind",
    "difficulty",
    "verdict",
    "p_edited",
    "edited parts",
    "peak_region",
    "faithfulness",
    "points",
]


def draw_examples(evaluation: Evaluation) -> None:
    """Ask for those where the map is wrong or right, and draw them a page at a time."""
    known = composites_called_edited(evaluation.predictions)
    if known.empty:
        st.info(
            "No composite whose edited parts are known was called edited in this data set: there is nothing to show."
        )
        return
    counts = known.points.value_counts()
    points = (
        st.segmented_control(
            "Maps",
            list(HEADS),
            default=WRONG,
            required=True,
            key="examples-points",
            label_visibility="collapsed",
            format_func=lambda one: f"{HEADS[one]} · {counts.get(one, 0)}",
        )
        or WRONG
    )
    mine = known[known.points == points]
    sources = sorted(mine.source.unique())
    if len(sources) > 1:
        chosen = st.pills(
            "Collections",
            sources,
            selection_mode="multi",
            key=f"examples-sources-{points}",
            format_func=lambda name: markup.escaped(maps.source(name)),
            label_visibility="collapsed",
        )
        mine = mine[mine.source.isin(chosen)] if chosen else mine
    if mine.empty:
        st.info("There is none in this data set.")
        return
    _draw_gallery(mine, points)
    charts.offer_csv(
        known[KEPT].rename(columns={"points": "map points"}), "map-examples", f"Save all {len(known)} composites as CSV"
    )


def _draw_gallery(mine: pd.DataFrame, points: str) -> None:
    pages = -(-len(mine) // PAGE)
    page = st.pagination(pages, key=f"examples-{points}-of-{pages}") if pages > 1 else 1
    grid = st.grid(min_column_width=160)
    for row in mine.iloc[(page - 1) * PAGE : page * PAGE].to_dict("records"):
        with grid.cell(), st.container(border=True), showing_errors():  # a damaged map does not take the others along
            _draw_card(row)
    draw_legend(
        "−peak",
        "0",
        "+peak",
        "Each map on its own scale: orange speaks for “edited”, blue against it. The green line surrounds the parts "
        "that were truly edited; a peak just outside of it counts as elsewhere. Left and right are the picture’s. "
        "Surest verdicts first.",
    )


def _draw_card(row: dict[Any, Any]) -> None:
    grid = unpack_grid(str(row["heatmap"]))
    strongest = float(np.nanmax(np.abs(grid), initial=0))
    alt = f"Map of photo {row['id']}: peak {_peak(row)}; truly edited: {row['edited parts']}"
    picture = face_outline(grid, strongest, FADE, parts_of(str(row["regions"])))
    st.image(picture, width="stretch", alt=readable.plain(alt))
    verdict = str(row["verdict"])
    shape = f'<span class="tt-shape" style="color:{theme.COLOURS[verdict]}">{verdicts.SHAPES[verdict]}</span>'
    peak, parts = html.escape(_peak(row)), html.escape(row["edited parts"])
    origin = f"{maps.source(row['source'])}, truly {row['label']}"
    lines = [
        f'<p class="tt-head">{shape}{verdicts.CHIPS[verdict]}</p>',
        f'<p class="tt-small">p(edited) {html.escape(numbers.two_digits(row["p_edited"]))}</p>',
        f'<p class="tt-name">Peak: <b>{peak}</b><br>Edited: <b>{parts}</b></p>',
        f'<p class="tt-small">{html.escape(origin)}<br>{html.escape(readable.short(row["id"], 34))}</p>',
    ]
    st.html("<div>" + "".join(lines) + "</div>")


def _peak(row: dict[Any, Any]) -> str:
    return readable.plain(str(row["peak_region"])) or "no place"
