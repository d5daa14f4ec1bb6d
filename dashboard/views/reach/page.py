"""What to look at first: how likely a photo was edited, times how many see it."""

import streamlit as st

from dashboard.kit import messages

TITLE = "Reach"
ICON = "📣"
GROUP = "Investigate"
ORDER = 3


def render() -> None:
    """Draw what to do first, or the photos of a source ranked by what they and a file of figures tell."""
    from dashboard.views.reach import address, start, style, whole  # they bring the database's library: a second

    st.html(style.STYLE)
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "Photos that were likely edited and that many people see come first: expected harm is the calibrated "
        "probability of editing times the reach. It is an order to look in, no finding.",
        "Probabilities are often wrong on kinds of photo that the models never saw. No warning does not mean genuine.",
    )
    figures = address.figures()
    if figures:
        whole.draw_whole(figures)
    else:
        start.draw_start()
