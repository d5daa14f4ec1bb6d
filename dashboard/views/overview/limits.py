"""What a release must not be used for: from the cards of its weights."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.kit import markup, messages
from models.card import Card, read_card
from models.release import read_release, release_names
from pipeline.errors import TriageError
from pipeline.verdict import CAUTION


def cards_of(run: Mapping[str, Any]) -> list[Card]:
    """Return the cards of the weights that an evaluation measured, which its run.json names, or its release.

    Raises:
        UnknownName, WeightsMissing, WeightsMismatch: there is no such release or card here, or it is damaged.
    """
    weights = list(run.get("weights") or ())
    if not weights:
        release = read_release(str(run["release"]))
        weights = [release.edited.weights, release.deepfake.weights]
    return [read_card(str(one)) for one in weights]


def draw_limits(run: Mapping[str, Any]) -> None:
    """Draw the caution and what the cards say; where a card is missing, that is said in its place."""
    with st.container(border=True):
        st.markdown("**What it must not be used for**")
        cards = _read_cards(run)
        _draw_sentences([one.limits for one in cards], "The cards do not say.")
        st.markdown(f"**Always:** {markup.escaped(CAUTION)}")
        if cards:
            st.markdown("**What it is for**")
            _draw_sentences([one.intended for one in cards], "The cards do not say.")


def _read_cards(run: Mapping[str, Any]) -> list[Card]:
    """Return the cards; where they are not here, say whether they are missing or of a release of before."""
    try:
        return cards_of(run)
    except TriageError as problem:
        name = str(run["release"])
        if name in release_names():
            messages.show_error(problem)
        else:
            st.info(
                f"Release {markup.escaped(name)} is not kept here any more: its figures are, to compare with; its "
                "weights and their cards are not."
            )
    return []


def _draw_sentences(texts: Sequence[str], otherwise: str) -> None:
    """Draw texts sentence by sentence, each once however many cards say it."""
    parts = [part for text in texts for part in sentences(text)]
    if parts:
        st.markdown("\n".join(f"- {markup.escaped(part)}" for part in dict.fromkeys(parts)))
    elif texts:
        st.caption(otherwise)


def sentences(text: str) -> list[str]:
    """Split a text after each full stop, question or exclamation mark that a capital follows."""
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z“])", text.strip()) if part]
