"""A release at a glance: how far to trust it, and where to look next."""

from typing import Any

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.session import evaluations, route, widgets
from dashboard.views.overview import beside as overview_beside
from dashboard.views.overview import limits as overview_limits
from dashboard.views.overview import plots, tiles
from dashboard.views.overview.answers import draw_answers
from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import Evaluation
from pipeline.results.index import EvaluationFolder, beside, in_order_of_release, newest, on_the_same
from pipeline.words import answers

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
    evaluation = choose_evaluation.choose(("test",), key="overview")
    if evaluation is None:
        return
    unseen = _read_unseen(evaluation.release)
    _draw_glance(evaluation, unseen)
    _draw_links()
    widgets.paint("overview")
    tiles.draw_stages(evaluation.metrics)
    tiles.draw_joint(evaluation.metrics)
    st.subheader("Where it errs", anchor=False)
    plots.draw_cascade(evaluation.metrics)
    first, second = st.columns(2, gap="medium")
    with first:
        plots.draw_by_kind(evaluation.metrics)
    with second:
        plots.draw_by_source(evaluation.metrics, unseen)
    _draw_beside(evaluation)


def _draw_glance(evaluation: Evaluation, unseen: dict[str, Any] | None) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("How far to trust it", anchor=False)
        draw_answers(answers.answers(evaluation.metrics, unseen))
    with right:
        overview_limits.draw_limits(evaluation.run)


def _read_unseen(release: str) -> dict[str, Any] | None:
    """Return the release's figures on sources that no model saw, or None; a message says where they are damaged."""
    newest_unseen = evaluations.newest(release, "unseen")
    if newest_unseen is None:
        return None
    choose_evaluation.warn_of_unseen(release, newest_unseen.run)
    return _read_figures(newest_unseen)


def _read_figures(folder: EvaluationFolder) -> dict[str, Any] | None:
    try:
        return evaluations.read_figures(folder.path)
    except BadEvaluation as problem:
        messages.show_error(problem)
        return None


def _draw_links() -> None:
    there = {title: page for title in NEXT if (page := route.page(title)) is not None}
    if there:
        with st.container(horizontal=True):
            for title, page in there.items():
                st.page_link(page, label=f"**{title}**: {NEXT[title]}", icon=":material/arrow_forward:")


def _draw_beside(evaluation: Evaluation) -> None:
    """Draw baselines measured on the very same photos, and the releases measured on a data set of this name."""
    releases = in_order_of_release(newest(evaluations.evaluations(), evaluation.dataset))
    every = evaluations.baselines()
    same = newest(list(on_the_same(evaluation.run, every))[::-1], evaluation.dataset)
    names = [str(one.run["release"]) for one in same]
    others = [str(one.run["release"]) for one in newest(every, evaluation.dataset)]
    mine = EvaluationFolder(evaluation.path, evaluation.run)
    overview_beside.draw_baselines(
        _table_of([mine, *same]),
        evaluation.release,
        [name for name in others if name not in names],
        {str(one.run["release"]): overview_beside.say_baseline(one.run) for one in (mine, *same)},
    )
    overview_beside.draw_trend(_table_of(releases))


def _table_of(folders: list[EvaluationFolder]) -> Any:
    read = [(one, figures) for one in folders if (figures := _read_figures(one)) is not None]
    return beside([one for one, _ in read], [figures for _, figures in read])
