"""Which way of making maps points best, by set and measure, and by kind of edit."""

import html
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.kit.blind_maps import _counts, against_blind, figures_by_measure
from dashboard.views.heatmaps import cached
from pipeline.figures.maps import passes
from pipeline.results.maps import BASELINES, MEASURES, OUTPUTS, PEAK, RULE, MapFolder
from pipeline.words import figures as measured
from pipeline.words import maps

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEW = 100
"""Pictures under which a warning stands beside the figures."""


def none_yet(release: str) -> None:
    """Say that the release's maps were not measured by method, and how to do it."""
    st.info("The maps of this release were not measured by method yet. Measure them:")
    st.code(f"python -m pipeline maps {release} .telltale/prepared", language="sh")


def about(found: MapFolder, shipped: str) -> None:
    """Say on how many pictures the methods were measured, which one is shipped, and by which rule."""
    sets = ", ".join(
        f"{measured.count(int(n))} {markup.escaped(str(name))}" for name, n in found.run["pictures"].items()
    )
    st.markdown(
        f"Measured on edited photos of the split {markup.escaped(found.split)} of which it is known where they were "
        f"edited: {sets}. Every map was asked what speaks for “edited”."
    )
    st.markdown(f"**Shipped: {markup.escaped(shipped)}.** {_why(found, shipped)}")
    with st.expander("The rule"):
        st.markdown(RULE)
    if min(found.run["pictures"].values(), default=0) < FEW:
        st.warning(
            "These are few pictures: where intervals overlap, do not read a ranking into the dots.",
            icon=":material/warning:",
        )
    for name, note in found.run.get("notes", {}).items():
        st.caption(f"**{markup.escaped(str(name))}**: {markup.escaped(str(note))}")


def _why(found: MapFolder, shipped: str) -> str:
    """Say how the rule came to its answer, and whether the release follows it."""
    val = found.metrics.get("val", {})
    tried = {name for methods in val.values() for name in methods} - {OUTPUTS, *BASELINES}
    sound = [name for name in tried if passes(val, name)]
    how = f"The rule chose {markup.escaped(found.best)} on validation photos"
    if not val:
        how = f"The rule chose {markup.escaped(found.best)}."
    elif sound:
        how += f"; {len(sound)} of {len(tried)} methods passed its check."
    else:
        best = markup.escaped(found.best)
        how = f"No method passed the rule’s check on validation photos, so {best} stands by default."
    return how if found.best == shipped else f"{how} The release was made with another one."


def by_method(found: MapFolder, shipped: str) -> None:
    """Ask for a set of photos and a measure, draw every method's figure, and below it the kinds of edit."""
    told = figures_by_measure(found)
    if not told:
        st.info("Nothing was measured of these maps: too few photos.")
        return
    left, right = st.columns(2)
    name = left.selectbox("Photos", list(told), key="maps-set", format_func=lambda one: maps.SETS.get(one, one))
    measures = [measure for measure in MEASURES if measure in told[name]]
    measure = right.selectbox("Measure", measures, key=f"maps-measure-of-{len(measures)}")
    st.caption(maps.MEANINGS[measure])
    figures = told[name][measure]
    known = {method: figure for method, figure in figures.items() if figure["value"] is not None}
    if not known:
        st.info("Too few photos for this measure.")
        return
    if said := against_blind(known, measure, shipped):
        st.markdown(said)
    data = pd.DataFrame(
        [{"set": name, "measure": measure, "method": method, **figure} for method, figure in figures.items()]
    )
    charts.show(
        _plot(measure, known, shipped),
        data,
        "methods",
        f"{measure} by method on {name}",
        "Bars: 95 % intervals, photos of one person drawn together. Grey crosses never saw the photo: centre "
        "is always highest in the middle of the crop, random is smooth noise. Region outputs are no map: "
        "they are the part that the network itself holds likeliest. Mask and parts are the network’s own "
        "answers where the face was edited; the others tell what moved the score. "
        f"{_counts(known)}",
    )
    _by_kind(found, name, measure, shipped)


def _plot(measure: str, known: dict[str, Any], shipped: str) -> "go.Figure":
    shares = measure in maps.SHARES
    factor, unit = (100, "share of photos, %") if shares else (1, f"{measure}, 0 to 1")
    names = [f"{html.escape(maps.method(name, shipped))}<br>n {figure['n']}" for name, figure in known.items()]
    made = charts.figure(measure[0].upper() + measure[1:], unit, "", 120 + 44 * len(known))
    edges = [
        [None if figure[part] is None else factor * figure[part] for figure in known.values()]
        for part in ("value", "low", "high")
    ]
    made.add_scatter(
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
        customdata=[maps.number(figure, measure) for figure in known.values()],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    if measure == PEAK:
        made.add_scatter(
            x=[100 * figure["chance"] for figure in known.values()],
            y=names,
            mode="markers",
            name="chance",
            marker={"symbol": "line-ns", "size": 17, "line": {"width": 3, "color": theme.ink()}},
            showlegend=True,
            hovertemplate="chance %{x:.0f} %<extra></extra>",
        )
    made.update_yaxes(autorange="reversed")
    made.update_xaxes(range=[0, factor * 1.01])
    made.update_layout(title=maps.TITLE)
    return made


def _by_kind(found: MapFolder, name: str, measure: str, shipped: str) -> None:
    """Draw the shipped method by kind of edit, beside the blind maps on the same photos."""
    kinds = cached.maps_by_kind(found, name, measure)
    if len(kinds) < 2:
        return
    columns = [shipped, *(method for method in BASELINES if method != shipped)]
    rows = [
        {
            "kind of edit": kind,
            "edited share of the crop": measured.percent(methods[shipped]["area"]),
            **{
                maps.method(method, shipped): maps.number(methods[method], measure)
                for method in columns
                if method in methods
            },
        }
        for kind, methods in kinds.items()
        if shipped in methods
    ]
    with st.expander(f"By kind of edit ({len(kinds)} kinds)"):
        if not rows:
            st.caption("The shipped method was not measured on these.")
            return
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"{measure} by kind of edit")
        blindly = " A peak set anywhere hits as often as the edited share of the crop." if measure == PEAK else ""
        st.caption(f"Value, 95 % interval and n; from the same maps as above, told apart by kind.{blindly}")
        every = [
            {"kind": kind, "method": method, "measure": measure, **figure}
            for kind, methods in kinds.items()
            for method, figure in methods.items()
        ]
        charts.save(pd.DataFrame(every), "map-kinds", "Save all methods as CSV")
