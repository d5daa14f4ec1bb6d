"""A photo's coarse map on the outline of a canonical face: shown where the photo itself is not on this machine."""

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from models.regions import REGION_NAMES
from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LEFT_BROW, LIPS, NOSE, OVAL, RIGHT_BROW
from pipeline.pictures.overlay import DIVERGING, shades
from pipeline.regions import hull_of
from pipeline.results.canonical import canonical_face

CLOSED = (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LIPS, NOSE, LEFT_BROW, RIGHT_BROW)
GREY = (127, 127, 127)
FAINTEST = 0.15
"""Opacity of a map's weakest cells."""


def face_map(grid: np.ndarray | None, side: int = 192, scale: float | None = None) -> bytes:
    """Draw a map, orange for the label and blue against it, under the canonical face's outline; PNG.

    It is the more transparent the weaker it is.

    Args:
        grid: (16, 16) float, signed, NaN where unknown; None draws the outline alone.
        side: of the picture in pixels.
        scale: magnitude that counts as strongest; None takes the map's own.
    """
    canvas = np.zeros((side, side, 4), np.uint8)
    if grid is not None and np.isfinite(grid).any():
        canvas = _painted(np.nan_to_num(grid.astype(np.float32)), side, scale)
    lines = np.zeros((side, side), np.uint8)
    points = canonical_face() * side
    for part, closed in ((OVAL, True), *((part, True) for part in CLOSED)):
        hull = points[list(part)] if part is OVAL else cv2.convexHull(points[list(part)].astype(np.float32))[:, 0]
        fixed = np.round(hull * 16).astype(np.int32)
        cv2.polylines(lines, [fixed], closed, 255, max(1, side // 128), cv2.LINE_AA, 4)
    line = lines[..., None].astype(np.float32) / 255
    canvas[..., :3] = (canvas[..., :3] * (1 - line) + np.array(GREY) * line).astype(np.uint8)
    canvas[..., 3] = np.maximum(canvas[..., 3], lines)
    buffer = io.BytesIO()
    Image.fromarray(canvas, "RGBA").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _painted(grid: np.ndarray, side: int, scale: float | None) -> np.ndarray:
    strongest = scale or float(np.abs(grid).max())
    canvas = np.zeros((side, side, 4), np.uint8)
    if not strongest:
        return canvas
    share = np.clip(cv2.resize(grid, (side, side), interpolation=cv2.INTER_LINEAR) / strongest, -1, 1)
    canvas[..., :3] = shades(share / 2 + 0.5, DIVERGING)  # also of one sign: many maps stand beside each other
    magnitude = np.abs(share)
    canvas[..., 3] = (255 * np.where(magnitude < 0.02, 0, FAINTEST + (1 - FAINTEST) * magnitude)).astype(np.uint8)
    return canvas


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
        picture = Image.alpha_composite(_signed(grid, scale, side), picture)
    if parts:
        picture = Image.alpha_composite(picture, _outlines(parts, side))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _signed(grid: np.ndarray, scale: float, side: int) -> Image.Image:
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
