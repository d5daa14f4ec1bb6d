"""A release at a glance: how far to trust it, and where to look next."""

from typing import Any

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.session import evaluations, route, widgets
from dashboard.views.overview import answers, plots, tiles
from dashboard.views.overview import beside as overview_beside
from dashboard.views.overview import limits as overview_limits
from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import Evaluation
from pipeline.results.index import Found, beside, newest

TITLE = "Overview"
ICON = "🧭"
GROUP = "Understand the models"
ORDER = 10

NEXT = {
    "Errors": "which photos, exactly?",
    "Where it fails": "and after a re-save?",
    "Calibration": "how sure is sure?",
    "Shortcuts": "is it only the data set?",
    "Heatmaps": "can they be believed?",
    "Compare": "better than another?",
    "Model cards": "trained on what?",
}
"""Questions that other pages answer."""


def render() -> None:
    """Draw the release's figures, the plainest first."""
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "First in sentences how often this release is wrong on photos that it never saw; then the figures behind them.",
        "Brackets and whiskers are 95 % intervals: the truth may lie anywhere in them. n is the number of photos.",
    )
    shown = choose_evaluation.choose(("test",), key="overview")
    if shown is None:
        return
    unseen = _unseen(shown.release)
    _at_a_glance(shown, unseen)
    _links()
    widgets.paint("overview")
    tiles.stages(shown.metrics)
    tiles.joint(shown.metrics)
    st.subheader("Where it errs", anchor=False)
    plots.cascade(shown.metrics)
    first, second = st.columns(2, gap="medium")
    with first:
        plots.by_kind(shown.metrics)
    with second:
        plots.by_source(shown.metrics, unseen)
    _beside(shown)


def _at_a_glance(shown: Evaluation, unseen: dict[str, Any] | None) -> None:
    said, limits = st.columns([3, 2], gap="large")
    with said:
        st.subheader("How far to trust it", anchor=False)
        answers.draw(answers.answers(shown.metrics, unseen))
    with limits:
        overview_limits.draw(shown.run)


def _unseen(release: str) -> dict[str, Any] | None:
    """Return the release's figures on sources that no model saw; None, with a message, where they cannot be read."""
    found = evaluations.newest(release, "unseen")
    return _figures(found) if found else None


def _figures(found: Found) -> dict[str, Any] | None:
    try:
        return evaluations.figures(found.path)
    except BadEvaluation as problem:
        messages.tell(problem)
        return None


def _links() -> None:
    there = {title: page for title in NEXT if (page := route.page(title)) is not None}
    if there:
        with st.container(horizontal=True):
            for title, page in there.items():
                st.page_link(page, label=f"**{title}**: {NEXT[title]}", icon=":material/arrow_forward:")


def _beside(shown: Evaluation) -> None:
    """Draw baselines measured on the very same photos, and the releases measured on a data set of this name."""
    releases = newest(evaluations.evaluations(), shown.dataset)
    others = newest(evaluations.baselines(), shown.dataset)
    same = [one for one in others if one.run.get("revision") == shown.run.get("revision")]
    mine = Found(shown.path, shown.run)
    overview_beside.baselines(
        _table([mine, *same]),
        shown.release,
        [str(one.run["release"]) for one in others if one not in same],
        {str(one.run["release"]): overview_beside.what(one.run) for one in (mine, *same)},
    )
    overview_beside.trend(_table(releases))


def _table(found: list[Found]) -> Any:
    read = [(one, figures) for one in found if (figures := _figures(one)) is not None]
    return beside([one for one, _ in read], [figures for _, figures in read])
