"""Slices, worst first, drawn as a plot with intervals and as a table."""

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.views.where_it_fails.ask import choose_measure
from dashboard.views.where_it_fails.measures import MEASURES, Measure
from dashboard.views.where_it_fails.rows import (
    BETTER,
    LIKE,
    STANDINGS,
    UNTOLD,
    WORSE,
    facts_of,
    overall,
    rank_slices,
    records,
    slices_of,
    too_few,
)
from dashboard.views.where_it_fails.wording import say_luck
from pipeline.datasets.sources import FORGED
from pipeline.figures.slices import LEAST
from pipeline.results.evaluation import Evaluation

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

FIRST = 12
"""Slices drawn before all are asked for."""
ROW = 36
"""Pixels of the plot that a slice takes: its name has two lines."""
EVERYTHING = "everything"
MARKS = {
    WORSE: ("diamond", "#E69F00"),
    LIKE: ("circle-open", ""),
    BETTER: ("triangle-down", "#009E73"),
    UNTOLD: ("x-thin-open", ""),
}
"""Shape and colour by standing; "" is the colour of text. None is a label's colour."""


def draw(evaluation: Evaluation) -> None:
    """Draw the slices of one measure, chosen here."""
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    with left:
        measure = choose_measure(MEASURES, evaluation.metrics.get("slices", []), "fails-measure")
    about = middle.selectbox(
        "Slices by", [EVERYTHING, *facts_of(slices_of(evaluation.metrics, measure))], key="fails-about"
    )
    everything = right.toggle("Draw all", key="fails-all")
    by = "" if about == EVERYTHING else about
    table = rank_slices(evaluation.metrics, measure, by)
    if table.empty:
        st.info(f"No slice has the {LEAST} {measure.about} that a figure needs.")
    else:
        _draw_plot(evaluation, table, measure, everything)
        st.caption(say_luck(len(table)))
        _draw_table(table, measure)
    _draw_notes(evaluation)
    _draw_few(too_few(evaluation.metrics, measure, by), measure)


def _draw_plot(evaluation: Evaluation, table: pd.DataFrame, measure: Measure, everything: bool) -> None:
    some = table if everything else table.head(FIRST)
    title = f"{measure.name.capitalize() if measure.name != 'AUC' else 'AUC'} by slice, worst first"
    unit = f"{measure.name} (%)" if measure.share else measure.name
    height = 130 + ROW * len(some)
    plot = charts.empty_plot(title, unit, "", height)
    plot.update_layout(title={"xref": "container", "x": 0.01})  # long names leave no room over the plot itself
    for standing in STANDINGS:
        _draw_dots(plot, some[some.standing == standing], standing, measure)
    _draw_dots(plot, some[some.standing == ""], "", measure)
    names = [f"{escape(row['about'])}<br><b>{escape(row['slice'])}</b>" for row in records(some)]
    plot.update_yaxes(
        tickvals=list(range(len(some))),
        ticktext=names,
        range=[len(some) - 0.4, -0.6],
        showgrid=False,
        tickfont={"size": 11, "color": theme.ink()},
        fixedrange=True,
    )
    plot.update_layout(legend={"orientation": "h", "y": -64 / (height - 58), "yanchor": "top", "x": 0})
    parts = [f"{row['about']} {row['slice']} {measure.say(row)}" for row in records(some)]
    whole = _draw_line(evaluation, plot, measure)
    rest = f"{len(table) - len(some)} better ones are not drawn. " if len(some) < len(table) else ""
    charts.draw_plot(
        plot,
        table,
        f"slices-{measure.key.replace(' ', '-')}",
        f"{title}: {'; '.join(parts)}",
        f"Dots: {measure.about} of each slice. {charts.WHISKERS} {whole}{rest}"
        "Stage 1 alone, at the release's threshold, whether or not the verdict then abstains.",
    )


def _draw_dots(plot: "go.Figure", table: pd.DataFrame, standing: str, measure: Measure) -> None:
    if table.empty:
        return
    shape, colour = MARKS.get(standing, ("circle", ""))
    scale = 100 if measure.share else 1
    whiskers = charts.whiskers(list(scale * table.value), list(scale * table.low), list(scale * table.high))
    plot.add_scatter(
        x=scale * table.value,
        y=list(table.index),
        mode="markers",
        error_x=whiskers,
        name=standing or "slices",
        marker={"symbol": shape, "size": 11, "color": colour or theme.ink(), "line": {"width": 1.6}},
        customdata=[f"{escape(row['about'])}: {escape(row['slice'])}<br>{measure.say(row)}" for row in records(table)],
        hovertemplate="%{customdata}<extra>" + standing + "</extra>",
        showlegend=bool(standing),
    )


def _draw_line(evaluation: Evaluation, plot: "go.Figure", measure: Measure) -> str:
    """Draw the figure over all photos as a line; return its words."""
    whole, over = overall(evaluation.metrics, measure)
    if whole is None:
        return ""
    plot.add_vline(
        x=whole["value"] * (100 if measure.share else 1), line={"dash": "dash", "width": 1.4, "color": theme.ink()}
    )
    return f"Dashed line: {over}, {measure.say(whole)}. "


def _draw_table(table: pd.DataFrame, measure: Measure) -> None:
    scale, form = (100, "%.1f %%") if measure.share else (1, "%.2f")
    data = table.assign(**{name: scale * table[name] for name in ("value", "low", "high")})
    number = {
        name: st.column_config.NumberColumn(label, format=form)
        for name, label in (("value", measure.short), ("low", "95 % from"), ("high", "to"))
    }
    names: dict[str, Any] = {"n": f"n ({measure.about})", "standing": "against all photos"}
    with st.expander(f"All {len(table)} slices as a table"):
        st.dataframe(
            data,
            hide_index=True,
            column_config=number | names,
            height=min(36 * (len(data) + 1), 560),
            alt="Slices, worst first, with interval and n",
        )
        st.caption("; ".join(STANDINGS.values()) + ".")


def _draw_notes(evaluation: Evaluation) -> None:
    """Say what the slices are."""
    note = markup.escaped(str(evaluation.run.get("notes", {}).get("slices", "")))
    with st.expander("What the slices are"):
        st.markdown(
            f"- **source**: where photos come from; “{FORGED}…” are edits that were made here from real photos of that "
            "collection\n- **kind**, **difficulty**, **edited regions**: how a photo was edited, as far as its source "
            "says; of a forged edit **weak** is a strength under 0.5, **strong** one from 0.8 on\n- **face size**: the "
            "longer side of the face in the photo, in pixels\n- **JPEG quality**: of the "
            "file\n- **sharpness**, **brightness**, **contrast**: of the face; in thirds of these very photos\n"
            f"\n{note}"
        )


def _draw_few(names: list[str], measure: Measure) -> None:
    if names:
        st.caption(f"Too few {measure.about} for a figure (under {LEAST}): {markup.escaped(', '.join(names))}.")
