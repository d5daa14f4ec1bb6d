"""On which photos the release fails: slices, pairs of them, a tree of errors, skin tones, and photos saved again."""

from collections.abc import Callable

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.views.where_it_fails import originals, pairs, plot, tiers, tone, tree
from dashboard.views.where_it_fails.summary import say_summary
from pipeline.results.evaluation import Evaluation

TITLE = "Where it fails"
ICON = "🎯"
GROUP = "Understand the models"
ORDER = 30

PARTS: dict[str, Callable[[Evaluation], None]] = {
    "Slices": plot.draw,
    "Pairs of slices": pairs.draw,
    "Tree of errors": tree.draw,
    "Edit against original": originals.draw,
    "Fairness: skin tones": tone.draw,
    "After a re-save": tiers.draw,
}
"""Drawn one at a time: together their plots would keep a browser busy for seconds."""


def render() -> None:
    """Draw where an evaluation's errors lie."""
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "A slice is a part of the labelled photos with something in common, such as the kind of edit or the light.",
        "A dot is what was measured, its whisker the 95 % interval: slices whose whiskers overlap may well be equal.",
    )
    evaluation = choose_evaluation.choose()
    if evaluation is None:
        return
    _draw_summary(say_summary(evaluation.metrics))
    messages.live("where-it-fails", lambda: _draw_part(evaluation), None)


def _draw_summary(lines: list[str]) -> None:
    if lines:
        with st.container(border=True):
            st.markdown("\n\n".join(lines))


def _draw_part(evaluation: Evaluation) -> None:
    names = list(PARTS)
    chosen = st.segmented_control("Look closer", names, default=names[0], required=True, key="fails-part", wrap=True)
    PARTS[chosen or names[0]](evaluation)
