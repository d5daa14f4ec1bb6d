"""A photo's coarse map on the outline of a canonical face: shown where the photo itself is not on this machine."""

import io

import cv2
import numpy as np
from PIL import Image

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LEFT_BROW, LIPS, NOSE, OVAL, RIGHT_BROW
from pipeline.overlay import DIVERGING, shades
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
