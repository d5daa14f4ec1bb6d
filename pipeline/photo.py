"""`Photo`: original bytes, their hash, and upright sRGB pixels."""

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass, field

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from pipeline.errors import PhotoTooLarge, UnreadablePhoto
from pipeline.settings import settings

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # the limit is ours, checked before a pixel is decoded

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")  # MPO is opened as JPEG and then says so
SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".tif",
    ".tiff",
    ".bmp",
    ".gif",
    ".heic",
    ".heif",
    ".avif",
)

PROFILED = ("RGB", "L", "CMYK", "LAB")
"""Modes to which a colour profile can be applied."""

STRIP = 256
"""Rows converted at once."""

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

# What decoders raise on damaged input. A programmer's bug mostly raises these too, hence the small try blocks.
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, ArithmeticError, LookupError,
          TypeError, NotImplementedError, RuntimeError)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as it was received and as it is seen.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB, upright, row 0 at the top.
        sha256: of the original bytes, 64 lower-case hex digits.
        data: the original bytes, never altered.
        format: container as found in the bytes ("JPEG", "PNG", …), whatever the file is called.
        notes: what was done to get from the file to `rgb`, in plain words.
    """

    rgb: np.ndarray
    sha256: str
    data: bytes = field(repr=False)
    format: str
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Width of the upright picture in pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Height of the upright picture in pixels."""
        return int(self.rgb.shape[0])

    @classmethod
    def read(cls, data: bytes) -> "Photo":
        """Decode the bytes of one photo.

        Raises:
            UnreadablePhoto: empty, not a picture, of a kind that is not read, damaged or cut short.
            PhotoTooLarge: more bytes or pixels than the settings allow (told from the header, before decoding).
        """
        _refuse_by_bytes(data)
        notes: list[str] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata that does not matter to the pixels
            image = _open(data)
            _refuse_by_header(image)
            container = image.format or ""
            if container != "MPO":
                _count_frames(_open(data), notes)
            image = _to_srgb(_upright(image, notes), notes)
        rgb = _pixels(image)
        rgb.setflags(write=False)
        return cls(rgb, hashlib.sha256(data).hexdigest(), data, container, tuple(notes))


def _refuse_by_bytes(data: bytes) -> None:
    if not data:
        raise UnreadablePhoto("The file is empty (0 bytes). Get the original again.")
    limit = settings().max_megabytes
    if len(data) > limit * 1_000_000:
        raise PhotoTooLarge(f"The file has {len(data) / 1e6:.0f} MB; at most {limit} MB are read.")


def _looks_like(data: bytes) -> str:
    """Name what a file that is no picture seems to be, to help its owner."""
    head = data[:512].lstrip().lower()
    known = {
        b"%pdf": "a PDF document",
        b"<!doctype": "a web page",
        b"<html": "a web page",
        b"<svg": "an SVG drawing",
        b"<?xml": "an XML file",
        b"pk\x03\x04": "a zip archive",
        b"mz": "a Windows program",
        b"\x7felf": "a Linux program",
    }
    return next((name for magic, name in known.items() if head.startswith(magic)), "")


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except DAMAGE as problem:
        kind = _looks_like(data)
        said = f"This looks like {kind}, not a photo." if kind else "This is not a photo that can be read."
        known = "JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC and AVIF are."
        raise UnreadablePhoto(f"{said} {known}") from problem


def _refuse_by_header(image: Image.Image) -> None:
    pixels, limit = image.width * image.height, settings().max_megapixels
    if pixels > limit * 1_000_000:
        raise PhotoTooLarge(
            f"The picture is {image.width} × {image.height} pixels ({pixels / 1e6:.0f} megapixels); "
            f"at most {limit} are decoded."
        )


def _loaded(image: Image.Image) -> Image.Image:
    try:
        image.load()
    except (*DAMAGE, MemoryError) as problem:
        said = " ".join(str(problem).split())[:120] or "no detail"
        why = "It is cut short: the end is missing." if "truncated" in said.lower() else f"It is damaged ({said})."
        raise UnreadablePhoto(f"The picture could not be decoded. {why} Get the original again.") from problem
    return image


