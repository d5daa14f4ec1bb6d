"""Is the release unfair? Edits missed and false alarms by the skin tone that the pixels show."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.views.where_it_fails import rows as slice_rows
from dashboard.views.where_it_fails.rows import ALARMS, MISSED, Measure
from pipeline.figures.slices import LEAST, SKIN_TONE
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured

CAVEAT = "ITA° of the pixels of cheeks and forehead: how a photo shows a skin, not an attribute of a person"
SHAPES = {MISSED: "diamond", ALARMS: "circle-open"}


def draw(shown: Evaluation) -> None:
    """Draw both measures by skin tone, with the gap between the best and the worst class in words."""
    note = shown.run.get("notes", {}).get("skin tone", CAVEAT)
    st.caption(
        f"What “skin tone” means here: {markup.escaped(str(note))}. The classes also differ in where their photos come "
        "from and in how they were edited, so a gap need not come from the tone."
    )
    for measure, place in zip((MISSED, ALARMS), st.columns(2, gap="large"), strict=True):
        with place:
            _measure(shown, measure)


def _measure(shown: Evaluation, measure: Measure) -> None:
    rows = slice_rows.asked(shown.metrics, measure, SKIN_TONE)
    known = [(row["value"], figure) for row in rows if (figure := measure.of(row))]
    if not known:
        st.info(f"{measure.name.capitalize()}: no class has the {LEAST} {measure.about} that a figure needs.")
        return
    st.markdown(said(shown.metrics, measure))
    table = pd.DataFrame([{"class": name, **figure} for name, figure in known])
    _plot(shown, table, measure)
    if names := slice_rows.few(shown.metrics, measure, SKIN_TONE):
        st.caption(f"Too few {measure.about} (under {LEAST}): {markup.escaped(', '.join(names))}.")


def said(metrics: Mapping[str, Any], measure: Measure) -> str:
    """Say how wide the gap between the classes is, and whether it may be chance."""
    gap = metrics.get("slice gaps", {}).get(SKIN_TONE, {}).get(measure.key)
    rows = slice_rows.asked(metrics, measure, SKIN_TONE)
    figures = {row["value"]: figure for row in rows if (figure := measure.of(row))}
    if not gap or gap["value"] is None:
        return f"**{measure.name.capitalize()}**: the gap between the classes was not measured in this evaluation."
    worst, best = figures[gap["worst"]], figures[gap["best"]]
    ends = f"{100 * gap['low']:.1f} to {100 * gap['high']:.1f}".replace("-", "−")
    sure = (
        "Zero lies outside that interval, so some of the gap is probably real; but the best and the worst of these "
        "classes were picked after the fact, which widens a gap even where there is none."
        if gap["low"] > 0
        else "Zero lies in that interval: the gap may be chance."
    )
    high, low = markup.escaped(measure.said(worst)), markup.escaped(measure.said(best))
    return (
        f"**{measure.name.capitalize()}**: most on {markup.escaped(gap['worst'])}, {high}, "
        f"least on {markup.escaped(gap['best'])}, {low}. The gap is {100 * gap['value']:.1f} points (95 % interval "
        f"{ends}). {sure} "
        f"The two classes' own intervals {'overlap' if worst['low'] <= best['high'] else 'do not overlap'}."
    )


def _plot(shown: Evaluation, table: pd.DataFrame, measure: Measure) -> None:
    made = charts.figure(f"{measure.name.capitalize()} by skin tone", "", "share of photos (%)", 320)
    made.update_layout(title={"xref": "container", "x": 0.01})
    made.add_scatter(
        x=table["class"],
        y=100 * table.value,
        mode="markers",
        error_y=charts.whiskers(list(100 * table.value), list(100 * table.low), list(100 * table.high)),
        marker={"symbol": SHAPES[measure], "size": 12, "color": theme.ink(), "line": {"width": 2}},
        customdata=[measure.said(row) for row in slice_rows.records(table)],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    made.update_yaxes(rangemode="tozero")
    whole, over = slice_rows.overall(shown.metrics, measure)
    if whole:
        made.add_hline(y=100 * whole["value"], line={"dash": "dash", "width": 1.2, "color": theme.ink()})
    counts = ", ".join(f"{row['class']} {measured.count(row['n'])}" for row in slice_rows.records(table))
    charts.show(
        made,
        table,
        f"tone-{measure.key.replace(' ', '-')}",
        f"{measure.name} by skin tone: {counts} photos",
        f"95 % intervals; n: {markup.escaped(counts)}. Dashed: {over}.",
    )
