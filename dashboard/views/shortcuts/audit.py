"""The shortcut audit: which one, its answer, before and after in a plot, what is left, what it means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.kit.fact_list import listed
from dashboard.session import evaluations
from dashboard.views.shortcuts import wording
from pipeline.results.audit import Audit, Comparison, FoundAudit
from pipeline.results.evaluation import Evaluation
from pipeline.settings import settings
from pipeline.words import figures as measured
from pipeline.words import readable

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


def choose() -> Audit | None:
    """Return the audit to show: the newest, or the one that is picked; None, with a message, without any."""
    found = evaluations.audits()
    _damaged([one for one in found if one.audit is None])
    usable = {one.path.stem: one.audit for one in found if one.audit is not None}
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
            format_func=lambda stem: _named(usable[stem]),
        )
    ]


def _named(audit: Audit) -> str:
    return f"{audit.manifest_sha256[:12]}, {readable.plain(str(audit.conditions.get('date', 'no date')))}"


def _damaged(found: Sequence[FoundAudit]) -> None:
    for one in found:
        st.warning(f"An audit cannot be shown. {markup.escaped(one.problem)}", icon=":material/warning:")


def about(audit: Audit, shown: Evaluation | None) -> None:
    """Say what the audit is about, and whether it is about the data of the evaluation."""
    known, counts = audit.conditions, audit.conditions.get("n", {})
    photos = f"{measured.count(sum(counts.values()))} photos of {len(counts)} collections" if counts else "photos"
    st.caption(
        f"Audited: {photos}; manifest {markup.escaped(audit.manifest_sha256[:12])}, "
        f"{markup.escaped(str(known.get('date', 'no date')))}."
    )
    if shown is not None:
        for line in against(audit, shown):
            st.caption(line)
    with st.expander("Conditions of the audit"):
        st.html(listed({key.replace("_", " "): _flat(value) for key, value in known.items()}))


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(part)}" for key, part in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else readable.plain(str(value))


def against(audit: Audit, shown: Evaluation) -> list[str]:
    """Say, as markdown, whether an audit and an evaluation are about the same photos, as far as both tell."""
    run, manifest = shown.run, audit.manifest_sha256
    of_test = next((leak.n for leak in audit.leakage if leak.split == shown.dataset), None)
    own = int((~shown.predictions.source.str.startswith("forge-")).sum())
    if run.get("manifest_sha256") == manifest or run.get("prepared_sha256") == manifest:
        said = "It is about the very manifest that the release was evaluated on."
    elif str(run.get("manifest", "")).startswith("manifest"):
        said = "**It is about another manifest than the evaluation**: the photos, or their splits, may differ."
    else:
        said = (
            "The evaluation names its table of crops, not the manifest behind it: whether they are the same cannot "
            "be told by hash."
        )
    lines = [said]
    if of_test is not None and not run.get("most") and of_test != own:
        lines.append(
            f"**The data differ**: the audit knows {measured.count(of_test)} original photos of "
            f"{markup.escaped(shown.dataset)}, the evaluation {measured.count(own)}."
        )
    elif of_test is not None and of_test == own:
        lines[0] += f" Both know {measured.count(own)} original photos of {markup.escaped(shown.dataset)}."
    return lines


def before_and_after(audit: Audit) -> None:
    """Draw, for a stage that is asked for, how far each shortcut got before and after; the most telling on top."""
    every = wording.asked(audit)
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
    made = _plot(mine)
    left = [one for one in mine if one.open]
    alt = f"{len(mine)} shortcuts before and after equalising, against chance; {len(left)} are left."
    caption = (
        "▲ left after equalising, ● no better than guessing; ○ before, | guessing; whiskers: 95 % intervals. Balanced "
        f"accuracy: the mean of what is told right of each class. {wording.TWENTIETHS}"
    )
    charts.show(made, as_table(mine), "shortcuts", alt, caption)
    lines = wording.open_ones(every, str(stage))
    st.markdown("**What is left**" if lines else "**Nothing is left** that a model could go by without the edit.")
    st.markdown("\n".join(f"- {line}" for line in lines))


def _plot(mine: Sequence[Comparison]) -> "go.Figure":
    made = charts.figure("Told without seeing the edit", "told right, %", "", 130 + ROW * len(mine))
    places = list(range(len(mine)))
    made.add_scatter(
        x=[100 * one.chance for one in mine],
        y=places,
        mode="markers",
        name="guessing",
        hoverinfo="skip",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": theme.ink()}},
    )
    _points(
        made,
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
        _points(made, rows, name, 0.12, {"symbol": symbol, "size": 11, "color": colour})
    labels = [wording.label(one.scope, wording.glance(one)) for one in mine]
    made.update_yaxes(tickvals=places, ticktext=labels, range=[len(mine) - 0.4, -0.6], showgrid=False)
    made.update_xaxes(range=[0 if any(one.chance < 0.4 for one in mine) else 35, 102])
    made.update_layout(legend={"y": -60 / (ROW * len(mine)), "font": {"size": 12}})
    return made


def _points(made: "go.Figure", rows: list, name: str, shift: float, marker: dict) -> None:
    if not rows:
        return
    parts = [
        [None if figure[end] is None else 100 * figure[end] for _, _, figure in rows]
        for end in ("value", "low", "high")
    ]
    made.add_scatter(
        x=parts[0],
        y=[place + shift for place, _, _ in rows],
        mode="markers",
        name=name,
        marker=marker,
        error_x=charts.whiskers(*parts),
        text=[
            f"{readable.short(wording.scope(one.scope))}: {measured.said('balanced accuracy', figure)}".replace(
                "<", "‹"
            )
            for _, one, figure in rows
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def as_table(mine: Sequence[Comparison]) -> pd.DataFrame:
    """Return the questions as rows: what was asked, balanced accuracy under each condition with its interval and n."""
    rows = [
        {"audit": one.audit, "task": one.task, "scope": one.scope, "by": one.by, "chance": one.chance}
        | {
            f"{name} {part}".removesuffix(" value"): figure[part]
            for name, figure in one.figures.items()
            for part in ("value", "low", "high", "n")
        }
        | {"outcome": one.outcome}
        for one in mine
    ]
    return pd.DataFrame(rows)


def consequences(audit: Audit) -> None:
    """Say what the audit itself concludes for each stage's figures."""
    for stage, lines in audit.consequences.items():
        if lines:
            with st.expander(
                f"What it means for {markup.escaped(STAGES.get(stage, stage).partition(':')[0].lower())}, "
                "as the audit puts it"
            ):
                st.markdown("\n".join(f"- {markup.escaped(line)}" for line in lines))
