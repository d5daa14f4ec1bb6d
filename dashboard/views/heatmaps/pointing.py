"""Does the map's peak lie where the photo was edited? Said in a sentence, drawn by set, and checked by blurring."""

import html
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from pipeline.datasets.sources import is_forged
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words import maps, verdicts
from pipeline.words.maps import MAP, REGIONS, against_chance, share

if TYPE_CHECKING:
    import plotly.graph_objects as go

WHICH = {"all": "All composites", "one region": "One part edited"}
WAYS = {
    "map": ("the map's peak", MAP, "circle"),
    "region outputs": ("the network's region outputs", REGIONS, "diamond"),
}
LITTLE = 0.05
"""Distance of an interval from chance under which it is said to be small."""
NOTES = ("map", "pointing", "faithful")
"""Words in the names of those notes of an evaluation that are about maps."""


class Told(NamedTuple):
    """A figure of the pointing game: whose photos, all or those with one edited part, by map or by outputs."""

    source: str
    what: str
    way: str
    figure: dict[str, Any]
    forged: bool = False


def told(shown: Evaluation) -> list[Told]:
    """Take an evaluation's figures of pointing apart; experts' composites come before those that were forged."""
    rows = shown.predictions
    experts = set(rows[(rows.kind == "part composite") & ~is_forged(rows)].source)
    found = []
    pointing: dict[str, dict[str, Any]] = shown.metrics.get("pointing", {})
    for key, figure in pointing.items():
        source, _, rest = key.partition(": ")
        what, _, way = rest.partition(", by ")
        if what in WHICH and way in WAYS:
            found.append(Told(source, what, way, figure, source not in experts))
    return sorted(found, key=lambda one: one.forged)


def headline(shown: Evaluation, blind: str) -> None:
    """Say in a sentence whether the map's peak lies where photos were edited, and whether chance would do as well.

    Args:
        shown: the evaluation.
        blind: how maps that never saw the photo fare beside the shipped ones, in markdown; "" where it is not known.
    """
    found = [one for one in told(shown) if one.figure["value"] is not None]
    by_map = [one for one in found if (one.what, one.way) == ("all", "map")]
    if not by_map:
        st.info(
            "This data set has no edited photo of which the edited parts are known, so nothing can be said of "
            "where the maps point. Choose another one above.",
            icon=":material/info:",
        )
        return
    first = by_map[0]
    with st.container(border=True):
        st.subheader(sentence(first), anchor=False)
        st.markdown(_advice(first.figure) + _others(by_map[1:]) + _outputs(found, first.source))
        if blind:
            st.markdown(blind)


def sentence(one: Told) -> str:
    """Say how often the peak lay in an edited part, against chance, in markdown."""
    who = markup.escaped(maps.source(one.source))
    made = "composites made by Telltale" if one.forged else "composites by experts"
    return (
        f"On {measured.count(one.figure['n'])} {made} ({who}) the map’s peak lay in a truly edited part in "
        f"{share(one.figure)}; chance reaches {measured.percent(one.figure['chance'])}. "
        f"That is {against_chance(one.figure)} chance{_by_how_much(one.figure)}."
    )


def _by_how_much(figure: dict[str, Any]) -> str:
    """Say that an interval that lies above chance all but touches it; "" otherwise."""
    return ", by a little" if 0 < figure["low"] - figure["chance"] < LITTLE else ""


def _advice(figure: dict[str, Any]) -> str:
    miss = measured.percent(1 - figure["value"])
    said = {
        "above": f"The peak is a hint where to look, no more: in {miss} of these photos it lay elsewhere.",
        "below": "The peak is no hint: it lies where the photo was edited less often than an answer that never saw it.",
    }
    blind = "The peak is no hint that can be relied on: an answer that never saw the photo may do as well."
    return said.get(against_chance(figure), blind)


def _others(rest: list[Told]) -> str:
    if not rest:
        return ""
    above = sum(against_chance(one.figure) == "above" for one in rest)
    return f" In {above} of {len(rest)} other sets, shown below, it is above chance."


def _outputs(found: list[Told], source: str) -> str:
    mine = [one.figure for one in found if (one.source, one.what, one.way) == (source, "all", "region outputs")]
    if not mine:
        return ""
    return (
        f" The part that the network itself holds likeliest was edited in {share(mine[0])}; "
        f"chance {measured.percent(mine[0]['chance'])}: {against_chance(mine[0])} chance."
    )


def by_set(shown: Evaluation) -> None:
    """Draw the pointing game by set, for maps and for the network's region outputs, each against its chance."""
    found = told(shown)
    if not found:
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
    mine = [one for one in found if one.what == what and one.figure["value"] is not None]
    if not mine:
        st.info("No such photo is in this data set.")
        return
    data = pd.DataFrame(
        [
            {
                "set": one.source,
                "photos": one.what,
                "by": one.way,
                **one.figure,
                "against chance": against_chance(one.figure),
            }
            for one in found
        ]
    )
    least = min(one.figure["n"] for one in mine)
    charts.show(
        _plot(mine),
        data,
        "pointing",
        f"Share of answers in an edited part by set, {WHICH[what].lower()}",
        "Bars: 95 % intervals, photos of one person drawn together; n beside each set. Chance: what the same answers "
        "reach against other photos’ edited parts; it is high where several parts were edited, or always the same."
        + (f" The smallest set has {least} photos: read its interval, not its dot." if least < 50 else ""),
    )


