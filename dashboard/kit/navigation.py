"""From one opened photo to the next, by button or key."""

from enum import Enum

import streamlit as st


class Back(Enum):
    """The wish to go back to the results."""

    RESULTS = "results"


BACK = Back.RESULTS


def draw_bar(order: list[int], index: int, back_to: str = "results") -> int | Back | None:
    """Draw back, previous and next; return the place of the photo that is wanted, `BACK`, or None to stay.

    Args:
        order: the photos as they are listed.
        index: the one that is opened.
        back_to: what back leads to.
    """
    place = order.index(index) if index in order else -1
    with st.container(horizontal=True, vertical_alignment="center"):
        back = st.button(f"Back to {back_to}", icon=":material/arrow_back:", shortcut="Esc", key="back")
        previous = st.button(
            "Previous", icon=":material/chevron_left:", shortcut="Left", key="previous", disabled=place <= 0
        )
        following = st.button(
            "Next", icon=":material/chevron_right:", shortcut="Right", key="next", disabled=place >= len(order) - 1
        )
        st.caption(
            f"Photo {place + 1} of {len(order)}, in the order of the {back_to.removeprefix('the ')}"
            if place >= 0
            else ""
        )
    if back:
        return BACK
    return order[place - 1] if previous else order[place + 1] if following else None


def choose_list(key: str) -> str:
    """Ask whether photos are listed as a gallery or as a table; return "Gallery" or "Table".

    Args:
        key: of the widget.
    """
    return (
        st.segmented_control(
            "View",
            ["Gallery", "Table"],
            default="Gallery",
            required=True,
            key=key,
            persist_state="session",
            label_visibility="collapsed",
        )
        or "Gallery"
    )
