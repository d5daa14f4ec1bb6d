"""Which way up a picture is, as its EXIF block says (Exif 2.32, tag 0x0112)."""

from PIL import Image

from pipeline.reading.refusals import DAMAGE

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what turns the picture upright."""

TURNED = "turned upright as its EXIF orientation says"
UNKNOWN = "EXIF block is damaged: orientation unknown, shown as stored"
UNHEEDED = "EXIF says that the picture is turned, the picture's own properties do not: shown as stored"


def orientation(image: Image.Image) -> int | None:
    """Return the EXIF orientation, 1 where there is none; None of a damaged block."""
    try:
        value = image.getexif().get(0x0112, 1)
    except DAMAGE:
        return None
    return value if isinstance(value, int) else 1


def turn(image: Image.Image, before: int | None, unturned: bool) -> tuple[Image.Transpose | None, str]:
    """Return what turns a decoded image upright, None where it stands so, and what is to be said.

    A TIFF turns while it is decoded: `before` is its orientation until then. A HEIF file's EXIF orientation is not to
    be heeded, its properties say how it is turned; `unturned` where they turn it nowhere.
    """
    after = orientation(image)
    if after is None:
        return None, UNKNOWN
    if unturned and image.info.get("original_orientation") in TURNS:
        return None, UNHEEDED
    turned = before in TURNS or after in TURNS
    return TURNS.get(after), TURNED if turned else ""
