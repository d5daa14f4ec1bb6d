"""`Picture`: a photo, or a part of it, small enough to show; and its faces' boxes on it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.examination import FaceExamination
from pipeline.photo import Photo

Window = tuple[float, float, float, float]
LONGEST = 1280
"""Longer side in pixels at which photos are shown."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A part of a photo, shrunk for showing.

    Attributes:
        rgb: (h, w, 3) uint8, the longer side at most 1280.
        left, top: of the part in photo pixels.
        scale: shown pixels a photo pixel.
    """

    rgb: np.ndarray
    left: int
    top: int
    scale: float


def picture(photo: Photo, window: Window | None = None, longest: int = LONGEST) -> Picture:
    """Return a photo, or a window of it in photo pixels, for showing; never enlarged more than twice."""
    if window is None and max(photo.width, photo.height) <= longest:
        return Picture(photo.rgb, 0, 0, 1.0)
    x0, y0, x1, y1 = window or (0, 0, photo.width, photo.height)
    left, top = max(0, int(x0)), max(0, int(y0))
    part = photo.rgb[top : max(top + 1, round(y1)), left : max(left + 1, round(x1))]
    scale = min(1.0 if window is None else 2.0, longest / max(part.shape[:2]))
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    rgb = np.array(part) if scale == 1 else cv2.resize(part, size, interpolation=way)
    return Picture(rgb, left, top, scale)


def within(picture: Picture, window: Window) -> Window:
    """Return a window given in photo pixels in those of a picture."""
    x0, y0, x1, y1 = window
    left, top, scale = picture.left, picture.top, picture.scale
    return (x0 - left) * scale, (y0 - top) * scale, (x1 - left) * scale, (y1 - top) * scale


def draw_boxes(
    rgb: np.ndarray,
    picture: Picture,
    faces: tuple[FaceExamination, ...],
    chosen: int,
    unjudged: Sequence[Window] = (),
) -> np.ndarray:
    """Return a picture with its faces' boxes and numbers drawn on.

    The chosen face's box is thicker; those of faces that were not judged are dashed, with a question mark.
    """
    image = Image.fromarray(rgb)
    draw = ImageDraw.Draw(image)
    unit = max(1, round(max(image.size) / 420))
    for box in unjudged:
        _draw_dashes(draw, within(picture, box), unit)
        _draw_label(draw, within(picture, box), "?", unit, False)
    for number, entry in enumerate(faces):
        _draw_box(draw, within(picture, entry.face.box), str(number + 1), unit, number == chosen)
    return np.asarray(image)


def draw_regions(picture: Picture, regions: Sequence[tuple[str, Window]]) -> np.ndarray:
    """Return a picture with regions that people marked drawn on, (h, w, 3) uint8.

    Args:
        picture: the photo, or a part of it.
        regions: each a short label and a box in photo pixels.
    """
    image = Image.fromarray(picture.rgb)
    draw = ImageDraw.Draw(image)
    unit = max(1, round(max(image.size) / 420))
    for label, region in regions:
        _draw_box(draw, within(picture, region), label, unit, False)
    return np.asarray(image)


def _draw_dashes(draw: ImageDraw.ImageDraw, box: Window, unit: int) -> None:
    x0, y0, x1, y1 = box
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])
    for start, end in pairwise(corners):
        count = max(1, round(float(np.hypot(*(end - start))) / (8 * unit)))
        edges = np.linspace(start, end, 2 * count)
        for colour, thick in (("black", 3 * unit), ("white", unit)):
            for first, last in zip(edges[::2], edges[1::2], strict=True):
                draw.line((*first.tolist(), *last.tolist()), fill=colour, width=thick)


def _draw_box(draw: ImageDraw.ImageDraw, box: Window, label: str, unit: int, chosen: bool) -> None:
    thick = unit * (3 if chosen else 1)
    x0, y0, x1, y1 = box
    draw.rectangle((x0 - unit, y0 - unit, x1 + unit, y1 + unit), outline="black", width=thick + 2 * unit)
    draw.rectangle(box, outline="white", width=thick)
    _draw_label(draw, box, label, unit, chosen)


def _draw_label(draw: ImageDraw.ImageDraw, box: Window, label: str, unit: int, chosen: bool) -> None:
    x0, y0 = box[:2]
    font = ImageFont.load_default(12 * unit + (4 * unit if chosen else 0))
    left, top, right, bottom = draw.textbbox((0, 0), label, font=font)
    draw.rectangle((x0, y0, x0 + right - left + 6 * unit, y0 + bottom - top + 6 * unit), fill="white")
    draw.text((x0 + 3 * unit - left, y0 + 3 * unit - top), label, fill="black", font=font)


def jpeg(rgb: np.ndarray) -> bytes:
    """Return a picture as JPEG, for showing."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
