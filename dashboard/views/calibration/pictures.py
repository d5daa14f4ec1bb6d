"""What a verdict is worth, in pictures: over all base rates, as natural frequencies in a tree, and as 100 dots."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, theme
from dashboard.views.calibration.frequencies import (
    TRUTHS,
    UP_TO,
    VERDICTS,
    frequencies,
    met,
    photos_for,
    predictive,
    worth_known,
)
from dashboard.views.calibration.wording import how_many, say_flagged
from pipeline.figures.base_rates import Rates
from pipeline.words.figures import count

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

MOST = 10_000
POINTS = 40
LINES = {
    "flagged": ("flagged: edited after all", "#D55E00", "rgba(213,94,0,.2)", "solid", "triangle-up"),
    "passed": ("no indication: not edited", "#0072B2", "rgba(0,114,178,.2)", "dash", "circle"),
}
TICKS = (10_000, 1000, 100, 10, 2)
MARKS = {"edited": ("diamond", "#D55E00"), "not edited": ("circle-open", "#0072B2")}
ON_DARK = {"#0072B2": "#56B4E9"}
"""Thin rings need a lighter blue there, Okabe and Ito's other one."""
SHAPES = {"flagged": "▲", "passed": "○", "inconclusive": "◐"}
SHORT_NAMES = {"flagged": "flagged", "passed": "no indication", "inconclusive": "inconclusive"}


def draw(edited: Rates, unedited: Rates, one_in: int) -> None:
    """Draw all three for edits that are one photo in so many."""
    left, right = st.columns(2, gap="large")
    with left:
        draw_tree(edited, unedited, one_in)
    with right:
        draw_dots(edited, unedited, one_in)
    draw_curve(edited, unedited, one_in)


def draw_curve(edited: Rates, unedited: Rates, one_in: int) -> None:
    """Draw both predictive values over the base rate, the chosen one marked; the band alone where no more is known."""
    rates = np.geomspace(1 / MOST, 0.5, POINTS)
    table = predictive(worth_known(edited, unedited, np.unique(np.append(rates, 1 / one_in))))
    plot = charts.empty_plot("Right, by how rare edits are", "photos that are edited", "right, %", 360)
    for name in LINES:
        known = met(edited, unedited, name)
        _draw_band(plot, table, name, known)
        if known:
            _draw_line(plot, table, name, 1 / one_in)
    plot.add_vline(1 / one_in, line={"color": theme.ink(), "width": 1, "dash": "dot"})
    plot.update_xaxes(
        type="log", tickvals=[1 / many for many in TICKS], ticktext=[f"1 in {count(many)}" for many in TICKS]
    )
    plot.update_yaxes(range=[-2, 102])
    caption = f"Bands: 95 % intervals. Marked: your choice, 1 in {count(one_in)}."
    if table[list(VERDICTS)].isna().any(axis=None):
        caption += " A band without a line: edited photos, or the others, never came to that here, so no more is known."
    charts.draw_plot(plot, table, "worth", "Of flagged photos fewer are edited the rarer edits are.", caption)


def _draw_band(plot: "go.Figure", table: pd.DataFrame, name: str, known: bool) -> None:
    """Draw a predictive value's interval; where no more is known it stands for itself in the legend."""
    name_of_line, _, shade, *_ = LINES[name]
    hidden: dict[str, Any] = {"mode": "lines", "line": {"width": 0}}
    silent: dict[str, Any] = {"hoverinfo": "skip", "showlegend": False}
    alone: dict[str, Any] = {
        "name": f"{name_of_line}, only limits known",
        "customdata": np.stack([1 / table.prevalence, table[f"{name}_low"]], axis=1),
        "hovertemplate": "1 in %{customdata[0]:,.0f}: anything in %{customdata[1]:.1f}–%{y:.1f} %"
        f"<extra>{name_of_line}</extra>",
    }
    plot.add_scatter(x=table.prevalence, y=table[f"{name}_low"], **hidden, **silent)
    above = {"fill": "tonexty", "fillcolor": shade} | (silent if known else alone)
    plot.add_scatter(x=table.prevalence, y=table[f"{name}_high"], **hidden, **above)


def _draw_line(plot: "go.Figure", table: pd.DataFrame, name: str, chosen: float) -> None:
    """Draw a predictive value itself, and mark it at the base rate that was chosen."""
    name_of_line, colour, _, dash, symbol = LINES[name]
    here = table[np.isclose(table.prevalence, chosen)]
    plot.add_scatter(
        x=table.prevalence,
        y=table[name],
        mode="lines",
        name=name_of_line,
        line={"color": colour, "dash": dash},
        customdata=np.stack([1 / table.prevalence, table[f"{name}_low"], table[f"{name}_high"]], axis=1),
        hovertemplate="1 in %{customdata[0]:,.0f}: %{y:.1f} % (%{customdata[1]:.1f}–%{customdata[2]:.1f})"
        f"<extra>{name_of_line}</extra>",
    )
    plot.add_scatter(
        x=here.prevalence,
        y=here[name],
        mode="markers",
        showlegend=False,
        hoverinfo="skip",
        marker={"symbol": symbol, "size": 13, "color": colour},
    )


