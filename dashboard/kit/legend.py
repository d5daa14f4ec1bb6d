"""The colour scale of maps."""

import html

import streamlit as st

from pipeline.pictures.overlay import DIVERGING


def draw_legend(low: str, middle: str, high: str, caption: str) -> None:
    """Draw the colour scale with its ends and its middle, and a line of words under it."""
    colours = ", ".join(f"rgb({red}, {green}, {blue})" for red, green, blue in DIVERGING)
    ends = "".join(f"<span>{html.escape(one)}</span>" for one in (low, middle, high))
    st.html(
        f'<div class="tt-scale" style="background:linear-gradient(to right, {colours})"></div>'
        f'<div class="tt-ends">{ends}</div>'
    )
    st.caption(caption)
