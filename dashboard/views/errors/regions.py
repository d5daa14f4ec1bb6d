"""Which parts of a face were edited, drawn on the canonical outline beside the map."""

import io

import cv2
import numpy as np
from PIL import Image

from models.regions import REGION_NAMES
from pipeline.pictures.face_outline import face_map
from pipeline.regions import hull_of
from pipeline.results.canonical import canonical_face

EDITED = (213, 94, 0)
STRIPE = 5
"""Pixels from one stripe to the next, of a picture 192 pixels wide."""


def parts_of(bits: str) -> tuple[str, ...] | None:
    """Return the parts that "1010" says were edited, of `REGION_NAMES`; None where the truth is not known."""
    if len(bits) != len(REGION_NAMES) or set(bits) - {"0", "1"}:
        return None
    return tuple(name for name, bit in zip(REGION_NAMES, bits, strict=True) if bit == "1")


def said(bits: str) -> str:
    """Say which parts were edited."""
    parts = parts_of(bits)
    if parts is None:
        return "It is not known which parts were edited."
    if not parts:
        return "None of the four parts was edited."
    if len(parts) == len(REGION_NAMES):
        return "Striped: all four parts were edited, or the whole face."
    return f"Striped, edited: {', '.join(parts)} (left and right as in the picture)."


def region_map(bits: str, side: int = 192) -> bytes:
    """Draw the parts that were edited, striped, on the canonical face's outline; PNG, transparent elsewhere.

    Args:
        bits: one a part of `REGION_NAMES`; the outline alone where they are not known.
        side: of the picture in pixels.
    """
    canvas = np.zeros((side, side, 4), np.uint8)
    mask = np.zeros((side, side), np.uint8)
    for name in parts_of(bits) or ():
        cv2.fillPoly(mask, [np.round(hull_of(canonical_face(), name) * side).astype(np.int32)], 255, cv2.LINE_AA)
    rows, columns = np.indices((side, side))
    stripes = (rows + columns) // max(1, side * STRIPE // 192) % 2 == 0
    canvas[..., :3] = EDITED
    canvas[..., 3] = np.where(stripes, mask // 10 * 9, mask // 3)
    image = Image.fromarray(canvas, "RGBA")
    image.alpha_composite(Image.open(io.BytesIO(face_map(None, side))))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
