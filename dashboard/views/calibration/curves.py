"""Are probabilities what they say? A stage's reliability curve and its error by source, drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, theme
from dashboard.views.calibration.wording import AMONG, POSITIVE, Bin, say_curve, say_lacking
from pipeline.results.evaluation import Evaluation
from pipeline.words import readable, verdicts
from pipeline.words.figures import count, say

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

NAMES = {"collections": "all collections", "all": "all edited photos", "same originals": "same originals"}


def draw_reliability(evaluation: Evaluation, stage: str) -> None:
    """Draw a stage's reliability curve, and say it in words; or why there is none."""
    st.markdown(f"**{verdicts.STAGES[stage]}**")
    bins = [one for one in evaluation.metrics.get("reliability", {}).get(stage, []) if one["n"]]
    if reason := say_lacking(bins):
        st.info(reason)
        return
    title = f"Given, and found {POSITIVE[stage]}"
    alt = f"Of each range of probabilities: the share of {AMONG[stage]} that were {POSITIVE[stage]}, and the diagonal."
    caption = (
        f"n {count(sum(one['n'] for one in bins))} {AMONG[stage]}; larger points and longer bars: more photos. "
        f"{charts.WHISKERS} On the dashed line a probability is what it says."
    )
    charts.draw_plot(_plot_of(title, bins, stage), pd.DataFrame(bins), f"reliability-{stage}", alt, caption)
    st.markdown("\n".join(f"- {line}" for line in say_curve(bins, stage)))


def _plot_of(title: str, bins: Sequence[Bin], stage: str) -> "go.Figure":
    drawn = [one for one in bins if one["value"] is not None]
    plot = charts.empty_plot(title, "probability given", f"{POSITIVE[stage]}, %", 460)
    plot.add_scatter(x=[0, 1], y=[0, 100], mode="lines", line={"dash": "dash", "color": "#7F7F7F"}, hoverinfo="skip")
    most = max(one["n"] for one in drawn)
    plot.add_scatter(
        x=[one["score"] for one in drawn],
        y=[100 * one["value"] for one in drawn],
        error_y=charts.whiskers(*([_in_percent(one[name]) for one in drawn] for name in ("value", "low", "high"))),
        mode="markers+lines",
        cliponaxis=False,
        marker={"color": theme.COLOURS["real"], "size": [7 + 13 * (one["n"] / most) ** 0.5 for one in drawn]},
        line={"color": theme.COLOURS["real"], "width": 1},
        text=[say(one, "%") for one in drawn],
        hovertemplate=f"given %{{x:.2f}} on average<br>{POSITIVE[stage]}: %{{text}}<extra></extra>",
    )
    plot.add_bar(
        x=[(one["from"] + one["to"]) / 2 for one in bins],
        y=[one["n"] for one in bins],
        text=[count(one["n"]) for one in bins],
        textposition="outside",
        cliponaxis=False,
        width=0.08,
        marker={"color": "#7F7F7F"},
        yaxis="y2",
        hovertemplate="about %{x:.2f}: n %{text}<extra></extra>",
    )
    plot.update_layout(showlegend=False, yaxis={"domain": [0.28, 1], "range": [-3, 103]})
    plot.update_layout(yaxis2={"domain": [0, 0.17], "title": "n", "showticklabels": False, "showgrid": False})
    plot.update_xaxes(range=[-0.02, 1.02], anchor="y2")
    return plot


def _in_percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def draw_errors(evaluation: Evaluation, stage: str) -> None:
    """Draw a stage's expected calibration error, over all and by source, the worst first; or say why there is none.

    Photos of one class only are left out: probabilities that hold at an even base rate cannot be right on those.
    """
    both = {name: part for name, part in evaluation.metrics.get(stage, {}).items() if part.get("AUC", {}).get("value")}
    figures = {name: part["ECE"] for name, part in both.items() if part.get("ECE", {}).get("n")}
    measured = [
        {"photos": NAMES.get(name, name), **figure} for name, figure in figures.items() if figure["value"] is not None
    ]
    if not measured:
        st.caption(f"{verdicts.STAGES[stage]} The error of its probabilities was not measured on these photos.")
        return
    table = pd.DataFrame(measured).sort_values("value", ignore_index=True)
    rows: list[dict[Any, Any]] = table.to_dict("records")
    plot = charts.empty_plot(
        f"{verdicts.STAGES[stage].partition(':')[0]}, by source", "ECE, 0 is perfect", "", 150 + 30 * len(table)
    )
    plot.add_scatter(
        x=table.value,
        y=_names(table),
        mode="markers",
        error_x=charts.whiskers(*(table[end].tolist() for end in ("value", "low", "high"))),
        showlegend=False,
        marker={"size": 10, "color": theme.COLOURS["real"]},
        text=[say(row, "") for row in rows],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    luck = _draw_luck(plot, table)
    plot.update_xaxes(rangemode="tozero")
    worst = table.iloc[-1]
    alt = f"ECE by source with 95 % intervals; the largest is {worst.value:.2f}, of {readable.plain(worst.photos)}."
    caption = f"Worst on top. n {count(int(table.n.min()))} to {count(int(table.n.max()))} photos. {charts.WHISKERS}"
    charts.draw_plot(plot, table[::-1], f"ece-{stage}", alt, caption + luck)


def _names(table: pd.DataFrame) -> list[str]:
    return [readable.short(name, 40).replace("<", "‹") for name in table.photos]


def _draw_luck(plot: "go.Figure", table: pd.DataFrame) -> str:
    """Draw beside each error what is luck of few photos, and say so; "" of evaluations of before, which do not tell."""
    if "chance" not in table:
        return ""
    plot.add_scatter(
        x=table.chance,
        y=_names(table),
        mode="markers",
        name="by luck alone",
        showlegend=False,
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 3, "color": theme.ink()}},
        hovertemplate="%{y}: by luck alone %{x:.3f}<extra></extra>",
    )
    return " Upright stroke: what a perfectly calibrated score shows on average on as many photos, by luck alone."
