"""Both stages of a verdict as bars, each with its threshold and its band of abstention, and what they come to."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit.fact_list import html_list
from dashboard.kit.theme import COLOURS, ink
from pipeline.verdict import StageScore, Verdict
from pipeline.words import numbers, verdicts

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

JOINT = {"real": "No editing", "deepfake": "Deepfake", "facetune": "Facetune-style retouching"}


def draw_bars(verdict: Verdict) -> None:
    """Draw both stages as bars with thresholds and bands."""
    st.plotly_chart(
        plot_of(verdict, ink()),
        key="stages",
        config={"displaylogo": False, "displayModeBar": False},
        alt=_say_scores(verdict),
    )
    st.caption(
        "Line: threshold. Shaded: the band in which the release says nothing. "
        "Probabilities are calibrated on held-out photos like those of the training data."
    )


def draw_joint(verdict: Verdict) -> None:
    """Draw the joint probabilities of all three labels."""
    st.markdown("**All three together** (joint probabilities)")
    joint = verdict.probabilities
    st.html(html_list({JOINT[label]: numbers.two_digits(value) for label, value in joint.items()}))


def _say_scores(verdict: Verdict) -> str:
    first, second = (
        numbers.two_digits(score.probability) if score else "not run" for score in (verdict.edited, verdict.deepfake)
    )
    return f"Stage 1 {first}; stage 2 {second}" if verdict.edited else ""


def plot_of(verdict: Verdict, colour: str) -> "Figure":
    """Return both stages' probabilities as horizontal bars, each with its threshold and its band of abstention.

    Args:
        verdict: of a face that was scored.
        colour: of text and threshold lines.
    """
    import plotly.graph_objects as go

    plot = go.Figure()
    colours = {"edited": COLOURS[verdict.label], "deepfake": COLOURS["deepfake"]}
    scores = (("edited", "p(edited)", verdict.edited), ("deepfake", "p(deepfake | edited)", verdict.deepfake))
    for place, (stage, name, score) in zip((1, 0), scores, strict=True):
        probability = "not run" if score is None else numbers.two_digits(score.probability)
        title = f"<b>{verdicts.STAGES[stage]}</b><br>{name}: {probability}"
        plot.add_annotation(
            x=0, y=place + 0.22, text=title, showarrow=False, xanchor="left", yanchor="bottom", align="left"
        )
        _add_stage(plot, place, score, colours[stage])
        if score:
            _add_threshold(plot, place, score.threshold, colour)
    plot.update_xaxes(range=[0, 1], dtick=0.25, title="calibrated probability", fixedrange=True)
    plot.update_yaxes(range=[-0.35, 1.85], visible=False, fixedrange=True)
    plot.update_layout(height=270, margin={"l": 4, "r": 12, "t": 4, "b": 40}, showlegend=False, bargap=0)
    plot.update_annotations(font_color=colour)
    plot.update_xaxes(tickfont_color=colour, title_font_color=colour)
    return plot


def _add_stage(plot: "Figure", place: int, score: StageScore | None, colour: str) -> None:
    """Add a stage's bar and its band of abstention; of one that did not run only the ground."""
    low, high = place - 0.18, place + 0.18
    plot.add_shape(
        type="rect", x0=0, x1=1, y0=low, y1=high, fillcolor="rgba(127,127,127,.16)", line_width=0, layer="below"
    )
    if score is None:
        return
    plot.add_bar(
        x=[score.probability],
        y=[place],
        width=0.36,
        orientation="h",
        marker_color=colour,
        hovertemplate="%{x:.3f}<extra></extra>",
    )
    plot.add_shape(
        type="rect",
        x0=score.abstain[0],
        x1=score.abstain[1],
        y0=low,
        y1=high,
        line_width=0,
        fillcolor="rgba(127,127,127,.55)",
    )


def _add_threshold(plot: "Figure", place: int, threshold: float, colour: str) -> None:
    """Add a stage's threshold, a line with its number under it."""
    plot.add_shape(
        type="line",
        x0=threshold,
        x1=threshold,
        y0=place - 0.26,
        y1=place + 0.22,
        line={"width": 3, "color": colour},
    )
    plot.add_annotation(
        x=threshold,
        y=place - 0.24,
        text=f"threshold {threshold:.2f}",
        showarrow=False,
        yanchor="top",
        xanchor="right" if threshold > 0.8 else "center",
        font_size=11,
    )
