"""Which way of making maps points best, by set and measure, and by kind of edit."""

import html
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.kit.blind_maps import against_blind, figures_by_measure, say_n
from dashboard.views.heatmaps import cached
from dashboard.views.heatmaps.rows import kind_rows, kind_table
from dashboard.views.heatmaps.wording import say_why
from pipeline.results.maps import MEASURES, PEAK, RULE, MapFolder
from pipeline.words import maps
from pipeline.words.figures import count

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEW = 100
"""Pictures under which a warning stands beside the figures."""


def draw_none_yet(release: str) -> None:
    """Say that the release's maps were not measured by method, and how to do it."""
    st.info("The maps of this release were not measured by method yet. Measure them:")
    st.code(f"python -m pipeline maps {release} .telltale/prepared", language="sh")


def draw_about(folder: MapFolder, shipped: str, others: str) -> None:
    """Say on how many pictures the methods were measured, which one is shipped, and by which rule.

    Args:
        folder: the maps.
        shipped: the method of the release.
        others: which photos they are, in markdown, where they are not those of the evaluation; else "".
    """
    sets = ", ".join(f"{count(int(n))} {markup.escaped(str(name))}" for name, n in folder.run["pictures"].items())
    st.markdown(
        f"Measured on edited photos of the split {markup.escaped(folder.split)} of which it is known where they were "
        f"edited: {sets}. Every map was asked what speaks for “edited”."
        + (f" **Other photos than those of the evaluation above**: {others}." if others else "")
    )
    st.markdown(f"**Shipped: {markup.escaped(shipped)}.** {say_why(folder, shipped)}")
    with st.expander("The rule"):
        st.markdown(RULE)
    if min(folder.run["pictures"].values(), default=0) < FEW:
        st.warning(
            "These are few pictures: where intervals overlap, do not read a ranking into the dots.",
            icon=":material/warning:",
        )
    for name, note in folder.run.get("notes", {}).items():
        st.caption(f"**{markup.escaped(str(name))}**: {markup.escaped(str(note))}")


def draw_by_method(folder: MapFolder, shipped: str) -> None:
    """Ask for a set of photos and a measure, draw every method's figure, and below it the kinds of edit."""
    sets = figures_by_measure(folder)
    if not sets:
        st.info("Nothing was measured of these maps: too few photos.")
        return
    left, right = st.columns(2)
    name = left.selectbox("Photos", list(sets), key="maps-set", format_func=lambda one: maps.SETS.get(one, one))
    measures = [measure for measure in MEASURES if measure in sets[name]]
    measure = right.selectbox("Measure", measures, key=f"maps-measure-of-{len(measures)}")
    st.caption(maps.MEANINGS[measure])
    figures = sets[name][measure]
    known = {method: figure for method, figure in figures.items() if figure["value"] is not None}
    if not known:
        st.info("Too few photos for this measure.")
        return
    if sentence := against_blind(known, measure, shipped):
        st.markdown(sentence)
    data = pd.DataFrame(
        [{"set": name, "measure": measure, "method": method, **figure} for method, figure in figures.items()]
    )
    charts.draw_plot(
        _plot_of(measure, known, shipped),
        data,
        "methods",
        f"{measure} by method on {name}",
        f"{charts.WHISKERS} Grey crosses never saw the photo: centre is "
        "always highest in the middle of the crop, random is smooth noise. Region outputs are no map: "
        "they are the part that the network itself holds likeliest. Mask and parts are the network’s own "
        "answers where the face was edited; the others tell what moved the score. "
        f"{say_n(known)}",
    )
    _draw_by_kind(folder, name, measure, shipped)


def _plot_of(measure: str, known: dict[str, Any], shipped: str) -> "go.Figure":
    shares = measure in maps.SHARES
    factor, unit = (100, "share of photos, %") if shares else (1, f"{measure}, 0 to 1")
    names = [f"{html.escape(maps.method(name, shipped))}<br>n {figure['n']}" for name, figure in known.items()]
    plot = charts.empty_plot(measure[0].upper() + measure[1:], unit, "", 120 + 44 * len(known))
    edges = [
        [None if figure[part] is None else factor * figure[part] for figure in known.values()]
        for part in ("value", "low", "high")
    ]
    plot.add_scatter(
        x=edges[0],
        y=names,
        mode="markers",
        error_x=charts.whiskers(*edges),
        showlegend=False,
        marker={
            "opacity": 1,
            "size": [15 if name == shipped else 11 for name in known],
            "symbol": [maps.symbol(name) for name in known],
            "color": [maps.colour(name) for name in known],
        },
        customdata=[maps.say_measure(figure, measure) for figure in known.values()],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    if measure == PEAK:
        plot.add_scatter(
            x=[maps.in_percent(figure["chance"]) for figure in known.values()],
            y=names,
            mode="markers",
            name="chance",
            marker={"symbol": "line-ns", "size": 17, "line": {"width": 3, "color": theme.ink()}},
            showlegend=True,
            hovertemplate="chance %{x:.0f} %<extra></extra>",
        )
    plot.update_yaxes(autorange="reversed")
    plot.update_xaxes(range=[0, factor * 1.01])
    plot.update_layout(title=maps.TITLE)
    return plot


def _draw_by_kind(folder: MapFolder, name: str, measure: str, shipped: str) -> None:
    """Draw the shipped method by kind of edit, beside the blind maps on the same photos."""
    kinds = cached.maps_by_kind(folder, name, measure)
    if len(kinds) < 2:
        return
    rows = kind_rows(kinds, measure, shipped)
    with st.expander(f"By kind of edit ({len(kinds)} kinds)"):
        if not rows:
            st.caption("The shipped method was not measured on these.")
            return
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"{measure} by kind of edit")
        blindly = " A peak set anywhere hits as often as the edited share of the crop." if measure == PEAK else ""
        st.caption(f"Value, 95 % interval and n; from the same maps as above, told apart by kind.{blindly}")
        charts.offer_csv(kind_table(kinds, measure), "map-kinds", "Save all methods as CSV")
