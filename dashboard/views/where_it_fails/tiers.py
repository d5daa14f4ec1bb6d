"""Would a verdict survive a re-save? Photos as they reach an investigator, and what becomes of the verdicts."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.views.where_it_fails.rows import FLIPS, LOST, records, tier_table
from dashboard.views.where_it_fails.wording import say_counts, say_lost_faces
from pipeline.results.evaluation import Evaluation
from pipeline.words.figures import percent

TIERS = {
    "clean": "the photo as it came",
    "web": "shrunk to 768 px on its longer side and saved as JPEG of quality 60",
    "hard": "shrunk to 512 px and saved as JPEG of quality 40",
    "screenshot": "shown at 73 % of its size, taken as a screenshot, and enlarged again",
    "crop": "only the face is cut out, with a margin of a fifth on each side",
    "social": "as social media commonly do: shrunk (longer side at most 1080 px), sharpened, saved as JPEG of quality "
    "80, and once more at 75",
}
"""What becomes of a photo in each tier of `pipeline.evaluation.tiers`, in words."""
LEVELS = {
    "balanced accuracy": ("balanced accuracy", "circle", "#009E73"),
    "recall": ("edits found", "diamond", "#56B4E9"),
    "false alarms": ("false alarms", "square-open", "#E69F00"),
}
CHANGES = {
    FLIPS: ("verdicts that change", "circle", "#009E73"),
    LOST: ("points of balanced accuracy lost", "diamond-open", "#E69F00"),
}
"""Measures drawn together: key → how it is said, shape and colour (none is a label's)."""
SHIFT = 0.2
"""Of a row, between two measures of one tier."""


def draw(evaluation: Evaluation) -> None:
    """Draw how well stage 1 and the verdicts stand each tier."""
    tiers = evaluation.metrics.get("tiers", {})
    if not tiers:
        st.info(
            "Robustness was not measured in this evaluation: its photos are no files of their own, or it was left "
            "out (--no-tiers)."
        )
        return
    left, right = st.columns(2, gap="large")
    with left:
        _draw_plot(
            tiers, CHANGES, "Changes against the photo as it came", "share of verdicts, or points (%)", "tiers-changes"
        )
    with right:
        _draw_plot(tiers, LEVELS, "Stage 1 in each tier", "share (%)", "tiers-levels")
    st.markdown("\n".join(f"- **{markup.escaped(name)}**: {TIERS.get(name, 'not described')}" for name in tiers))
    known = markup.escaped(str(evaluation.run.get("notes", {}).get("tiers", "")))
    note = f"{known.capitalize()}. " if known else ""
    st.caption(
        "The same photos in every tier, through the whole path from finding the face to the verdict. "
        f"{say_lost_faces(tiers)}{note}“Found” and “false alarms” are stage 1's, at the release's "
        "threshold; a verdict counts as changed too where it turns to or from “inconclusive”."
    )


def _draw_plot(tiers: Mapping[str, Any], measures: Mapping[str, Any], title: str, unit: str, name: str) -> None:
    plot = charts.empty_plot(title, unit, "", 110 + 62 * len(tiers))
    plot.update_layout(title={"xref": "container", "x": 0.01})
    rows = []
    for place, (key, (measure_name, shape, colour)) in enumerate(measures.items()):
        table = tier_table(tiers, key)
        if table.empty:  # one class only: there is nothing to draw, and no entry in the legend
            continue
        rows.append(table.assign(measure=measure_name))
        shift = SHIFT * (place - (len(measures) - 1) / 2)
        plot.add_scatter(
            x=100 * table.value,
            y=table.place + shift,
            mode="markers",
            name=measure_name,
            error_x=charts.whiskers(list(100 * table.value), list(100 * table.low), list(100 * table.high)),
            marker={"symbol": shape, "size": 11, "color": colour, "line": {"width": 2}},
            customdata=table.text,
            hovertemplate="%{customdata}<extra>" + measure_name + "</extra>",
        )
    if not rows:
        st.info(
            f"{title}: these photos do not tell. They are all of one class, or no tier but the clean one was tried."
        )
        return
    plot.update_yaxes(tickvals=list(range(len(tiers))), ticktext=list(tiers), range=[len(tiers) - 0.5, -0.5])
    plot.update_xaxes(rangemode="tozero", zeroline=True, zerolinecolor=theme.ink(), zerolinewidth=1)
    data = pd.concat(rows, ignore_index=True)[["measure", "tier", "value", "low", "high", "n"]]
    alt = "; ".join(f"{row['measure']} {row['tier']} {percent(row['value'])}" for row in records(data))
    charts.draw_plot(plot, data, name, f"{title}: {alt}", f"{say_counts(data)} {charts.WHISKERS}")
