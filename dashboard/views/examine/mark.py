"""Marking a face by hand: a box drawn in the photo, or given by numbers, and a turn that sets the face upright."""

import streamlit as st

from dashboard.kit import box_drawing
from pipeline.face import TURNS, Turn, box_before, turn_by
from pipeline.marks import Mark
from pipeline.pictures.photo import Picture

FORWARD = {0: "as it is", 90: "↺ 90°", 180: "180°", 270: "↻ 90°"}


def ask_whether(at_first: bool, key: str) -> bool:
    """Ask whether a face is to be marked; nothing is drawn for it before."""
    return st.toggle(
        "Mark a face by hand", at_first, key=f"marking-{key}", help="Where none was found, or the wrong one."
    )


def ask_back(count: int, key: str) -> bool:
    """Offer to take back what was marked."""
    faces = "the marked face" if count == 1 else f"all {count} marked faces"
    return st.button(f"Take back {faces}", icon=":material/undo:", key=f"unmark-{key}")


def ask_mark(picture: Picture, width: int, height: int, key: str) -> Mark | None:
    """Ask for a box around a face; return it once the analyst wants it examined.

    Args:
        picture: the whole photo.
        width, height: of the photo itself, in pixels.
        key: of the photo, for the widgets.
    """
    st.markdown("Draw a box around the face, from forehead to chin, or give its edges in pixels.")
    turn: Turn = (
        st.segmented_control(
            "Turn the photo until the face stands upright",
            TURNS,
            default=0,
            required=True,
            format_func=lambda each: FORWARD[each],
            key=f"turn-{key}",
        )
        or 0
    )
    rgb = turn_by(picture.rgb, turn)
    upright = (height, width) if turn in (90, 270) else (width, height)
    box_drawn = box_drawing.ask_box(rgb, upright, f"draw-{key}-{turn}")
    box = box_drawing.ask_edges(box_drawn or box_drawing.middle(*upright), upright, f"{key}-{turn}-{box_drawn}")
    box_drawing.draw_preview(rgb, box, rgb.shape[1] / upright[0])
    if not st.button("Examine the marked face", type="primary", key=f"mark-{key}"):
        return None
    return Mark(box_before(box, turn, width, height), turn)
