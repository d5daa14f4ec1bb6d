"""The release beside what shortcuts reach: where its figure is no evidence that it sees the edit."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.session import evaluations
from dashboard.views.shortcuts import wording
from pipeline.errors import BadEvaluation
from pipeline.figures.beside_shortcuts import (
    BASELINE,
    BLANKED,
    GUESS,
    MEASURED,
    RELEASE,
    BesideShortcut,
    beside_shortcuts,
    blind_baseline,
)
from pipeline.results.audit import Audit
from pipeline.results.evaluation import Evaluation
from pipeline.results.figure import figure_at
from pipeline.words.figures import count, say

KINDS = {
    RELEASE: ("circle", "#0072B2"),
    BLANKED: ("triangle-up", "#D55E00"),
    MEASURED: ("diamond", "#CC79A7"),
    BASELINE: ("square-open", "#8F8F8F"),
}
"""How each is drawn."""


def draw_beside(audit: Audit, evaluation: Evaluation) -> None:
    """Draw the release's AUC beside that of shortcuts, and say where it is no evidence."""
    baseline = _read_baseline(evaluation)
    rows = beside_shortcuts(audit, evaluation, baseline)
    if not rows:
        st.info("The audit and the evaluation share no collection: the release cannot be set beside the shortcuts.")
        return
    _draw_plot(rows)
    _draw_answer(rows)
    _draw_baseline(evaluation, baseline)


def _read_baseline(evaluation: Evaluation) -> Evaluation | None:
    """Return the blind baseline on the same data; None where it was not measured there."""
    baseline = blind_baseline(evaluations.baselines(), evaluation.run)
    if baseline is None:
        return None
    try:
        return evaluations.read_evaluation(baseline.path)
    except BadEvaluation as problem:
        st.caption(f"The baseline that sees no picture cannot be shown: {markup.escaped(str(problem))}")
        return None


def _draw_plot(rows: Sequence[BesideShortcut]) -> None:
    plot = charts.empty_plot("AUC by collection", "AUC: 0.5 is guessing", "", 140 + 48 * len(rows))
    table = pd.DataFrame(
        [
            {"stage": row.stage, "scope": row.scope, "by": name, **figure.as_dict()}
            for row in rows
            for name, figure in row.figures.items()
        ]
    )
    for turn, (name, (symbol, colour)) in enumerate(KINDS.items()):
        mine = [(place, row.figures[name]) for place, row in enumerate(rows) if name in row.figures]
        if mine:
            ends = ([getattr(figure, end) for _, figure in mine] for end in ("value", "low", "high"))
            plot.add_scatter(
                x=[figure.value for _, figure in mine],
                y=[place + 0.18 * (turn - 1.2) for place, _ in mine],
                error_x=charts.whiskers(*ends),
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 10, "color": colour},
                text=[say(figure, "") for _, figure in mine],
                hovertemplate=f"{name}: %{{text}}<extra></extra>",
            )
    plot.add_vline(GUESS, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    plot.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[wording.label_html(row.scope, f"stage {_stage_number(row)}") for row in rows],
        range=[len(rows) - 0.4, -0.6],
        showgrid=False,
    )
    plot.update_layout(legend={"y": -75 / (48 * len(rows)), "font": {"size": 12}})
    caption = (
        f"The most doubtful on top. {charts.WHISKERS} The audit's sample and the test photos are of the "
        "same collections but not the same photos."
    )
    charts.draw_plot(plot, table, "beside", "AUC of the release and of shortcuts, by collection.", caption)


def _draw_answer(rows: Sequence[BesideShortcut]) -> None:
    doubtful, silent = [row for row in rows if row.doubtful], [row for row in rows if row.silent]
    lines = [f"**{_say_scope(row)}**: {_say_against(row)}. {_say_meaning(row)}" for row in doubtful]
    if lines:
        st.markdown("**Where the release cannot be told from a shortcut**")
        st.markdown("\n".join(f"- {line}" for line in lines))
    else:
        st.markdown("On every collection that both know, the release lies above every shortcut that was looked for.")
    if silent:
        st.markdown(
            "**Where only the face can tell**, because no shortcut does better than guessing, and the release does: "
            + "; ".join(f"{_say_scope(row)} AUC {say(row.figures[RELEASE], '', n=False)}" for row in silent)
            + ". These figures are about the edit."
        )


def _stage_number(row: BesideShortcut) -> int:
    return 1 if row.stage == "edited" else 2


def _say_scope(row: BesideShortcut) -> str:
    return f"{markup.escaped(wording.say_scope(row.scope))} (stage {_stage_number(row)})"


def _say_against(row: BesideShortcut) -> str:
    best, own = row.shortcut, say(row.figures[RELEASE], "", n=False)
    return f"the release reaches AUC {own}" + (f"; {best[0]}, {say(best[1], '', n=False)}" if best else "")


def _say_meaning(row: BesideShortcut) -> str:
    if row.same_originals:
        return (
            "Both are of the same originals, so it is the edit that is told, but it shows without a look at the face."
        )
    return "There a high score may mean no more than “this is that collection”, unless the edits reach beyond the face."


def _draw_baseline(evaluation: Evaluation, baseline: Evaluation | None) -> None:
    """Say what a baseline reaches that was trained on the files' facts alone, on the very same photos."""
    if baseline is None:
        st.caption(
            "No baseline that sees no picture was measured on these photos (`python -m pipeline baseline metadata`)."
        )
        return
    theirs, own = (figure_at(one.metrics, "edited", "collections", "AUC") for one in (baseline, evaluation))
    if theirs and own:
        st.markdown(
            f"A baseline that was **trained on the files' facts alone** and sees no picture reaches AUC "
            f"**{say(theirs, '', n=False)}** on the collections' photos (n {count(theirs.n)}), the release "
            f"**{say(own, '', n=False)}** on the same (n {count(own.n)})."
        )
