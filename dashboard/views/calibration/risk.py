"""What abstaining buys: risk against coverage, and the sets of labels that a release leaves possible."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, choose_evaluation, markup, messages, theme
from dashboard.views.calibration import cached
from dashboard.views.calibration.wording import both_known, say_risk, say_sets
from models.release import Release, read_release
from pipeline.errors import TriageError
from pipeline.results.evaluation import Evaluation
from pipeline.words.figures import say

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

OWN = "with forgeries"
"""The joint figures of all photos: those that the curve is about."""
SIZES = {"0": "none", "1": "one", "2": "two", "3": "all three"}
SHADES = {"0": "#7F7F7F", "1": "#0072B2", "2": "#56B4E9", "3": "#CCCCCC"}
PATTERNS = {"0": "x", "1": "", "2": "/", "3": "."}


def draw_risk(evaluation: Evaluation) -> None:
    """Draw the risk-coverage curve with the release's own working point, and say it; or why there is none."""
    curve = [one for one in evaluation.metrics.get("risk coverage", []) if one["value"] is not None]
    if not curve:
        st.info("Risk and coverage were not measured on these photos.")
        return
    own = evaluation.metrics.get("joint", {}).get(OWN, {})
    table = pd.DataFrame(curve)
    caption = (
        f"Wrong: an edit missed, an unedited photo flagged, or the wrong kind. {charts.WHISKERS} The band: the same, "
        "along the curve."
    )
    plot = _risk_plot(curve, table, own)
    charts.draw_plot(plot, table, "risk-coverage", "Risk rises with the share of photos answered.", caption)
    st.markdown("\n".join(f"- {line}" for line in say_risk(curve, own)))


def _risk_plot(curve: Sequence[Mapping[str, Any]], table: pd.DataFrame, own: Mapping[str, Any]) -> "go.Figure":
    plot = charts.empty_plot("Wrong answers by photos answered", "photos answered, %", "wrong among them, %")
    shade: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    plot.add_scatter(x=100 * table.coverage, y=100 * table.low, **shade)
    plot.add_scatter(
        x=100 * table.coverage, y=100 * table.high, fill="tonexty", fillcolor="rgba(0,114,178,.2)", **shade
    )
    plot.add_scatter(
        x=100 * table.coverage,
        y=100 * table.value,
        mode="lines+markers",
        name="without abstaining otherwise",
        line={"color": "#0072B2"},
        text=[say(one, "%") for one in curve],
        customdata=table.confidence,
        hovertemplate="surest %{x:.0f} %, down to a probability of %{customdata:.2f}<br>wrong: %{text}<extra></extra>",
    )
    if both_known(own):
        plot.add_scatter(
            x=[100 * own["coverage"]["value"]],
            y=[100 * own["risk"]["value"]],
            mode="markers",
            name="the release, as it is",
            marker={"symbol": "diamond", "size": 13, "color": theme.COLOURS["deepfake"]},
            error_x=_whisker(own["coverage"]),
            error_y=_whisker(own["risk"]),
            hovertemplate=f"answered {say(own['coverage'], '%')}<br>wrong {say(own['risk'], '%')}<extra></extra>",
        )
    plot.update_xaxes(range=[0, 103])
    plot.update_yaxes(rangemode="tozero")
    return plot


def _whisker(figure: Mapping[str, Any]) -> dict[str, Any]:
    return charts.whiskers(
        *([None if figure[name] is None else 100 * figure[name]] for name in ("value", "low", "high"))
    )


def draw_label_sets(evaluation: Evaluation) -> None:
    """Draw how many labels the release leaves possible, and whether that holds what was promised; or why not."""
    release = measured_release(evaluation)
    if isinstance(release, str):
        st.info(release)
        return
    quantiles = release.conformal.get("quantiles")
    if not quantiles or "coverage" not in release.conformal:
        st.info("This release makes no sets of labels that stay possible (conformal sets).")
        return
    figures = cached.label_sets(evaluation, quantiles)
    promised = float(release.conformal["coverage"])
    table = pd.DataFrame(
        [
            {"true label": label, "labels left": name, **figure}
            for label, part in figures.items()
            for name, figure in part.items()
        ]
    )
    plot = charts.empty_plot("Labels that stay possible", "photos, %", "true label", 150 + 55 * len(figures))
    for size, name in SIZES.items():
        mine = table[table["labels left"] == size]
        if mine.value.sum():
            plot.add_bar(
                x=100 * mine.value,
                y=mine["true label"],
                orientation="h",
                name=name,
                marker={"color": SHADES[size], "pattern": {"shape": PATTERNS[size], "fgcolor": theme.ink(), "size": 5}},
                text=[say(figures[str(label)][size], "%", n=False) for label in mine["true label"]],
                textposition="none",
                hovertemplate=f"{name}: %{{text}}<extra>%{{y}}</extra>",
            )
    plot.update_layout(barmode="stack", legend={"title": {"text": "labels left: "}, "y": -0.35, "traceorder": "normal"})
    plot.update_yaxes(autorange="reversed")
    alt = "For each true label: the shares of photos with one, two or all three labels left."
    caption = "The fewer are left, the more the set says; with all three it says nothing."
    charts.draw_plot(plot, table, "label-sets", alt, caption)
    st.markdown("\n".join(f"- {line}" for line in say_sets(figures, promised)))


def measured_release(evaluation: Evaluation) -> Release | str:
    """Return the release that was measured; or why its file tells nothing about these scores."""
    try:
        release = read_release(evaluation.release)
    except TriageError as problem:
        return f"What the release itself says is not known here: {markup.escaped(str(problem))}"
    if choose_evaluation.is_stale(evaluation):
        return messages.stale(evaluation.release, "It does not belong to these scores.")
    return release
