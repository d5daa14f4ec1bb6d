"""On which photos the release fails: slices, pairs of them, a tree of errors, skin tones, and photos saved again."""

from collections.abc import Callable

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.views.where_it_fails import originals, pairs, plot, summary, tiers, tone, tree
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
    shown = choose_evaluation.choose()
    if shown is None:
        return
    summary.draw(shown.metrics)
    messages.live("where-it-fails", lambda: _part(shown), None)


def _part(shown: Evaluation) -> None:
    names = list(PARTS)
    chosen = st.segmented_control("Look closer", names, default=names[0], required=True, key="fails-part", wrap=True)
    PARTS[chosen or names[0]](shown)
