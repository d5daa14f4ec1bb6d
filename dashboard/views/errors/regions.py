"""The edited parts of a face, painted on the canonical outline that stands beside the map."""

import io

import cv2
import numpy as np
from PIL import Image

from pipeline.pictures.face_outline import face_outline
from pipeline.regions import part_hull, parts_of, region_bits
from pipeline.results.canonical import canonical_face

EDITED = (213, 94, 0)
STRIPE = 5
"""Pixels from one stripe to the next, of a picture 192 pixels wide."""


def paint_regions(regions: str, side: int = 192) -> bytes:
    """Paint the parts that were edited, striped, on the canonical face's outline; PNG, transparent elsewhere.

    Args:
        regions: region bits such as "0101"; of any other text the outline alone is painted.
        side: of the picture in pixels.
    """
    canvas = np.zeros((side, side, 4), np.uint8)
    mask = np.zeros((side, side), np.uint8)
    for name in parts_of(regions) if region_bits(regions) else ():
        cv2.fillPoly(mask, [np.round(part_hull(canonical_face(), name) * side).astype(np.int32)], 255, cv2.LINE_AA)
    rows, columns = np.indices((side, side))
    stripes = (rows + columns) // max(1, side * STRIPE // 192) % 2 == 0
    canvas[..., :3] = EDITED
    canvas[..., 3] = np.where(stripes, mask // 10 * 9, mask // 3)
    image = Image.fromarray(canvas, "RGBA")
    image.alpha_composite(Image.open(io.BytesIO(face_outline(side=side))))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
