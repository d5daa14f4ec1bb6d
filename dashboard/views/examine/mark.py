"""Marking a face by hand: a box drawn in the photo, or given by numbers, and a turn that sets the face upright."""

import base64
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.kit.theme import ink
from pipeline.face import TURNS, Box, Turn, box_before, turn_by
from pipeline.marks import Mark
from pipeline.pictures.photo import Picture, jpeg

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 420
GRID = 24
"""Points a side that lie unseen over the photo: plotly lets a box be drawn only where there is something to select."""
EDGES = ("Left", "Top", "Right", "Bottom")
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
    box_drawn = _ask_box(rgb, upright, f"draw-{key}-{turn}")
    box = _ask_edges(box_drawn or _middle(*upright), upright, f"{key}-{turn}-{box_drawn}")
    _draw_preview(rgb, box, rgb.shape[1] / upright[0])
    if not st.button("Examine the marked face", type="primary", key=f"mark-{key}"):
        return None
    return Mark(box_before(box, turn, width, height), turn)


def _middle(width: int, height: int) -> Box:
    side = min(width, height) / 2
    return ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)


def _ask_box(rgb: np.ndarray, size: tuple[int, int], key: str) -> Box | None:
    """Draw the photo; return the box drawn in it, in photo pixels as turned, or None."""
    event = st.plotly_chart(
        plot_of(rgb, size),
        key=key,
        on_select="rerun",
        selection_mode=["box"],
        config={"displaylogo": False, "displayModeBar": False},
        alt="The photo, to draw a box in",
    )
    boxes = event.selection.box if event else []
    if not boxes:
        return None
    (x0, x1), (y0, y1) = sorted(boxes[-1]["x"]), sorted(boxes[-1]["y"])
    return (max(0.0, x0), max(0.0, y0), min(x1, size[0]), min(y1, size[1]))


def plot_of(rgb: np.ndarray, size: tuple[int, int]) -> "Figure":
    """Return a photo as a plot in which a box can be drawn.

    Args:
        rgb: (h, w, 3) uint8.
        size: width and height that its axes count, in pixels.
    """
    import plotly.graph_objects as go

    width, height = size
    columns, rows = np.meshgrid(np.linspace(0, width, GRID), np.linspace(0, height, GRID))
    unseen = {"marker": {"opacity": 0}}
    plot = go.Figure()
    plot.add_scatter(
        x=columns.ravel(),
        y=rows.ravel(),
        mode="markers",
        marker={"opacity": 0, "size": 1},
        hoverinfo="skip",
        selected=unseen,
        unselected=unseen,
    )
    picture = f"data:image/jpeg;base64,{base64.b64encode(jpeg(rgb)).decode()}"
    plot.add_layout_image(
        source=picture, x=0, y=0, sizex=width, sizey=height, xref="x", yref="y", sizing="stretch", layer="below"
    )
    line = {"color": "#E69F00", "width": 3, "dash": "solid"}
    plot.update_layout(
        dragmode="select",
        newselection={"line": line},
        height=HEIGHT,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        font_color=ink(),
    )
    plot.update_xaxes(range=[0, width], visible=False, constrain="domain")
    plot.update_yaxes(range=[height, 0], visible=False, scaleanchor="x", constrain="domain")
    return plot


def _ask_edges(box: Box, size: tuple[int, int], key: str) -> Box:
    """Ask for the edges by numbers, those of the drawn box first."""
    limits = (size[0], size[1], size[0], size[1])
    chosen = []
    for column, name, edge, limit in zip(st.columns(4, gap="xsmall"), EDGES, box, limits, strict=True):
        value = min(max(0, round(edge)), limit)
        chosen.append(float(column.number_input(f"{name}, px", 0, limit, value, 1, key=f"{name}-{key}")))
    return (chosen[0], chosen[1], chosen[2], chosen[3])


def _draw_preview(rgb: np.ndarray, box: Box, scale: float) -> None:
    """Show what the box holds."""
    x0, y0, x1, y1 = (round(edge * scale) for edge in box)
    part = rgb[y0:y1, x0:x1]
    if min(part.shape[:2]) < 2:
        st.caption("The box is empty: its left edge must lie left of the right one, its top above its bottom.")
        return
    st.image(jpeg(part), width=140, caption="What the box holds", alt="What the marked box holds")