def draw_tree(edited: Rates, unedited: Rates, one_in: int) -> None:
    """Draw what becomes of so many photos as a tree of whole numbers, or of limits where none of that was met."""
    table = frequencies(edited, unedited, one_in)
    photos = photos_for(one_in)
    plot = charts.empty_plot(f"What becomes of {count(photos)} photos", "", "", 330)
    plot.update_xaxes(visible=False, range=[-0.3, 2.58])
    plot.update_yaxes(visible=False, range=[-0.6, 5.6])
    boxes, edges = branches(table)
    plot.update_layout(showlegend=False, plot_bgcolor="rgba(0,0,0,0)", annotations=boxes, shapes=edges)
    alt, caption = say_flagged(table)
    saved = table.assign(photos=table.photos.where(table[UP_TO].isna()).astype("Int64"))
    charts.draw_plot(plot, saved, "tree", alt, f"{caption} Expected numbers, rounded.")


def branches(table: pd.DataFrame) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a tree's boxes and edges, as plotly's annotations and shapes; set at once they are drawn much faster."""
    boxes, edges = [_box(0, 2.5, count(int(table.photos.sum())), "<br>photos")], []
    for place, truth in enumerate(TRUTHS):
        height, leaves = 4 - 3 * place, table[table.truth == truth]
        boxes.append(_box(1, height, count(int(leaves.photos.sum())), f"<br>{truth}"))
        edges.append(_edge((0, 2.5), (1, height)))
        parts = zip(leaves.outcome, leaves.photos, leaves[UP_TO], strict=True)
        for turn, (outcome, photos, up_to) in enumerate(parts):
            many = how_many(int(photos), up_to)
            boxes.append(_box(2, height + 1 - turn, many, f" {SHORT_NAMES[outcome]}", SHAPES[outcome]))
            edges.append(_edge((1, height), (2, height + 1 - turn)))
    return boxes, edges


def _dark() -> bool:
    return st.context.theme.type == "dark"


def _edge(start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    ends = {"x0": start[0], "y0": start[1], "x1": end[0], "y1": end[1]}
    return ends | {"type": "line", "layer": "below", "line": {"color": "#7F7F7F", "width": 1}}


def _box(x: float, y: float, photos: str, text: str, shape: str = "") -> dict[str, Any]:
    colours = {"bgcolor": "#1C242D" if _dark() else "#F2F5F7", "font": {"size": 12, "color": theme.ink()}}
    frame = {"showarrow": False, "bordercolor": "#7F7F7F", "borderwidth": 1, "borderpad": 4}
    return {"x": x, "y": y, "text": f"{shape} <b>{photos}</b>{text}".strip()} | colours | frame


def draw_dots(edited: Rates, unedited: Rates, one_in: int) -> None:
    """Draw 100 flagged photos and 100 with no indication, each a dot that tells whether it is edited."""
    row = worth_known(edited, unedited, np.array([1 / one_in])).iloc[0]
    plot = charts.empty_plot("Of 100 such photos", "", "", 330)
    places, drawn = np.arange(100), []
    for column, name in enumerate(VERDICTS):
        if np.isnan(row[name]):
            plot.add_annotation(x=column * 11.5 + 4.5, y=5, text="not known", showarrow=False)
            continue
        many = round(100 * row[name])
        for truth, mine in (("edited", places < many), ("not edited", places >= many)):
            drawn.append({"verdict": SHORT_NAMES[name], "truth": truth, "photos": int(mine.sum())})
            symbol, colour = MARKS[truth]
            colour = ON_DARK.get(colour, colour) if _dark() else colour
            plot.add_scatter(
                x=column * 11.5 + places[mine] % 10,
                y=9 - places[mine] // 10,
                mode="markers",
                name=truth,
                legendgroup=truth,
                showlegend=len(drawn) <= 2,
                marker={"symbol": symbol, "color": colour, "size": 10},
                hovertemplate=f"{SHORT_NAMES[name]}, {truth}: {int(mine.sum())} of 100<extra></extra>",
            )
        plot.add_annotation(x=column * 11.5 + 4.5, y=10.4, text=f"<b>{SHORT_NAMES[name]}</b>", showarrow=False)
    plot.update_xaxes(visible=False, range=[-0.8, 21.3])
    plot.update_yaxes(visible=False, range=[-0.8, 11.2])
    plot.update_layout(legend={"y": -0.08}, plot_bgcolor="rgba(0,0,0,0)")
    caption = "◆ edited, ○ not edited. Rounded to whole photos; the intervals are above."
    charts.draw_plot(
        plot, pd.DataFrame(drawn), "dots", "How many of 100 flagged and 100 passed photos are edited.", caption
    )
