"""What a probability and a verdict are worth: base rates, calibration, what abstaining buys."""

import streamlit as st

from dashboard.kit import choose_evaluation, markup, messages
from dashboard.views.calibration import curves, rates, risk
from pipeline.results.evaluation import Evaluation
from pipeline.words import verdicts

TITLE = "Calibration"
ICON = "⚖️"
GROUP = "Understand the models"
ORDER = 40


def render() -> None:
    """Draw base rates first, for they tell what a verdict means where it is used; then the probabilities."""
    st.title("Calibration and base rates", anchor=False)
    messages.how_to_read(
        "The rarer edits are among your photos, the more of the flagged ones are false alarms: start with the slider.",
        "Below it stands whether a probability is what it says, measured on photos that the models did not learn from.",
    )
    evaluation = choose_evaluation.choose()
    if evaluation is None:
        return
    if evaluation.dataset == "val":
        st.warning("Thresholds and probabilities were fitted to these very photos: all of this page flatters here.")
    st.subheader("What a verdict is worth", anchor=False)
    messages.live("base-rates", lambda: rates.draw_base_rates(evaluation), None)
    st.subheader("Are the probabilities what they say?", anchor=False)
    _draw_probabilities(evaluation)
    st.subheader("What abstaining buys", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        risk.draw_risk(evaluation)
    with right:
        risk.draw_label_sets(evaluation)


def _draw_probabilities(evaluation: Evaluation) -> None:
    edited = float((evaluation.predictions.label != "real").mean())
    st.caption(
        f"Of these photos {100 * edited:.0f} % are edited. Where fewer are, a photo with the same probability is less "
        "often edited than here, and where more are, more often."
    )
    _draw_rules(evaluation)
    for column, stage in zip(st.columns(2, gap="large"), verdicts.STAGES, strict=True):
        with column:
            curves.draw_reliability(evaluation, stage)
    st.markdown("**How far probabilities are off, by source**")
    st.caption(
        "Expected calibration error: how far what is said lies from what is found, on average over ranges of "
        "probability. 0.10 means that a 0.80 may as well be a 0.70 or a 0.90. With few photos it is above 0 even where "
        "the probabilities are right."
    )
    for column, stage in zip(st.columns(2, gap="large"), verdicts.STAGES, strict=True):
        with column:
            curves.draw_errors(evaluation, stage)


def _draw_rules(evaluation: Evaluation) -> None:
    """Quote how the release's probabilities were fitted, where its file is the one that was measured."""
    release = risk.measured_release(evaluation)
    if isinstance(release, str):
        return
    with st.expander("How this release's probabilities and thresholds were fitted"):
        for title, stage in (("Stage 1", release.edited), ("Stage 2", release.deepfake)):
            st.markdown(f"**{title}.** {markup.escaped(stage.rule)}")
