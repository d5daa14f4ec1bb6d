"""Pixels as a photo's file stores them: unturned and without a colour profile, where traces of coding still lie true.

`Photo.rgb` is turned upright and brought to sRGB, which moves a JPEG's blocks and rounds its values once more.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from pipeline.evidence.jpeg.header import JpegHeader, read_header
from pipeline.photo import Photo
from pipeline.reading.colour import pixels
from pipeline.reading.jpeg import close_jpeg
from pipeline.reading.prepare import source_of
from pipeline.reading.refusals import DAMAGE
from pipeline.reading.upright import TURNS, orientation

SMALLER = "its pixels were decoded smaller than they are stored, and the traces looked for are lost by that"
COARSE = "the passes that refine the picture are missing, and their lack looks like another compression"
UNDECODED = "its pixels as stored could not be decoded"


@dataclass(frozen=True, eq=False)
class Stored:
    """Pixels as they are stored.

    Attributes:
        pixels: (h, w) uint8 luminance or (h, w, 3) uint8 RGB, row 0 at the top as stored.
        turn: what stands them upright; None where they stand so.
        header: of a JPEG; None of any other container.
    """

    pixels: np.ndarray
    turn: Image.Transpose | None = None
    header: JpegHeader | None = None

    def upright(self, values: np.ndarray) -> np.ndarray:
        """Stand a map of the stored picture upright, (h, w) float32, its cells covering it evenly."""
        if self.turn is None:
            return values
        return np.asarray(Image.fromarray(values.astype(np.float32)).transpose(self.turn))


def header_of(photo: Photo) -> JpegHeader | None:
    """Return the header of a JPEG; None of any other container, and of a JPEG whose frame cannot be found."""
    return read_header(source_of(photo.data, photo.frame).data) if photo.format == "JPEG" else None


def stored(photo: Photo, mode: Literal["L", "RGB"]) -> Stored | str:
    """Return a photo's pixels as they are stored, or why they cannot be looked at, as part of a sentence.

    The luminance of a JPEG is its first component, as decoded; that of any other picture is the weighted sum of
    ITU-R BT.601, which JPEG uses too.

    Args:
        photo: as it was read.
        mode: "L" for luminance, "RGB" for colours.
    """
    if photo.format != "JPEG":
        return Stored(cv2.cvtColor(photo.rgb, cv2.COLOR_RGB2GRAY) if mode == "L" else photo.rgb)
    header = header_of(photo)
    if header is None:
        return UNDECODED
    if header.width * header.height != photo.width * photo.height:
        return SMALLER
    if photo.coarse:
        return COARSE
    return _decode(photo, mode, header)


def _decode(photo: Photo, mode: Literal["L", "RGB"], header: JpegHeader) -> Stored | str:
    data = source_of(photo.data, photo.frame).data
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata that does not matter to the pixels
            image: Image.Image = Image.open(io.BytesIO(close_jpeg(data) if photo.partial else data), formats=("JPEG",))
            turn = TURNS.get(orientation(image) or 1)
            if mode == "L" and header.has_luminance:
                image.draft("L", image.size)
            image.load()
            image = image if image.mode == mode else image.convert(mode)
            return Stored(np.asarray(image) if mode == "L" else pixels(image), turn, header)
    except (*DAMAGE, MemoryError):
        return UNDECODED
