"""Maps on the canonical face in one colour scale for both signs, with the truly edited parts outlined."""

import html
import io
from collections.abc import Sequence

import cv2
import numpy as np
import streamlit as st
from PIL import Image

from dashboard.draw.face_map import face_map
from models.regions import REGION_NAMES
from pipeline.overlay import DIVERGING, shades
from pipeline.regions import hull_of
from pipeline.results.canonical import canonical_face

TRUTH = (0, 158, 115)
"""Of the outline of a truly edited part: neither of a map's colours."""
FADE = 0.75
"""Opacity is a value's share of the scale to this power: 0 at 0, without a step that would look like a border."""


def signed_map(grid: np.ndarray | None, scale: float, parts: Sequence[str] = (), side: int = 192) -> bytes:
    """Draw a map, orange for the label and blue against it, on the canonical face's outline; PNG.

    Unlike `face_map` it keeps these colours where a map has one sign only, so that several maps share one legend.

    Args:
        grid: (16, 16) float, signed, NaN where unknown; None draws the outline alone.
        scale: magnitude that counts as strongest.
        parts: names of `REGION_NAMES` to outline.
        side: of the picture in pixels.
    """
    with Image.open(io.BytesIO(face_map(None, side))) as lines:
        picture = lines.convert("RGBA")
    if grid is not None and scale > 0:
        picture = Image.alpha_composite(_painted(grid, scale, side), picture)
    if parts:
        picture = Image.alpha_composite(picture, _outlines(parts, side))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _painted(grid: np.ndarray, scale: float, side: int) -> Image.Image:
    full = cv2.resize(np.nan_to_num(grid.astype(np.float32)), (side, side), interpolation=cv2.INTER_LINEAR)
    share = np.clip(full / scale, -1, 1)
    opacity = np.abs(share) ** FADE
    colours = np.dstack([shades(share / 2 + 0.5, DIVERGING), (255 * opacity).astype(np.uint8)])
    return Image.fromarray(colours, "RGBA")


def _outlines(parts: Sequence[str], side: int) -> Image.Image:
    lines, halo = np.zeros((2, side, side), np.uint8)
    for part in parts:
        hull = np.round(hull_of(canonical_face() * side, part) * 16).astype(np.int32)
        cv2.polylines(halo, [hull], True, 255, max(4, side // 34), cv2.LINE_AA, 4)
        cv2.polylines(lines, [hull], True, 255, max(2, side // 64), cv2.LINE_AA, 4)
    ink = lines[..., None] / 255 * np.array(TRUTH) + (1 - lines[..., None] / 255) * 255
    return Image.fromarray(np.dstack([ink.astype(np.uint8), np.maximum(lines, halo)]), "RGBA")


def parts_of(regions: str) -> list[str]:
    """Return the names of the parts that region bits such as "0101" mark."""
    return [name for name, bit in zip(REGION_NAMES, regions, strict=True) if bit == "1"]


def legend(low: str, middle: str, high: str, said: str) -> None:
    """Draw the colour scale with its ends and its middle, and a line of words under it."""
    colours = ", ".join(f"rgb({red}, {green}, {blue})" for red, green, blue in DIVERGING)
    ends = "".join(f"<span>{html.escape(one)}</span>" for one in (low, middle, high))
    st.html(f'<div class="tt-scale" style="background:linear-gradient(to right, {colours})"></div>'
            f'<div class="tt-ends">{ends}</div>')  # fmt: skip
    st.caption(said)
