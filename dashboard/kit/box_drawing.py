"""A box in a photo, drawn with the pointer or given by numbers."""

import base64
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.kit.theme import ink
from pipeline.face import Box
from pipeline.pictures.photo import jpeg

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 420
GRID = 24
"""Points a side that lie unseen over the photo: plotly lets a box be drawn only where there is something to select."""
EDGES = ("Left", "Top", "Right", "Bottom")


def middle(width: int, height: int) -> Box:
    """Return the box in the middle of a photo, half as large as its shorter side."""
    side = min(width, height) / 2
    return ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)


def ask_box(rgb: np.ndarray, size: tuple[int, int], key: str) -> Box | None:
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


def ask_edges(box: Box, size: tuple[int, int], key: str) -> Box:
    """Ask for the edges by numbers, those of the drawn box first."""
    limits = (size[0], size[1], size[0], size[1])
    chosen = []
    for column, name, edge, limit in zip(st.columns(4, gap="xsmall"), EDGES, box, limits, strict=True):
        value = min(max(0, round(edge)), limit)
        chosen.append(float(column.number_input(f"{name}, px", 0, limit, value, 1, key=f"{name}-{key}")))
    return (chosen[0], chosen[1], chosen[2], chosen[3])


def draw_preview(rgb: np.ndarray, box: Box, scale: float) -> None:
    """Show what the box holds."""
    x0, y0, x1, y1 = (round(edge * scale) for edge in box)
    part = rgb[y0:y1, x0:x1]
    if min(part.shape[:2]) < 2:
        st.caption("The box is empty: its left edge must lie left of the right one, its top above its bottom.")
        return
    st.image(jpeg(part), width=140, caption="What the box holds", alt="What the marked box holds")
