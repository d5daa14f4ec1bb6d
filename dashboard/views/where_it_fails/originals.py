"""Does an edit raise the score of its own original? Drawn by kind of edit, against the half that chance gives."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, messages
from dashboard.views.where_it_fails.wording import tell_above_original
from pipeline.figures.above_original import ALL
from pipeline.results.evaluation import ABOVE_ORIGINAL, Evaluation
from pipeline.words import readable
from pipeline.words.figures import say


def draw(evaluation: Evaluation) -> None:
    """Draw the share of edits that score above the photo they were made of; where it was not measured, say so."""
    figures = {
        name: figure
        for name, figure in evaluation.metrics.get(ABOVE_ORIGINAL, {}).items()
        if figure["value"] is not None
    }
    if ALL not in figures:
        messages.how_to_evaluate(
            "Not measured. Where edits lie beside their own originals, the evaluation is older than this figure",
            evaluation,
        )
        return
    st.markdown(tell_above_original(figures))
    _draw_plot(figures)


def _draw_plot(figures: Mapping[str, Mapping[str, Any]]) -> None:
    kinds = sorted((kind for kind in figures if kind != ALL), key=lambda kind: figures[kind]["value"])
    rows = pd.DataFrame([{"kind": kind, **figures[kind]} for kind in [*kinds, ALL]])
    plot = charts.empty_plot(
        "Edits that score above their own original", "share of the edits, %", "", 130 + 36 * len(rows)
    )
    shares = {part: (100 * rows[part]).tolist() for part in ("value", "low", "high")}
    plot.add_scatter(
        x=shares["value"],
        y=rows.kind.map(lambda kind: readable.short(kind, 40).replace("<", "‹")),
        mode="markers",
        error_x=charts.whiskers(*shares.values()),
        marker={"size": 11, "color": "#0072B2"},
        showlegend=False,
        text=[say(figures[kind], "%") for kind in rows.kind],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    plot.add_vline(50, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    plot.update_xaxes(range=[min(40.0, *shares["low"]) - 2, 102])
    plot.update_yaxes(autorange="reversed", showgrid=False)
    charts.draw_plot(
        plot,
        rows,
        "above-original",
        "Share of edits that score above their own original, by kind.",
        f"The hardest kind on top; dashed: chance. {charts.WHISKERS}",
    )
