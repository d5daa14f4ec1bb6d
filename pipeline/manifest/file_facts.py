"""What a file says of itself without its label: size, container, sharpness, brightness, and a fingerprint."""

import hashlib
import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import cv2
import imagehash
import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from pipeline.errors import TriageError, UnreadablePhoto
from pipeline.photo import Photo
from pipeline.reading.jpeg_quality import nearest_quality

SAMPLINGS = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}
THUMB = 16
SMALL = 64
Raw = bytes
LARGEST_GREY = 1024
"""Longer side at which sharpness and brightness are measured, so that a huge photo costs no more than a large one."""


@dataclass(frozen=True)
class FileFacts:
    """What one file says of itself.

    Attributes:
        sha256: of the bytes; "" where the file cannot even be opened.
        bytes: the file's length.
        width, height: upright, in pixels; 0 where the picture cannot be decoded.
        format: "JPEG", "PNG", …; "" where unknown.
        jpeg_quality: the IJG quality (1–100) whose tables are nearest; −1 where it is no JPEG.
        jpeg_tables: first digits of the quantisation tables' SHA-256; "" where it is no JPEG.
        subsampling: "4:2:0", …; "" where it is no JPEG or the sampling is unusual.
        sharpness: variance of the Laplacian of the grey picture.
        brightness: mean grey, 0–255.
        phash: perceptual hash (Zauner, 2010; DCT, 64 bit) as 16 hex digits.
        thumb: (16 · 16,) bytes of the grey picture shrunk, to confirm what the hash suspects.
        quarantine: why the file cannot be used; "" where it can.
    """

    sha256: str = ""
    bytes: int = 0
    width: int = 0
    height: int = 0
    format: str = ""
    jpeg_quality: int = -1
    jpeg_tables: str = ""
    subsampling: str = ""
    sharpness: float = 0.0
    brightness: float = 0.0
    phash: str = ""
    thumb: Raw = b""
    quarantine: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a file fully; what cannot be read or decoded comes back with its reason, never as an exception."""
        try:
            data = path.read_bytes()
        except OSError as problem:
            return cls(quarantine=f"{UnreadablePhoto.code}: the file cannot be opened: {problem.strerror}")
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            photo = Photo.read(data)
        except TriageError as problem:
            return cls(sha256, len(data), quarantine=f"{problem.code}: {problem}")
        height, width = photo.rgb.shape[:2]
        quality, tables, subsampling = _jpeg(data)
        sharpness, brightness, phash, thumb = _measure(photo.rgb)
        return cls(
            sha256,
            len(data),
            width,
            height,
            photo.format,
            quality,
            tables,
            subsampling,
            sharpness,
            brightness,
            phash,
            thumb,
        )


def fingerprint(rgb: np.ndarray) -> tuple[str, bytes]:
    """Return the perceptual hash, 16 hex digits, and the thumb, (16 · 16,) bytes, of (H, W, 3) uint8 RGB."""
    return fingerprint_of_grey(grey_of(rgb))


def fingerprint_of_grey(grey: np.ndarray) -> tuple[str, bytes]:
    """Return the perceptual hash and the thumb, see `fingerprint`, of a grey picture as `grey_of` gives it.

    Both are made of 64 × 64 pixels: a picture of just these, turned or mirrored, has the fingerprint of the whole
    photo turned or mirrored.
    """
    small = small_of(grey)
    thumb = cv2.resize(small, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return str(imagehash.phash(Image.fromarray(small))), thumb.tobytes()


def grey_of(rgb: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB in grey, (h, w) uint8, the longer side at most 1 024 pixels."""
    scale = min(1.0, LARGEST_GREY / max(rgb.shape[:2]))
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if scale == 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def small_of(grey: np.ndarray) -> np.ndarray:
    """Return a grey picture shrunk to the 64 × 64 pixels that a fingerprint is made of, whatever its shape."""
    return cv2.resize(grey, (SMALL, SMALL), interpolation=cv2.INTER_AREA)


def _measure(rgb: np.ndarray) -> tuple[float, float, str, bytes]:
    """Return sharpness, brightness, perceptual hash and thumb of (H, W, 3) uint8."""
    grey = grey_of(rgb)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    return round(sharpness, 3), round(float(grey.mean()), 3), *fingerprint_of_grey(grey)


def _jpeg(data: bytes) -> tuple[int, str, str]:
    """Return a JPEG's nearest quality, its tables' hash and its subsampling, from the header."""
    with Image.open(io.BytesIO(data)) as image:
        if not isinstance(image, JpegImageFile) or not image.quantization:
            return -1, "", ""
        tables = [list(image.quantization[key]) for key in sorted(image.quantization)]
        digest = hashlib.sha256(repr(tables).encode()).hexdigest()[:12]
        return nearest_quality(tables[0]), digest, SAMPLINGS.get(get_sampling(image), "")
