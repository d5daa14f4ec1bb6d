"""The plots of the page Reach: probability against reach, what warnings cover, and how reach grew."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dashboard.kit import charts, theme
from pipeline.reach.coverage import Coverage
from pipeline.reach.ranking import Ranked
from pipeline.verdict import LABELS
from pipeline.words import readable, verdicts
from pipeline.words.figures import count, percent, say_photos
from pipeline.words.numbers import two_digits

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

SYMBOLS = {"deepfake": "triangle-up", "facetune": "diamond", "inconclusive": "square", "real": "circle-open"}
FEWER = 0.3
"""Where reach 0 is drawn on the logarithmic axis, which has no 0 of its own."""
MOST_POINTS, MOST_LINES = 5000, 6
LINES = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def draw_scatter(ranked: Sequence[Ranked], threshold: float) -> None:
    """Draw the probability of editing against reach, a point a photo."""
    shown = ranked[:MOST_POINTS]
    table = pd.DataFrame([_point(place, one) for place, one in enumerate(shown, 1)])
    plot = charts.empty_plot("Probability against reach", "probability of editing, calibrated", "reach, views", 430)
    plot.add_vline(x=threshold, line={"color": theme.ink(), "width": 1, "dash": "dot"})
    for label in LABELS:
        mine = table[table.verdict == label]
        if len(mine):
            _add_points(plot, mine, label)
    top = max(1.0, float(table.reach.max()))
    powers = range(int(np.ceil(np.log10(top))) + 1)
    plot.update_yaxes(
        type="log",
        range=[np.log10(FEWER) - 0.15, np.log10(top) + 0.25],
        tickvals=[FEWER, *(10.0**power for power in powers)],
        ticktext=["0", *(_power(power) for power in powers)],
    )
    plot.update_xaxes(range=[-0.02, 1.02])
    fewer = f" The {count(MOST_POINTS)} photos of the largest expected harm." if len(ranked) > len(shown) else ""
    none = int((table.reach == 0).sum())
    zero = f" {count(none)} without a view stand{'s' if none == 1 else ''} at 0." if none else ""
    caption = f"Above right first. The dotted line: the threshold of warnings; reach is logarithmic.{zero}{fewer}"
    alt = "Reach against probability of editing, a point a photo, by verdict."
    charts.draw_plot(plot, table, "reach-scatter", alt, caption)


def _point(place: int, one: Ranked) -> dict[str, Any]:
    return {
        "rank": place,
        "name": one.photo.name,
        "verdict": one.photo.label,
        "p_edited": one.photo.p_edited,
        "reach": one.reach,
        "estimated": bool(one.engaged.estimated),
        "expected_harm": round(one.harm.total, 1),
    }


def _add_points(plot: "go.Figure", mine: pd.DataFrame, label: str) -> None:
    rows: list[Any] = list(mine.itertuples())
    told = [
        f"{row.rank}. {html.escape(readable.short(row.name, 50))}<br>p(edited) "
        f"{html.escape(two_digits(row.p_edited))}<br>reach {'≈ ' if row.estimated else ''}{count(round(row.reach))}"
        for row in rows
    ]
    plot.add_scatter(
        x=mine.p_edited,
        y=mine.reach.clip(lower=FEWER),
        mode="markers",
        name=f"{verdicts.CHIPS[label]}: {count(len(mine))}",
        marker={"color": theme.COLOURS[label], "symbol": SYMBOLS[label], "size": 8, "opacity": 0.9},
        text=told,
        hovertemplate="%{text}<extra></extra>",
    )


def _power(power: int) -> str:
    """Say a power of ten shortly: 1, 10, 1k, 10M."""
    thousands, rest = divmod(power, 3)
    letters = ("", "k", "M", "G")
    return f"{10 ** (rest + 3 * (thousands - min(thousands, 3)))}{letters[min(thousands, 3)]}"


def draw_coverage(covered: Coverage, threshold: float) -> None:
    """Draw the share of all views under a warning as the threshold moves."""
    table = pd.DataFrame(
        {
            "threshold": covered.thresholds,
            "may_be_a_deepfake": covered.share(covered.deepfake),
            "may_be_edited": covered.share(covered.edited),
            "warned": covered.warned,
            "could_not_be_checked": np.full(len(covered.thresholds), covered.share(covered.unchecked)),
            "photos_warned": covered.photos,
        }
    )
    plot = charts.empty_plot("Views that warnings cover", "warned from a probability of", "of all views, %", 430)
    told = [f"{percent(share)} of views, {say_photos(int(photos))} warned"
            for share, photos in zip(table.warned, table.photos_warned, strict=True)]  # fmt: skip
    _add_area(plot, table, "may_be_a_deepfake", "May be a deepfake", theme.COLOURS["deepfake"], "/")
    _add_area(plot, table, "may_be_edited", "May be edited", theme.COLOURS["facetune"], "")
    plot.add_scatter(x=table.threshold, y=100 * table.warned, mode="lines", line={"width": 0}, showlegend=False,
                     text=told, hovertemplate="from %{x:.2f}: %{text}<extra></extra>")  # fmt: skip
    plot.add_scatter(
        x=table.threshold,
        y=100 * table.could_not_be_checked,
        mode="lines",
        name="Could not be checked",
        line={"color": theme.COLOURS["inconclusive"], "dash": "dash"},
        hovertemplate="could not be checked: %{y:.1f} %<extra></extra>",
    )
    plot.add_vline(x=threshold, line={"color": theme.ink(), "width": 1, "dash": "dot"})
    plot.update_xaxes(range=[0, 1])
    plot.update_yaxes(range=[0, 102])
    caption = (
        f"Of {count(round(covered.all_reach))} views of all that the file tells of, photos without a verdict here "
        "included. The dotted line: the threshold chosen."
    )
    charts.draw_plot(plot, table, "reach-coverage", "Share of views under a warning, by threshold.", caption)


def _add_area(plot: "go.Figure", table: pd.DataFrame, column: str, name: str, colour: str, pattern: str) -> None:
    plot.add_scatter(
        x=table.threshold,
        y=100 * table[column],
        mode="lines",
        name=name,
        stackgroup="warned",
        line={"color": colour, "width": 1.5},
        fillpattern={"shape": pattern, "fgopacity": 0.5, "size": 6},
        hoverinfo="skip",
    )


def draw_growth(ranked: Sequence[Ranked]) -> None:
    """Draw how the reach of the first photos grew, those of them that the file tells it of."""
    growing = [(place, one) for place, one in enumerate(ranked, 1) if one.engaged.growth]
    if not growing:
        return
    table = pd.DataFrame(
        [{"rank": place, "name": one.photo.name, "at": at, "reach": reach}
         for place, one in growing for at, reach in one.engaged.growth]
    )  # fmt: skip
    plot = charts.empty_plot("How reach grew", "", "reach, views", 400)
    for at, (place, one) in enumerate(growing[:MOST_LINES]):
        mine = table[table["rank"] == place]
        name = html.escape(f"{place}. {readable.short(one.photo.name, 30)}")
        plot.add_scatter(
            x=mine["at"],
            y=mine.reach,
            mode="lines+markers",
            name=name,
            line={"color": LINES[at], "dash": DASHES[at]},
            hovertemplate=f"{name}<br>%{{x|%Y-%m-%d %H:%M}}<br>%{{y:,.0f}}<extra></extra>",
        )
    plot.update_yaxes(rangemode="tozero")
    shown = min(len(growing), MOST_LINES)
    caption = (
        f"The first {shown} of {count(len(growing))} ranked photos with figures of two or more times, UTC; the CSV has "
        "them all."
        if len(growing) > shown
        else "Photos with figures of two or more times, UTC; posts of one photo are added up."
    )
    charts.draw_plot(plot, table, "reach-growth", "Reach over time, a line a photo.", caption)
