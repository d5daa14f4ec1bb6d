"""Which way of making maps points best, by set and measure, and by kind of edit."""

import html
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.draw import charts, maps_words, measured, theme, words
from pipeline.figures.maps import passes
from pipeline.results.evaluation import Evaluation
from pipeline.results.maps import BASELINES, DELETION, MEASURES, OUTPUTS, PEAK, RULE, MapFolder

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEW = 100
"""Pictures under which a warning stands beside the figures."""


def shipped_method(shown: Evaluation) -> str:
    """Return the method that made an evaluation's maps; "" where it kept none."""
    methods = shown.predictions.map_method
    return str(next(iter(methods[methods != ""].mode()), ""))


def none_yet(release: str) -> None:
    """Say that the release's maps were not measured by method, and how to do it."""
    st.info("The maps of this release were not measured by method yet. Measure them:")
    st.code(f"python -m pipeline maps {release} .telltale/prepared", language="sh")


def about(found: MapFolder, shipped: str) -> None:
    """Say on how many pictures the methods were measured, which one is shipped, and by which rule."""
    sets = ", ".join(
        f"{measured.count(int(n))} {words.escaped(str(name))}" for name, n in found.run["pictures"].items()
    )
    st.markdown(
        f"Measured on edited photos of the split {words.escaped(found.split)} of which it is known where they were "
        f"edited: {sets}. Every map was asked what speaks for “edited”."
    )
    st.markdown(f"**Shipped: {words.escaped(shipped)}.** {_why(found, shipped)}")
    with st.expander("The rule"):
        st.markdown(RULE)
    if min(found.run["pictures"].values(), default=0) < FEW:
        st.warning("These are few pictures: where intervals overlap, do not read a ranking into the dots.",
                   icon=":material/warning:")  # fmt: skip
    for name, note in found.run.get("notes", {}).items():
        st.caption(f"**{words.escaped(str(name))}**: {words.escaped(str(note))}")


def _why(found: MapFolder, shipped: str) -> str:
    """Say how the rule came to its answer, and whether the release follows it."""
    val = found.metrics.get("val", {})
    tried = {name for methods in val.values() for name in methods} - {OUTPUTS, *BASELINES}
    sound = [name for name in tried if passes(val, name)]
    how = f"The rule chose {words.escaped(found.best)} on validation photos"
    if not val:
        how = f"The rule chose {words.escaped(found.best)}."
    elif sound:
        how += f"; {len(sound)} of {len(tried)} methods passed its check."
    else:
        how = (
            f"No method passed the rule’s check on validation photos, so {words.escaped(found.best)} stands by default."
        )
    return how if found.best == shipped else f"{how} The release was made with another one."


def by_method(found: MapFolder, shipped: str) -> None:
    """Ask for a set of photos and a measure, draw every method's figure, and below it the kinds of edit."""
    told = _told(found)
    if not told:
        st.info("Nothing was measured of these maps: too few photos.")
        return
    left, right = st.columns(2)
    name = left.selectbox("Photos", list(told), key="maps-set", format_func=lambda one: maps_words.SETS.get(one, one))
    measures = [measure for measure in MEASURES if measure in told[name]]
    measure = right.selectbox("Measure", measures, key=f"maps-measure-of-{len(measures)}")
    st.caption(maps_words.MEANINGS[measure])
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
    charts.show(_plot(measure, known, shipped), data, "methods", f"{measure} by method on {name}",
                "Bars: 95 % intervals, photos of one person drawn together. Grey crosses never saw the photo: centre "
                "is always highest in the middle of the crop, random is smooth noise. Region outputs are no map: "
                "they are the part that the network itself holds likeliest. Mask and parts are the network’s own "
                "answers where the face was edited; the others tell what moved the score. "
                f"{_counts(known)}")  # fmt: skip
    _by_kind(found, name, measure, shipped)


def _told(found: MapFolder) -> dict[str, dict[str, dict[str, Any]]]:
    """Return set → measure → method → figure."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for key, methods in found.figures.items():
        name, _, measure = key.rpartition(": ")
        if measure in MEASURES:
            told.setdefault(name, {})[measure] = methods
    return told


def blind_at_peaks(found: MapFolder | None, shipped: str) -> str:
    """Say how the shipped maps' peaks fare beside those of blind maps, on the first set where that was measured."""
    for name, measures in (_told(found) if found else {}).items():
        known = {method: one for method, one in measures.get(PEAK, {}).items() if one["value"] is not None}
        if said := against_blind(known, PEAK, shipped):
            told = f"{said[0].lower()}{said[1:]}"
            return f"Held against maps that never saw the photo ({words.escaped(name)}), {told}"
    return ""


