"""From a decoded image of any mode to (H, W, 3) uint8 sRGB, and what was done to its colours on the way."""

import io

import numpy as np
from PIL import Image, ImageCms

from pipeline.reading import deep
from pipeline.reading.coding import ADOBE, ADOBE_GAMMA, STRIP, Coding, as_srgb
from pipeline.reading.refusals import DAMAGE
from pipeline.reading.source import BROKEN_PROFILE, Source

PROFILED = ("RGB", "L", "CMYK", "LAB")
"""Modes to which a colour profile can be applied."""
EXIF_IFD, INTEROPERABILITY_IFD, COLOUR_SPACE, INTEROPERABILITY_INDEX = 0x8769, 0xA005, 0xA001, 1
UNCALIBRATED = 0xFFFF
OPAQUE = "opacity 0 everywhere: taken as opaque, as programs that write no opacity mean it"
"""Said of BMP, whose fourth byte most programs leave at 0."""


def to_srgb(image: Image.Image, source: Source, notes: list[str]) -> Image.Image:
    """Convert any mode to RGB: 16 bit and float scaled to 8 bit, profile or coding applied, alpha laid on white."""
    profile = source.profile or image.info.get("icc_profile") or b""
    coding = _coding(image, source, profile, notes)
    alpha = _alpha(image, source, notes)
    rgb = _by_coding(image, source, coding) if coding else _by_profile(image, profile, notes)
    if alpha is None:
        return rgb
    notes.append("transparent parts laid on white")
    canvas = Image.new("RGB", rgb.size, "white")
    canvas.paste(rgb, mask=alpha)
    return canvas


def pixels(image: Image.Image) -> np.ndarray:
    """Return an RGB image as (H, W, 3) uint8, strip by strip: asked for as a whole, it is held three times."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, STRIP):
        rgb[top : top + STRIP] = np.asarray(image.crop((0, top, image.width, min(top + STRIP, image.height))))
    return rgb


def _coding(image: Image.Image, source: Source, profile: bytes, notes: list[str]) -> Coding | None:
    """Return the coding to convert from, where there is one and no profile goes before it."""
    if source.claims_profile and not profile:
        notes.append(BROKEN_PROFILE)
    if profile and not (source.coding_first and source.coding and source.coding.changes):
        return None
    coding = source.coding or _camera_coding(image)
    if coding is None:
        return None
    notes.append(coding.note)
    return coding if coding.changes else None


def _camera_coding(image: Image.Image) -> Coding | None:
    """Return Adobe RGB where EXIF alone says it, as cameras do by the file naming rule's second colour space (DCF)."""
    if image.mode != "RGB":
        return None
    try:
        exif = image.getexif()
        marks = exif.get_ifd(EXIF_IFD).get(COLOUR_SPACE), exif.get_ifd(INTEROPERABILITY_IFD).get(INTEROPERABILITY_INDEX)
    except DAMAGE:
        return None
    if marks[0] != UNCALIBRATED or str(marks[1]).rstrip("\0 ") != "R03":
        return None
    return Coding("colours converted from Adobe RGB, which EXIF alone names, to sRGB", ADOBE, ADOBE_GAMMA)


def _by_coding(image: Image.Image, source: Source, coding: Coding) -> Image.Image:
    """Convert by a coding, from all the bits that there are."""
    full = deep.deep_pixels(source)
    if full is None or full[0].shape[1::-1] != image.size:
        full = pixels(_opaque(_shallow(image, []))), 255.0
    values, white = full
    return Image.fromarray(as_srgb(values, coding, white))


def _by_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    image = _shallow(image, notes)
    if image.mode not in PROFILED:
        image = image.convert("L" if image.mode == "LA" else "RGB")
    if profile or image.mode == "LAB":
        image = _apply_profile(image, profile, notes)
    return _opaque(image)


def _opaque(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _shallow(image: Image.Image, notes: list[str]) -> Image.Image:
    return _eight_bit(image, notes) if image.mode.startswith(("I", "F")) else image


def _alpha(image: Image.Image, source: Source, notes: list[str]) -> Image.Image | None:
    """Return the opacity of an image, mode "L"; None where nothing of it is transparent."""
    if not image.has_transparency_data:
        return None
    alpha = (image if "A" in image.getbands() else image.convert("RGBA")).getchannel("A")
    if source.container == "BMP" and alpha.getextrema() == (0, 0):
        notes.append(OPAQUE)
        return None
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


def _apply_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    """Convert to sRGB by the embedded profile; CIELAB needs none, it says its colours itself."""
    try:
        lab = ImageCms.createProfile("LAB") if image.mode == "LAB" else None
        source = lab or ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *DAMAGE):
        notes.append(BROKEN_PROFILE)
        return image
    return image if converted is None else converted
