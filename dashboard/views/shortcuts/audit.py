"""The shortcut audit, drawn: which one, before and after in a plot, what is left, what it means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.kit.fact_list import html_list
from dashboard.session import evaluations
from dashboard.views.shortcuts import wording
from dashboard.views.shortcuts.data_wording import say_against
from dashboard.views.shortcuts.wording import question_table
from pipeline.results.audit import Audit, AuditFile, Comparison
from pipeline.results.evaluation import Evaluation
from pipeline.settings import settings
from pipeline.words import readable
from pipeline.words.figures import count, say

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

STAGES = {
    "edited": "Stage 1: edited, or not?",
    "deepfake": "Stage 2: deepfake, or retouching?",
    "": "Which collection is it from?",
}
LEFT, SILENT = "#D55E00", "#0072B2"
ROW = 46
"""Height of a question in the plot, in pixels."""


def choose_audit() -> Audit | None:
    """Return the audit to show: the newest, or the one that is picked; None, with a message, without any."""
    audits = evaluations.audits()
    _draw_damaged([one for one in audits if one.audit is None])
    usable = {one.path.stem: one.audit for one in audits if one.audit is not None}
    if not usable:
        st.info(
            f"There is no shortcut audit in {markup.escaped(str(settings().evaluations / 'audits'))} yet. Make one:"
        )
        st.code("make prepare DATA=<folder of the labelled photos>\nmake audit", language="sh")
        return None
    if len(usable) == 1:
        return next(iter(usable.values()))
    return usable[
        st.selectbox(
            "Audit of the manifest",
            list(usable),
            key="shortcut-audit",
            persist_state="session",
            format_func=lambda stem: _label_of(usable[stem]),
        )
    ]


def _label_of(audit: Audit) -> str:
    return f"{audit.manifest_sha256[:12]}, {readable.plain(str(audit.conditions.get('date', 'no date')))}"


def _draw_damaged(audits: Sequence[AuditFile]) -> None:
    for one in audits:
        st.warning(f"An audit cannot be shown. {markup.escaped(one.problem)}", icon=":material/warning:")


def draw_about(audit: Audit, evaluation: Evaluation | None) -> None:
    """Say what the audit is about, and whether it is about the data of the evaluation."""
    known, counts = audit.conditions, audit.conditions.get("n", {})
    photos = f"{count(sum(counts.values()))} photos of {len(counts)} collections" if counts else "photos"
    st.caption(
        f"Audited: {photos}; manifest {markup.escaped(audit.manifest_sha256[:12])}, "
        f"{markup.escaped(str(known.get('date', 'no date')))}."
    )
    if evaluation is not None:
        for line in say_against(audit, evaluation):
            st.caption(line)
    with st.expander("Conditions of the audit"):
        st.html(html_list({key.replace("_", " "): _flat(value) for key, value in known.items()}))


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(part)}" for key, part in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else readable.plain(str(value))


def draw_before_and_after(audit: Audit) -> None:
    """Draw, for a stage that is asked for, how far each shortcut got before and after; the most telling on top."""
    every = wording.questions_of(audit)
    stages = [stage for stage in STAGES if any(one.stage == stage for one in every)]
    if not stages:
        st.info("The audit measured nothing in what a model sees.")
        return
    stage = st.segmented_control(
        "Question",
        stages,
        default=stages[0],
        required=True,
        key="shortcut-stage",
        format_func=lambda name: STAGES[name],
    )
    mine = [one for one in every if one.stage == stage]
    plot = _plot_of(mine)
    left = [one for one in mine if one.open]
    alt = f"{len(mine)} shortcuts before and after equalising, against chance; {len(left)} are left."
    caption = (
        f"▲ left after equalising, ● no better than guessing; ○ before, | guessing. {charts.WHISKERS} Balanced "
        f"accuracy: the mean of what is told right of each class. {wording.BY_LUCK}"
    )
    charts.draw_plot(plot, question_table(mine), "shortcuts", alt, caption)
    lines = wording.say_open(every, str(stage))
    st.markdown("**What is left**" if lines else "**Nothing is left** that a model could go by without the edit.")
    st.markdown("\n".join(f"- {line}" for line in lines))


def _plot_of(mine: Sequence[Comparison]) -> "go.Figure":
    plot = charts.empty_plot("Told without seeing the edit", "told right, %", "", 130 + ROW * len(mine))
    places = list(range(len(mine)))
    plot.add_scatter(
        x=[100 * one.chance for one in mine],
        y=places,
        mode="markers",
        name="guessing",
        hoverinfo="skip",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": theme.ink()}},
    )
    _draw_points(
        plot,
        [(place, one, one.earlier[1]) for place, one in enumerate(mine) if one.earlier],
        "before",
        -0.16,
        {"symbol": "circle-open", "size": 9, "color": theme.ink(), "line": {"width": 1.6}},
    )
    for name, left, symbol, colour in (
        ("left after", True, "triangle-up", LEFT),
        ("after, at guessing", False, "circle", SILENT),
    ):
        rows = [(place, one, one.after) for place, one in enumerate(mine) if one.after and one.open == left]
        _draw_points(plot, rows, name, 0.12, {"symbol": symbol, "size": 11, "color": colour})
    labels = [wording.label_html(one.scope, wording.say_glance(one)) for one in mine]
    plot.update_yaxes(tickvals=places, ticktext=labels, range=[len(mine) - 0.4, -0.6], showgrid=False)
    plot.update_xaxes(range=[0 if any(one.chance < 0.4 for one in mine) else 35, 102])
    plot.update_layout(legend={"y": -60 / (ROW * len(mine)), "font": {"size": 12}})
    return plot


def _draw_points(plot: "go.Figure", rows: list, name: str, shift: float, marker: dict) -> None:
    if not rows:
        return
    parts = [
        [None if getattr(figure, end) is None else 100 * getattr(figure, end) for _, _, figure in rows]
        for end in ("value", "low", "high")
    ]
    plot.add_scatter(
        x=parts[0],
        y=[place + shift for place, _, _ in rows],
        mode="markers",
        name=name,
        marker=marker,
        error_x=charts.whiskers(*parts),
        text=[
            f"{readable.short(wording.say_scope(one.scope))}: {say(figure, '%')}".replace("<", "‹")
            for _, one, figure in rows
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def draw_consequences(audit: Audit) -> None:
    """Say what the audit itself concludes for each stage's figures."""
    for stage, lines in audit.consequences.items():
        if lines:
            with st.expander(
                f"What it means for {markup.escaped(STAGES.get(stage, stage).partition(':')[0].lower())}, "
                "as the audit puts it"
            ):
                st.markdown("\n".join(f"- {markup.escaped(line)}" for line in lines))
