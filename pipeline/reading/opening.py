"""From a source to an image that is open at the frame asked for and not larger than the settings allow."""

import io
from dataclasses import dataclass
from types import MappingProxyType

import pillow_heif
from PIL import Image

from pipeline.errors import PhotoTooLarge, UnreadablePhoto
from pipeline.reading.refusals import CUT, DAMAGE, headless, say_damaged
from pipeline.reading.source import Source
from pipeline.reading.tiff import BROKEN
from pipeline.settings import settings

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # the limit is ours, checked before a pixel is decoded

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")  # MPO is opened as JPEG and then says so
SCALES = MappingProxyType({2: "half", 4: "a quarter of", 8: "an eighth of"})
"""By how much a JPEG can be decoded smaller, and how that is said."""
HIDDEN = "a still picture that animating viewers do not show was not examined"
MOST_COEFFICIENTS = 6
"""Coefficients, of two bytes, that a JPEG of several scans may hold for each pixel that the settings allow."""
MOST_SCANNED = 60
"""How many times the pixels that the settings allow a JPEG may be gone over."""


@dataclass(frozen=True)
class OpenImage:
    """An image that is open but not decoded, how many frames can be asked for, and what is to be said."""

    image: Image.Image
    frames: int = 1
    notes: tuple[str, ...] = ()


def open_image(source: Source, frame: int) -> OpenImage:
    """Open a picture at one of its frames or pages, from 0.

    Raises:
        UnreadablePhoto: it is damaged or cut short, or has no such frame.
        PhotoTooLarge: it has more pixels than are decoded, and cannot be decoded smaller.
    """
    image = _open(source) if source.stand_in is None else _blank(source.stand_in)
    scaled = _within_limits(image, source.scans)
    hidden = int(bool(getattr(image, "default_image", False)))
    frames, notes = _frames(image, source, hidden)
    if not 0 <= frame < frames:
        raise UnreadablePhoto(f"There is no frame or page {frame + 1} in the file: it has {frames}.")
    if source.container != "TIFF" and hidden + frame:  # a TIFF's source begins with the page
        refuse_by_size(*source.extent or (0, 0))
        _seek(image, hidden + frame)
        refuse_by_size(*image.size)
    if frames > 1:
        which = f"page {frame + 1} of {frames} was" if frame else f"{frames} frames or pages: only the first was"
        notes = (f"{which} examined", *notes)
    return OpenImage(image, frames, (*scaled, *notes))


def _blank(size: tuple[int, int]) -> Image.Image:
    """Return what stands for a picture until its pixels are decoded."""
    refuse_by_size(*size)
    if min(size) < 1:
        raise UnreadablePhoto(headless("TIFF"))
    return Image.new("RGB", size)


def _open(source: Source) -> Image.Image:
    try:
        return Image.open(io.BytesIO(source.data), formats=FORMATS)
    except DAMAGE as problem:
        raise UnreadablePhoto(CUT if source.cut else headless(source.container)) from problem


def _frames(image: Image.Image, source: Source, hidden: int) -> tuple[int, tuple[str, ...]]:
    """Count the frames that can be asked for, and say what others there are.

    Counting moves through the file, so it has an image of its own. Of a HEIF file's pictures the primary one is shown,
    whatever its place.
    """
    if image.format == "HEIF":
        pictures = int(getattr(image, "n_frames", 1))
        return 1, (f"{pictures} pictures in the file: the primary one was examined",) if pictures > 1 else ()
    if source.frames:
        return source.frames, ()
    notes = (HIDDEN,) if hidden else ()
    try:
        return max(1, int(getattr(_open(source), "n_frames", 1)) - hidden), notes
    except DAMAGE:
        return 1, (BROKEN, *notes)


def _seek(image: Image.Image, frame: int) -> None:
    try:
        image.seek(frame)
    except (*DAMAGE, MemoryError) as problem:
        raise UnreadablePhoto(say_damaged(problem)) from problem


def _within_limits(image: Image.Image, scans: int) -> tuple[str, ...]:
    """Have a large JPEG decoded smaller and say so; refuse what is too large otherwise."""
    width, height = image.size
    limit = settings().max_megapixels * 1_000_000
    scale = next((scale for scale in (1, *SCALES) if -(-width // scale) * -(-height // scale) <= limit), 0)
    held = width * height * _samples(image) if scans > 1 else 0
    if scale != 1 and (image.format not in ("JPEG", "MPO") or not scale or held > MOST_COEFFICIENTS * limit):
        refuse_by_size(width, height)
    if scans > 1 and scans * width * height > MOST_SCANNED * limit:
        raise UnreadablePhoto(f"The picture is stored in {scans} scans, more than any camera writes. Save it anew.")
    if scale == 1:
        return ()
    image.draft(None, (width // scale, height // scale))
    refuse_by_size(*image.size)
    stored = f"stored at {width} × {height} pixels ({width * height / 1e6:.0f} megapixels)"
    return (f"{stored}, decoded at {SCALES[scale]} that width and height: TELLTALE_MAX_MEGAPIXELS allows more",)


def _samples(image: Image.Image) -> float:
    """Return how many coefficients a JPEG has for each pixel: 3 of full colour, 1.5 where chroma is halved twice."""
    layers = getattr(image, "layer", [])
    across, down = (max((layer[axis] for layer in layers), default=1) or 1 for axis in (1, 2))
    return sum(layer[1] * layer[2] for layer in layers) / (across * down)


def refuse_by_size(width: int, height: int) -> None:
    """Refuse a picture that has more pixels than the settings allow.

    Raises:
        PhotoTooLarge: it has; the message names the setting.
    """
    pixels, limit = width * height, settings().max_megapixels
    if pixels > limit * 1_000_000:
        raise PhotoTooLarge(
            f"The picture is {width} × {height} pixels ({pixels / 1e6:.0f} megapixels); "
            f"at most {limit} are decoded. TELLTALE_MAX_MEGAPIXELS allows more."
        )
