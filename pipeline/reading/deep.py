"""The pixels of pictures of more than 8 bits or of floating point, which Pillow shortens or does not open."""

import cv2
import numpy as np
import pillow_heif

from pipeline.errors import UnreadablePhoto
from pipeline.reading.refusals import CUT, DAMAGE
from pipeline.reading.source import Source

FLOATS = "This looks like a TIFF of floating point colours, which could not be read. Save it with 8 or 16 bits."


def deep_pixels(source: Source) -> tuple[np.ndarray, float] | None:
    """Return (H, W, 3) RGB as stored, uint16 or float32, and the value of its largest code; None where 8 bits must do.

    Raises:
        UnreadablePhoto: it is a TIFF of floating point that cannot be read: there are no 8 bits of it.
    """
    if not source.deep:
        return None
    values = _of_heif(source.data) if source.container == "HEIF" else _of_others(source.data)
    if source.stand_in is None:
        return values
    if values is None or values[0].dtype.kind != "f" or values[0].shape[1::-1] != source.stand_in:
        raise UnreadablePhoto(CUT if source.cut else FLOATS)
    return values


def _of_heif(data: bytes) -> tuple[np.ndarray, float] | None:
    """Return the primary picture of a HEIF file as 16 bits, into which its 10 or 12 are shifted."""
    try:
        picture = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
        image = picture[picture.primary_index]
        values, bits = np.asarray(image), int(str(image.info["bit_depth"]))
    except (*DAMAGE, MemoryError):
        return None
    if values.dtype != np.uint16 or values.ndim != 3 or not 8 < bits <= 16:
        return None
    return values[..., :3], float(((1 << bits) - 1) << (16 - bits))


def _of_others(data: bytes) -> tuple[np.ndarray, float] | None:
    """Return a PNG of 16 bits or a TIFF of floats."""
    try:
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError):
        return None
    if values is None or values.dtype not in (np.uint16, np.float32, np.float64):
        return None
    if values.ndim == 2 or values.shape[2] < 3:
        grey = values if values.ndim == 2 else values[..., 0]
        values = np.repeat(grey[..., None], 3, axis=2)
    return values[..., 2::-1], 65535.0 if values.dtype == np.uint16 else 1.0
