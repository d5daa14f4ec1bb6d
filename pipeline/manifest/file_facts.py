"""What a file says of itself without its label: size, container, sharpness, brightness, and a fingerprint."""

import hashlib
import io
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import cv2
import imagehash
import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from pipeline.errors import TriageError, UnreadablePhoto
from pipeline.photo import Photo

SAMPLINGS = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}
THUMB = 16
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


def _measure(rgb: np.ndarray) -> tuple[float, float, str, bytes]:
    """Return sharpness, brightness, perceptual hash and thumb of (H, W, 3) uint8."""
    scale = min(1.0, LARGEST_GREY / max(rgb.shape[:2]))
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA)
    thumb = cv2.resize(small, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return (
        round(sharpness, 3),
        round(float(grey.mean()), 3),
        str(imagehash.phash(Image.fromarray(small))),
        thumb.tobytes(),
    )


def _jpeg(data: bytes) -> tuple[int, str, str]:
    """Return a JPEG's nearest quality, its tables' hash and its subsampling, from the header."""
    with Image.open(io.BytesIO(data)) as image:
        if not isinstance(image, JpegImageFile) or not image.quantization:
            return -1, "", ""
        tables = [list(image.quantization[key]) for key in sorted(image.quantization)]
        digest = hashlib.sha256(repr(tables).encode()).hexdigest()[:12]
        return nearest_quality(tables[0]), digest, SAMPLINGS.get(get_sampling(image), "")


@cache
def _luminance_tables() -> np.ndarray:
    """Return the (100, 64) luminance tables of the IJG encoder, sorted within each: row q − 1 is that of quality q."""
    tables = []
    for quality in range(1, 101):
        buffer = io.BytesIO()
        Image.new("L", (8, 8)).save(buffer, "JPEG", quality=quality)
        with Image.open(buffer) as image:
            assert isinstance(image, JpegImageFile)
            tables.append(sorted(image.quantization[0]))
    return np.array(tables)


def nearest_quality(table: list[int]) -> int:
    """Return the IJG quality whose luminance table is nearest to one of 64 numbers, in whatever order they come."""
    return int(np.abs(_luminance_tables() - np.sort(table)).sum(axis=1).argmin()) + 1
