"""Does an edit raise the score of its own original? By kind of edit, against the half that chance gives."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from pipeline.figures.above_original import ALL
from pipeline.results.evaluation import ABOVE, Evaluation
from pipeline.words import figures as measured
from pipeline.words import readable

Figure = Mapping[str, Any]


def draw(shown: Evaluation) -> None:
    """Draw the share of edits that score above the photo they were made of; where it was not measured, say so."""
    found = {name: figure for name, figure in shown.metrics.get(ABOVE, {}).items() if figure["value"] is not None}
    if ALL not in found:
        st.info(
            "Not measured: there are no edits beside their own originals here, or the evaluation is older than this "
            "figure. Make it again with `python -m pipeline evaluate`."
        )
        return
    st.markdown(in_words(found))
    _plot(found)


def in_words(found: Mapping[str, Figure]) -> str:
    """Say how often an edit is told from its own original, and for which kinds no better than by chance."""
    blind = [kind for kind, figure in found.items() if kind != ALL and figure["low"] <= 0.5]
    said = (
        f"**Of {measured.count(found[ALL]['n'])} edits, {_share(found[ALL])} score above the very photo that they were "
        "made of.** Nothing differs between the two but the edit, so half would be chance; no threshold plays a part. "
        "For an analyst who has both versions this is the figure that counts."
    )
    if blind:
        said += f" **Not clearly above chance: {markup.escaped(', '.join(sorted(blind)))}.**"
    return said


def _share(figure: Figure) -> str:
    return f"{measured.percent(figure['value'])} ({measured.interval('recall', figure)})"


def _plot(found: Mapping[str, Figure]) -> None:
    kinds = sorted((kind for kind in found if kind != ALL), key=lambda kind: found[kind]["value"])
    rows = pd.DataFrame([{"kind": kind, **found[kind]} for kind in [*kinds, ALL]])
    made = charts.figure("Edits that score above their own original", "share of the edits, %", "", 130 + 36 * len(rows))
    shares = {part: (100 * rows[part]).tolist() for part in ("value", "low", "high")}
    made.add_scatter(
        x=shares["value"],
        y=rows.kind.map(lambda kind: readable.short(kind, 40).replace("<", "‹")),
        mode="markers",
        error_x=charts.whiskers(*shares.values()),
        marker={"size": 11, "color": "#0072B2"},
        showlegend=False,
        text=[f"{_share(found[kind])}, n {measured.count(found[kind]['n'])}" for kind in rows.kind],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    made.add_vline(50, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    made.update_xaxes(range=[min(40.0, *shares["low"]) - 2, 102])
    made.update_yaxes(autorange="reversed", showgrid=False)
    charts.show(
        made,
        rows,
        "above-original",
        "Share of edits that score above their own original, by kind.",
        "The hardest kind on top; whiskers: 95 % intervals; dashed: chance.",
    )
