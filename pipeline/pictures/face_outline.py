"""A coarse map, or the parts that were edited, on the outline of a canonical face: shown where no photo is at hand."""

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LEFT_BROW, LIPS, NOSE, OVAL, RIGHT_BROW
from pipeline.pictures.overlay import DIVERGING, shades
from pipeline.regions import part_hull
from pipeline.results.canonical import canonical_face

CLOSED = (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LIPS, NOSE, LEFT_BROW, RIGHT_BROW)
GREY = (127, 127, 127)
TRUTH = (0, 158, 115)
"""Of the outline of a truly edited part: neither of a map's colours."""
FAINTEST = 0.15
"""Opacity of the weakest cells of a single map that are painted at all."""
FADE = 0.75
"""Of maps beside each other: opacity is a value's share of the scale to this power, 0 at 0, so that nothing looks like
a border."""


def face_outline(
    grid: np.ndarray | None = None,
    scale: float | None = None,
    fade: float | None = None,
    parts: Sequence[str] = (),
    side: int = 192,
) -> bytes:
    """Draw a map, orange for the label and blue against it, on the canonical face's outline; PNG.

    A map of one sign keeps these colours, so that several maps share one legend. It is the more transparent the weaker
    it is.

    Args:
        grid: (16, 16) float, signed, NaN where unknown; None draws the outline alone.
        scale: magnitude that counts as strongest; None takes the map's own. Nothing is painted at 0.
        fade: power of a value's share of the scale that is its opacity. None for a map that stands alone: the opacity
            rises evenly from `FAINTEST`, and what is next to nothing is left out.
        parts: names of `REGION_NAMES` to outline in `TRUTH`.
        side: of the picture in pixels.
    """
    lines, canvas = _lines(side), np.zeros((side, side, 4), np.uint8)
    strongest = 0.0
    if grid is not None and np.isfinite(grid).any():
        grid = np.nan_to_num(grid.astype(np.float32))
        strongest = float(np.abs(grid).max()) if scale is None else scale
    if grid is not None and strongest > 0:
        canvas = _paint(cv2.resize(grid, (side, side), interpolation=cv2.INTER_LINEAR) / strongest, fade)
    if fade is None:
        picture = _under(canvas, lines)
    else:
        picture = Image.alpha_composite(Image.fromarray(canvas, "RGBA"), _under(np.zeros_like(canvas), lines))
    if parts:
        picture = Image.alpha_composite(picture, _outlines(parts, side))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _lines(side: int) -> np.ndarray:
    """Draw the canonical face: oval, eyes, brows, nose and lips; (side, side) uint8."""
    lines = np.zeros((side, side), np.uint8)
    points = canonical_face() * side
    for part in (OVAL, *CLOSED):
        hull = points[list(part)] if part is OVAL else cv2.convexHull(points[list(part)].astype(np.float32))[:, 0]
        fixed = np.round(hull * 16).astype(np.int32)
        cv2.polylines(lines, [fixed], True, 255, max(1, side // 128), cv2.LINE_AA, 4)
    return lines


def _paint(share: np.ndarray, fade: float | None) -> np.ndarray:
    """Paint a map that is given as shares of its scale; (side, side, 4) uint8, its opacity by `fade`."""
    share = np.clip(share, -1, 1)
    magnitude = np.abs(share)
    if fade is None:
        opacity = np.where(magnitude < 0.02, 0, FAINTEST + (1 - FAINTEST) * magnitude)
    else:
        opacity = magnitude**fade
    return np.dstack([shades(share / 2 + 0.5, DIVERGING), (255 * opacity).astype(np.uint8)])


def _under(canvas: np.ndarray, lines: np.ndarray) -> Image.Image:
    """Return a picture under grey lines, whose opacity it takes on where they are the stronger."""
    line = lines[..., None].astype(np.float32) / 255
    colours = (canvas[..., :3] * (1 - line) + np.array(GREY) * line).astype(np.uint8)
    return Image.fromarray(np.dstack([colours, np.maximum(canvas[..., 3], lines)]), "RGBA")


def _outlines(parts: Sequence[str], side: int) -> Image.Image:
    lines, halo = np.zeros((2, side, side), np.uint8)
    for part in parts:
        hull = np.round(part_hull(canonical_face() * side, part) * 16).astype(np.int32)
        cv2.polylines(halo, [hull], True, 255, max(4, side // 34), cv2.LINE_AA, 4)
        cv2.polylines(lines, [hull], True, 255, max(2, side // 64), cv2.LINE_AA, 4)
    ink = lines[..., None] / 255 * np.array(TRUTH) + (1 - lines[..., None] / 255) * 255
    return Image.fromarray(np.dstack([ink.astype(np.uint8), np.maximum(lines, halo)]), "RGBA")