def against_blind(known: dict[str, Any], measure: str, shipped: str) -> str:
    """Say whether the shipped maps do better than the best of those that never saw the photo; "" where one is lacking.

    Args:
        known: method → figure, with a value each.
        measure: one of `MEASURES`.
        shipped: the method of the release.
    """
    blind = [name for name in BASELINES if name in known]
    if shipped not in known or not blind or shipped in blind:
        return ""
    sign = -1 if measure == DELETION else 1
    best = max(blind, key=lambda name: sign * known[name]["value"])
    mine, other = known[shipped], known[best]
    edges = ("low", "high") if sign > 0 else ("high", "low")
    if sign * mine["value"] <= sign * other["value"]:
        verdict = "no better than a map that never saw the photo"
    elif sign * mine[edges[0]] > sign * other[edges[1]]:
        verdict = "better than any map that never saw the photo"
    else:
        verdict = "better than a map that never saw the photo, but the intervals overlap"
    return (f"The shipped {words.escaped(shipped)} reaches {maps_words.number(mine, measure)}; the best blind map "
            f"({best}) {maps_words.number(other, measure)}. Here it is **{verdict}**.")  # fmt: skip


def _counts(known: dict[str, Any]) -> str:
    counts = {figure["n"] for figure in known.values()}
    return f"n {measured.count(min(counts))} for each." if len(counts) == 1 else "n beside each."


def _plot(measure: str, known: dict[str, Any], shipped: str) -> "go.Figure":
    shares = measure in maps_words.SHARES
    factor, unit = (100, "share of photos, %") if shares else (1, f"{measure}, 0 to 1")
    names = [f"{html.escape(maps_words.method(name, shipped))}<br>n {figure['n']}" for name, figure in known.items()]
    made = charts.figure(measure[0].upper() + measure[1:], unit, "", 120 + 44 * len(known))
    edges = [[None if figure[part] is None else factor * figure[part] for figure in known.values()]
             for part in ("value", "low", "high")]  # fmt: skip
    made.add_scatter(
        x=edges[0], y=names, mode="markers", error_x=charts.whiskers(*edges), showlegend=False,
        marker={"opacity": 1, "size": [15 if name == shipped else 11 for name in known],
                "symbol": [maps_words.symbol(name) for name in known],
                "color": [maps_words.colour(name) for name in known]},
        customdata=[maps_words.number(figure, measure) for figure in known.values()],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    if measure == PEAK:
        made.add_scatter(
            x=[100 * figure["chance"] for figure in known.values()], y=names, mode="markers", name="chance",
            marker={"symbol": "line-ns", "size": 17, "line": {"width": 3, "color": theme.ink()}},
            showlegend=True, hovertemplate="chance %{x:.0f} %<extra></extra>",
        )  # fmt: skip
    made.update_yaxes(autorange="reversed")
    made.update_xaxes(range=[0, factor * 1.01])
    made.update_layout(title=maps_words.TITLE)
    return made


def _by_kind(found: MapFolder, name: str, measure: str, shipped: str) -> None:
    """Draw the shipped method by kind of edit, beside the blind maps on the same photos."""
    kinds = state.maps_by_kind(found, name, measure)
    if len(kinds) < 2:
        return
    columns = [shipped, *(method for method in BASELINES if method != shipped)]
    rows = [
        {"kind of edit": kind, "edited share of the crop": measured.percent(methods[shipped]["area"]),
         **{maps_words.method(method, shipped): maps_words.number(methods[method], measure) for method in columns
            if method in methods}}
        for kind, methods in kinds.items() if shipped in methods
    ]  # fmt: skip
    with st.expander(f"By kind of edit ({len(kinds)} kinds)"):
        if not rows:
            st.caption("The shipped method was not measured on these.")
            return
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"{measure} by kind of edit")
        blindly = " A peak set anywhere hits as often as the edited share of the crop." if measure == PEAK else ""
        st.caption(f"Value, 95 % interval and n; from the same maps as above, told apart by kind.{blindly}")
        every = [{"kind": kind, "method": method, "measure": measure, **figure}
                 for kind, methods in kinds.items() for method, figure in methods.items()]  # fmt: skip
        charts.save(pd.DataFrame(every), "map-kinds", "Save all methods as CSV")
