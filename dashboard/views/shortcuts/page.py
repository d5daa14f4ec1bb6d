"""Does it just recognise the data set? The shortcut audit, split leakage, and sources left out."""

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.views.shortcuts import beside, folds, leaks, left_out, wording
from dashboard.views.shortcuts.audit import choose_audit, draw_about, draw_before_and_after, draw_consequences

TITLE = "Shortcuts"
ICON = "🧪"
GROUP = "Understand the models"
ORDER = 50


def render() -> None:
    """Draw the audit first, then what it means for the release that is chosen."""
    st.title("Shortcuts: does it just recognise the data set?", anchor=False)
    messages.how_to_read(
        "A model can look good by recognising where a photo comes from. Here simple models try just that.",
        "What they can tell without seeing the edit is a shortcut; guessing is half right, with two classes.",
    )
    evaluation = choose_evaluation.choose(("test",), key="shortcuts")
    audit = choose_audit()
    if audit is not None:
        st.markdown(wording.WHAT_IT_IS)
        with st.container(border=True):
            st.markdown(wording.say_answer(audit))
            st.markdown("\n".join(f"- {line}" for line in wording.say_examples(audit)))
            st.markdown(wording.say_traces(audit))
        draw_about(audit, evaluation)
        st.subheader("Before and after equalising", anchor=False)
        messages.live("shortcuts", lambda: draw_before_and_after(audit), None)
        draw_consequences(audit)
        if evaluation is not None:
            st.subheader("The release beside the shortcuts", anchor=False)
            beside.draw_beside(audit, evaluation)
        st.subheader("Was it tested on photos that it knows?", anchor=False)
        leaks.draw_leaks(audit)
    if evaluation is not None:
        st.subheader("On a collection that it did not learn from", anchor=False)
        left_out.draw_left_out(evaluation)
        folds.draw_folds(evaluation, *folds.read_folds(evaluation))
