"""From one opened photo to the next, by button or key."""

from enum import Enum

import streamlit as st


class Back(Enum):
    """The wish to go back to the results."""

    RESULTS = "results"


BACK = Back.RESULTS


def draw_bar(order: list[int], index: int) -> int | Back | None:
    """Draw back, previous and next; return the place of the photo that is wanted, `BACK`, or None to stay."""
    place = order.index(index) if index in order else -1
    with st.container(horizontal=True, vertical_alignment="center"):
        back = st.button("Back to results", icon=":material/arrow_back:", shortcut="Esc", key="back")
        previous = st.button(
            "Previous", icon=":material/chevron_left:", shortcut="Left", key="previous", disabled=place <= 0
        )
        following = st.button(
            "Next", icon=":material/chevron_right:", shortcut="Right", key="next", disabled=place >= len(order) - 1
        )
        st.caption(f"Photo {place + 1} of {len(order)}, in the order of the results" if place >= 0 else "")
    if back:
        return BACK
    return order[place - 1] if previous else order[place + 1] if following else None