def _count_frames(image: Image.Image, notes: list[str]) -> None:
    """Say how many frames there are; counting moves through the file, so the image is not used for anything else."""
    try:
        frames = int(getattr(image, "n_frames", 1))
    except DAMAGE:
        notes.append("what follows the first frame or page is damaged: only the first was examined")
        return
    if frames > 1:
        notes.append(f"{frames} frames or pages: only the first was examined")


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    """Decode an image and turn it as its EXIF orientation says; a TIFF turns while it is decoded."""
    before = _orientation(image) if image.format == "TIFF" else 1
    after = _orientation(_loaded(image))
    if after is None:
        notes.append("EXIF block is damaged: orientation unknown, shown as stored")
    elif before in TURNS or after in TURNS:
        notes.append("turned upright as its EXIF orientation says")
    return image.transpose(TURNS[after]) if after in TURNS else image


def _orientation(image: Image.Image) -> int | None:
    """Return the EXIF orientation, 1 where none is given; None where it cannot be read."""
    try:
        value = image.getexif().get(0x0112, 1)
    except DAMAGE:
        return None
    return value if isinstance(value, int) else 1


def _to_srgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """Convert any mode to RGB: 16 bit and float scaled to 8 bit, profile applied, alpha laid on white."""
    profile = image.info.get("icc_profile") or b""
    if image.mode.startswith(("I", "F")):
        image = _eight_bit(image, notes)
    alpha = _alpha(image)
    if image.mode not in PROFILED:
        image = image.convert("L" if image.mode == "LA" else "RGB")
    if profile or image.mode == "LAB":
        image = _profiled(image, profile, notes)
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    if alpha is None:
        return rgb
    notes.append("transparent parts laid on white")
    canvas = Image.new("RGB", rgb.size, "white")
    canvas.paste(rgb, mask=alpha)
    return canvas


def _alpha(image: Image.Image) -> Image.Image | None:
    """Return the opacity of an image, mode "L"; None where nothing of it is transparent."""
    if not image.has_transparency_data:
        return None
    alpha = (image if "A" in image.getbands() else image.convert("RGBA")).getchannel("A")
    return alpha if alpha.getextrema() != (255, 255) else None


def _eight_bit(image: Image.Image, notes: list[str]) -> Image.Image:
    """Scale a 16- or 32-bit or float image to mode "L", strip by strip: a large one must not fill the memory."""
    values = np.asarray(image)
    scale = np.float32(255 / _white(image.mode, float(values.max(where=np.isfinite(values), initial=0))))
    scaled = np.empty(values.shape, np.uint8)
    for first in range(0, len(values), STRIP):
        part = np.nan_to_num(values[first : first + STRIP].astype(np.float32), posinf=0, neginf=0)
        scaled[first : first + STRIP] = np.clip(part * scale + 0.5, 0, 255)
    notes.append("more than 8 bits a channel: scaled to 8")
    return Image.fromarray(scaled)


def _white(mode: str, top: float) -> float:
    """Return the value that stands for white in an image of a mode whose largest value is `top`."""
    if mode.startswith("I;16"):
        return 65535
    if mode == "F" and top <= 16:  # 1 is white; linear floats may lie a little above
        return 1
    return next((white for white in (255.0, 65535.0) if top <= white), top)


def _pixels(image: Image.Image) -> np.ndarray:
    """Return an RGB image as (H, W, 3) uint8, strip by strip: asked for as a whole, it is held three times."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, STRIP):
        rgb[top : top + STRIP] = np.asarray(image.crop((0, top, image.width, min(top + STRIP, image.height))))
    return rgb


def _profiled(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    """Convert to sRGB by the embedded profile; CIELAB needs none, it says its colours itself."""
    try:
        lab = ImageCms.createProfile("LAB") if image.mode == "LAB" else None
        source = lab or ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *DAMAGE):
        notes.append("colour profile is broken or does not fit: colours shown without it")
        return image
    return image if converted is None else converted
