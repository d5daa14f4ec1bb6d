"""Does the map's peak lie where the photo was edited? Drawn by set, and checked by blurring."""

import html
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.views.heatmaps.rows import WAYS, WHICH, Pointing, pointing_of, pointing_table
from dashboard.views.heatmaps.wording import say_advice, say_others, say_outputs, say_pointing
from pipeline.results.evaluation import Evaluation
from pipeline.words import maps, verdicts
from pipeline.words.figures import count, say
from pipeline.words.maps import against_chance

if TYPE_CHECKING:
    import plotly.graph_objects as go

NOTES = ("map", "pointing", "faithful")
"""Words in the names of those notes of an evaluation that are about maps."""


def draw_headline(evaluation: Evaluation, blind: str) -> None:
    """Say in a sentence whether the map's peak lies where photos were edited, and whether chance would do as well.

    Args:
        evaluation: the evaluation.
        blind: how maps that never saw the photo fare beside the shipped ones, in markdown; "" where it is not known.
    """
    figures = [one for one in pointing_of(evaluation) if one.figure["value"] is not None]
    by_map = [one for one in figures if (one.what, one.way) == ("all", "map")]
    if not by_map:
        st.info(
            "This data set has no edited photo of which the edited parts are known, so nothing can be said of "
            "where the maps point. Choose another one above.",
            icon=":material/info:",
        )
        return
    first = by_map[0]
    with st.container(border=True):
        st.subheader(say_pointing(first), anchor=False)
        advice = say_advice(first, evaluation.predictions)
        st.markdown(advice + say_others(by_map[1:]) + say_outputs(figures, first.source))
        if blind:
            st.markdown(blind)


def draw_by_set(evaluation: Evaluation) -> None:
    """Draw the pointing game by set, for maps and for the network's region outputs, each against its chance."""
    figures = pointing_of(evaluation)
    if not figures:
        st.info("This data set has no edited photo of which the edited parts are known.")
        return
    what = (
        st.segmented_control(
            "Photos",
            list(WHICH),
            default="all",
            required=True,
            key="pointing-what",
            format_func=lambda one: WHICH[one],
            label_visibility="collapsed",
        )
        or "all"
    )
    mine = [one for one in figures if one.what == what and one.figure["value"] is not None]
    if not mine:
        st.info("No such photo is in this data set.")
        return
    least = min(one.figure["n"] for one in mine)
    charts.draw_plot(
        _plot_of(mine),
        pointing_table(figures),
        "pointing",
        f"Share of answers in an edited part by set, {WHICH[what].lower()}",
        f"n beside each set. {charts.WHISKERS} Chance: what the same answers "
        "reach against other photos’ edited parts; it is high where several parts were edited, or always the same."
        + (f" The smallest set has {least} photos: read its interval, not its dot." if least < 50 else ""),
    )


def _plot_of(mine: list[Pointing]) -> "go.Figure":
    names = {one.source: f"{html.escape(maps.source(one.source))}<br>n {one.figure['n']}" for one in mine}
    plot = charts.empty_plot("Answers that lie in a truly edited part", "share of photos, %", "", 110 + 62 * len(names))
    order = list(names)[::-1]
    for way, (answer, colour, shape) in WAYS.items():
        rows = [one for one in mine if one.way == way]
        lift = 0.16 if way == "map" else -0.16
        places = [order.index(one.source) + lift for one in rows]
        plot.add_scatter(
            x=[maps.in_percent(one.figure["chance"]) for one in rows],
            y=places,
            mode="markers",
            name=f"chance, {answer}",
            showlegend=False,
            marker=_stroke(17),
            hovertemplate="chance %{x:.0f} %<extra></extra>",
        )
        plot.add_scatter(
            x=[100 * one.figure["value"] for one in rows],
            y=places,
            mode="markers",
            name=answer,
            error_x=_whiskers_of(rows),
            marker={"symbol": shape, "size": 11, "color": colour},
            customdata=[[answer, say(one.figure, "%"), against_chance(one.figure)] for one in rows],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<br>%{customdata[2]} chance<extra></extra>",
        )
    plot.add_scatter(x=[None], y=[None], mode="markers", name="chance", marker=_stroke(13))
    plot.update_yaxes(
        tickvals=list(range(len(order))), ticktext=[names[name] for name in order], range=[-0.6, len(order) - 0.4]
    )
    plot.update_xaxes(range=[0, 101])
    plot.update_layout(legend={"y": -0.2 if len(order) > 2 else -0.45}, title=maps.TITLE)
    return plot


def _stroke(size: int) -> dict[str, Any]:
    """Return the mark of chance: an upright stroke."""
    return {"symbol": "line-ns", "size": size, "line": {"width": 3, "color": theme.ink()}}


def _whiskers_of(rows: list[Pointing]) -> dict[str, Any]:
    edges = [
        [None if one.figure[part] is None else 100 * one.figure[part] for one in rows]
        for part in ("value", "low", "high")
    ]
    return charts.whiskers(*edges)


def draw_faithful(evaluation: Evaluation) -> None:
    """Draw the share of maps whose strongest cells matter to the score, by true label, and say what that means."""
    figures = evaluation.metrics.get("faithful maps", {})
    order = [label for label in ("real", "facetune", "deepfake") if label in figures]
    known = {label: figures[label] for label in order if figures[label].get("value") is not None}
    if not known:
        st.info("For this data set it was not measured whether the maps matter to the score.")
        return
    st.markdown(
        "A map is checked on its own photo: the fifth of the crop that it marks strongest is blurred, and "
        "then, to compare, the fifth that the same map marks when moved elsewhere. If the score falls no more "
        "for the first, the map did not show what the score rests on; a map of where the network holds a face "
        "edited need not, and a blur may itself look edited. A coin reaches 50 %."
    )
    data = pd.DataFrame([{"true label": label, **figure} for label, figure in known.items()])
    charts.draw_plot(
        _faithful_plot(known),
        data,
        "faithful",
        "Share of maps that matter to the score by true label",
        f"By true label. {charts.WHISKERS}",
    )
    draw_notes(evaluation.run)


def _faithful_plot(known: dict[str, Any]) -> "go.Figure":
    plot = charts.empty_plot("Maps better than when moved elsewhere", "share of photos, %", "", 250)
    labels = list(known)
    rows = [Pointing(label, "", "", known[label]) for label in labels]
    plot.add_scatter(
        x=[100 * known[label]["value"] for label in labels],
        mode="markers",
        error_x=_whiskers_of(rows),
        y=[f"{verdicts.SHAPES[label]} {label}<br>n {count(known[label]['n'])}" for label in labels],
        marker={"size": 11, "color": [theme.COLOURS[label] for label in labels]},
        customdata=[say(known[label], "%", n=False) for label in labels],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    plot.add_vline(
        50,
        line_dash="dash",
        line_color=theme.ink(),
        line_width=1,
        annotation_text="coin",
        annotation_position="top left",
    )
    plot.update_xaxes(range=[0, 101])
    plot.update_yaxes(range=[-0.5, len(labels) - 0.1])
    plot.update_layout(showlegend=False, title=maps.TITLE)
    return plot


def draw_notes(run: dict[str, Any]) -> None:
    """Draw what stands about maps among a measurement's own notes."""
    for name, note in run.get("notes", {}).items():
        if any(word in name.lower() for word in NOTES):
            st.caption(f"**{markup.escaped(str(name))}**: {markup.escaped(str(note))}")
