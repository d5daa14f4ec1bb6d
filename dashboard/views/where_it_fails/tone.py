"""Is the release unfair? Edits missed and false alarms by the skin tone that the pixels show."""

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.views.where_it_fails.measures import ALARMS, MISSED, Measure
from dashboard.views.where_it_fails.rows import overall, records, slices_of, too_few
from dashboard.views.where_it_fails.wording import say_gap
from pipeline.figures.slices import LEAST, SKIN_TONE
from pipeline.results.evaluation import Evaluation
from pipeline.words.figures import count

CAVEAT = "ITA° of the pixels of cheeks and forehead: how a photo shows a skin, not an attribute of a person"
SHAPES = {MISSED: "diamond", ALARMS: "circle-open"}


def draw(evaluation: Evaluation) -> None:
    """Draw both measures by skin tone, with the gap between the best and the worst class in words."""
    note = evaluation.run.get("notes", {}).get("skin tone", CAVEAT)
    st.caption(
        f"What “skin tone” means here: {markup.escaped(str(note))}. The classes also differ in where their photos come "
        "from and in how they were edited, so a gap need not come from the tone."
    )
    for measure, place in zip((MISSED, ALARMS), st.columns(2, gap="large"), strict=True):
        with place:
            _draw_measure(evaluation, measure)


def _draw_measure(evaluation: Evaluation, measure: Measure) -> None:
    rows = slices_of(evaluation.metrics, measure, SKIN_TONE)
    known = [(row["value"], figure) for row in rows if (figure := measure.of(row))]
    if not known:
        st.info(f"{measure.name.capitalize()}: no class has the {LEAST} {measure.about} that a figure needs.")
        return
    st.markdown(say_gap(evaluation.metrics, measure))
    table = pd.DataFrame([{"class": name, **figure} for name, figure in known])
    _draw_plot(evaluation, table, measure)
    if names := too_few(evaluation.metrics, measure, SKIN_TONE):
        st.caption(f"Too few {measure.about} (under {LEAST}): {markup.escaped(', '.join(names))}.")


def _draw_plot(evaluation: Evaluation, table: pd.DataFrame, measure: Measure) -> None:
    plot = charts.empty_plot(f"{measure.name.capitalize()} by skin tone", "", "share of photos (%)", 320)
    plot.update_layout(title={"xref": "container", "x": 0.01})
    plot.add_scatter(
        x=table["class"],
        y=100 * table.value,
        mode="markers",
        error_y=charts.whiskers(list(100 * table.value), list(100 * table.low), list(100 * table.high)),
        marker={"symbol": SHAPES[measure], "size": 12, "color": theme.ink(), "line": {"width": 2}},
        customdata=[measure.say(row) for row in records(table)],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    plot.update_yaxes(rangemode="tozero")
    whole, over = overall(evaluation.metrics, measure)
    if whole:
        plot.add_hline(y=100 * whole["value"], line={"dash": "dash", "width": 1.2, "color": theme.ink()})
    counts = ", ".join(f"{row['class']} {count(row['n'])}" for row in records(table))
    charts.draw_plot(
        plot,
        table,
        f"tone-{measure.key.replace(' ', '-')}",
        f"{measure.name} by skin tone: {counts} photos",
        f"n: {markup.escaped(counts)}. {charts.WHISKERS} Dashed: {over}.",
    )