def _plot(mine: list[Told]) -> "go.Figure":
    names = {one.source: f"{html.escape(maps.source(one.source))}<br>n {one.figure['n']}" for one in mine}
    made = charts.figure("Answers that lie in a truly edited part", "share of photos, %", "", 110 + 62 * len(names))
    order = list(names)[::-1]
    for way, (said, colour, shape) in WAYS.items():
        rows = [one for one in mine if one.way == way]
        lift = 0.16 if way == "map" else -0.16
        places = [order.index(one.source) + lift for one in rows]
        chances = [100 * one.figure["chance"] for one in rows]
        made.add_scatter(
            x=chances,
            y=places,
            mode="markers",
            name=f"chance, {said}",
            showlegend=False,
            marker={"symbol": "line-ns", "size": 17, "line": {"width": 3, "color": theme.ink()}},
            hovertemplate="chance %{x:.0f} %<extra></extra>",
        )
        made.add_scatter(
            x=[100 * one.figure["value"] for one in rows],
            y=places,
            mode="markers",
            name=said,
            error_x=_bars(rows),
            marker={"symbol": shape, "size": 11, "color": colour},
            customdata=[[said, share(one.figure), one.figure["n"], against_chance(one.figure)] for one in rows],
            hovertemplate="%{customdata[0]}: %{customdata[1]}, n %{customdata[2]}<br>%{customdata[3]} chance"
            "<extra></extra>",
        )
    made.add_scatter(
        x=[None],
        y=[None],
        mode="markers",
        name="chance",
        marker={"symbol": "line-ns", "size": 13, "line": {"width": 3, "color": theme.ink()}},
    )
    made.update_yaxes(
        tickvals=list(range(len(order))), ticktext=[names[name] for name in order], range=[-0.6, len(order) - 0.4]
    )
    made.update_xaxes(range=[0, 101])
    made.update_layout(legend={"y": -0.2 if len(order) > 2 else -0.45}, title=maps.TITLE)
    return made


def _bars(rows: list[Told]) -> dict[str, Any]:
    edges = [
        [None if one.figure[part] is None else 100 * one.figure[part] for one in rows]
        for part in ("value", "low", "high")
    ]
    return charts.whiskers(*edges)


def faithful(shown: Evaluation) -> None:
    """Draw the share of maps whose strongest cells matter to the score, by true label, and say what that means."""
    found = shown.metrics.get("faithful maps", {})
    known = {label: figure for label, figure in found.items() if figure.get("value") is not None}
    if not known:
        st.info("For this data set it was not measured whether the maps matter to the score.")
        return
    st.markdown(
        "A map is checked on its own photo: the fifth of the crop that it marks strongest is blurred, and "
        "then, to compare, the fifth that the same map marks when moved elsewhere. If the score falls no more "
        "for the first, the map did not show what the score rests on; a map of where the network holds a face "
        "edited need not, and a blur may itself look edited. A coin reaches 50 %."
    )
    made = charts.figure("Maps better than when moved elsewhere", "share of photos, %", "", 250)
    labels = [label for label in ("real", "facetune", "deepfake") if label in known]
    rows = [Told(label, "", "", known[label]) for label in labels]
    made.add_scatter(
        x=[100 * known[label]["value"] for label in labels],
        mode="markers",
        error_x=_bars(rows),
        y=[f"{verdicts.SHAPES[label]} {label}<br>n {measured.count(known[label]['n'])}" for label in labels],
        marker={"size": 11, "color": [theme.COLOURS[label] for label in labels]},
        customdata=[share(known[label]) for label in labels],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    made.add_vline(
        50,
        line_dash="dash",
        line_color=theme.ink(),
        line_width=1,
        annotation_text="coin",
        annotation_position="top left",
    )
    made.update_xaxes(range=[0, 101])
    made.update_yaxes(range=[-0.5, len(labels) - 0.1])
    made.update_layout(showlegend=False, title=maps.TITLE)
    data = pd.DataFrame([{"true label": label, **known[label]} for label in labels])
    charts.show(
        made,
        data,
        "faithful",
        "Share of maps that matter to the score by true label",
        "By true label; bars: 95 % intervals, photos of one person drawn together.",
    )
    notes(shown.run)


def notes(run: dict[str, Any]) -> None:
    """Draw what stands about maps among a measurement's own notes."""
    for name, note in run.get("notes", {}).items():
        if any(word in name.lower() for word in NOTES):
            st.caption(f"**{markup.escaped(str(name))}**: {markup.escaped(str(note))}")
