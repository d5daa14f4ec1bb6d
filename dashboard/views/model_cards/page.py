"""What is known of each release: its weights' cards, thresholds and rules."""

import streamlit as st

from dashboard.kit import choose_release, messages
from dashboard.views.model_cards import card
from models.card import read_card
from models.release import read_release, release_names

TITLE = "Model cards"
ICON = "📇"
GROUP = "Reference"
ORDER = 10


def render() -> None:
    """Draw one release and both its stages."""
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "A release is two trained models with their thresholds; every verdict names the one that said so.",
        "The held-out figures say how often it is wrong on photos like its training data; on others it is worse.",
    )
    names = release_names()[::-1]
    newest = read_release().name
    picked = st.selectbox(
        "Release", names, names.index(newest), format_func=choose_release.with_word, key="card-release"
    )
    chosen = read_release(picked)
    card.draw_release(chosen)
    first, second = st.columns(2, gap="large")
    with first:
        st.subheader("Stage 1: edited, or not?", anchor=False)
        card.draw_stage(chosen.edited, read_card(chosen.edited.weights))
    with second:
        st.subheader("Stage 2: deepfake, or retouching?", anchor=False)
        card.draw_stage(chosen.deepfake, read_card(chosen.deepfake.weights))
