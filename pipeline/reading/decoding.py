"""From an open image to a decoded one, whole; or, on request, what can be decoded of one that is cut short."""

from dataclasses import replace

import numpy as np
from PIL import Image

from pipeline.errors import CutShort, UnreadablePhoto
from pipeline.reading import jpeg
from pipeline.reading.opening import open_image
from pipeline.reading.refusals import CUT, DAMAGE, ON_REQUEST, say_damaged
from pipeline.reading.source import Source

STRIP = 256
LEAST_ROWS = 8
"""Rows of one colour at the foot of a picture from which on they are taken for missing ones."""


def decode(image: Image.Image, source: Source, frame: int, partial: bool) -> tuple[Image.Image, str]:
    """Decode an open image, and say what is missing of it: "" where nothing is.

    Raises:
        CutShort: its end is missing and a part of it decodes, which was not asked for.
        UnreadablePhoto: it is damaged, or nothing of it decodes.
    """
    try:
        image.load()
        return image, ""
    except (*DAMAGE, MemoryError) as problem:
        if not (source.cut or "truncated" in str(problem).lower()):
            raise UnreadablePhoto(say_damaged(problem)) from problem
        rest = _rest(image, source, frame)
        if rest is None:
            raise UnreadablePhoto(CUT) from problem
        if not partial:
            raise CutShort(f"{CUT} {ON_REQUEST}") from problem
    return rest, _missing(rest, source.container)


def _rest(image: Image.Image, source: Source, frame: int) -> Image.Image | None:
    """Return what decodes of an image that is cut short; None where nothing does."""
    try:
        if source.container == "JPEG":
            image = open_image(replace(source, data=jpeg.close_jpeg(source.data)), frame).image
        else:
            image.tile = []  # type: ignore[attr-defined]  # what was decoded so far stands in the image
        image.load()
        return None if _is_flat(image) else image
    except (*DAMAGE, MemoryError, UnreadablePhoto):
        return None


def _is_flat(image: Image.Image) -> bool:
    """Tell whether an image is of one colour: nothing was decoded."""
    extremes = image.getextrema()
    pairs = extremes if isinstance(extremes[0], tuple) else (extremes,)
    return all(low == high for low, high in pairs)


def _missing(image: Image.Image, container: str) -> str:
    """Say that a picture is cut short, and how much is missing where its foot shows that; a BMP ends at its head."""
    rows = _flat_rows(image.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if container == "BMP" else image)
    note = "cut short: only what is left of the picture was examined"
    if rows < LEAST_ROWS:
        return note
    return f"{note}; about {max(1, round(100 * rows / image.height))} % of its height, as stored, is missing"


def _flat_rows(image: Image.Image) -> int:
    """Count the rows at an image's foot that are all of the colour of its last pixel."""
    last = np.asarray(image.crop((image.width - 1, image.height - 1, image.width, image.height)))[0, 0]
    for bottom in range(image.height, 0, -STRIP):
        strip = np.asarray(image.crop((0, max(0, bottom - STRIP), image.width, bottom)))
        varied = (strip != last).reshape(len(strip), -1).any(axis=1)
        if varied.any():
            return image.height - bottom + int(varied[::-1].argmax())
    return image.height
