"""Does it just recognise the data set? The shortcut audit, split leakage, and sources left out."""

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.views.shortcuts import audit as shortcut_audit
from dashboard.views.shortcuts import beside, folds, leaks, left_out, wording

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
    shown = choose_evaluation.choose(("test",), key="shortcuts")
    audit = shortcut_audit.choose()
    if audit is not None:
        st.markdown(wording.WHAT_IT_IS)
        with st.container(border=True):
            st.markdown(wording.answer(audit))
            st.markdown("\n".join(f"- {line}" for line in wording.examples(audit)))
            st.markdown(wording.traces(audit))
        shortcut_audit.about(audit, shown)
        st.subheader("Before and after equalising", anchor=False)
        messages.live("shortcuts", lambda: shortcut_audit.before_and_after(audit), None)
        shortcut_audit.consequences(audit)
        if shown is not None:
            st.subheader("The release beside the shortcuts", anchor=False)
            beside.section(audit, shown)
        st.subheader("Was it tested on photos that it knows?", anchor=False)
        leaks.section(audit)
    if shown is not None:
        st.subheader("On a collection that it did not learn from", anchor=False)
        left_out.section(shown)
        folds.section(shown)
