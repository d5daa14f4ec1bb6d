"""Photos saved once and more than once: scenes without an earlier JPEG's traces, and what savers make of them."""

import io
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import sklearn.datasets
from PIL import Image

from pipeline.evidence.finding import Evidence
from pipeline.photo import Photo
from pipeline.settings import PROJECT

pillow_heif.register_heif_opener()
ORIGINALS = PROJECT / "sample_data" / "originals"
INSTALLED = Path(sklearn.datasets.__file__).parent / "images"
"""Two photos that a package in use brings along (CC BY): never copied from there."""
CUT = (5, 3)
"""Rows and columns by which `cropped` moves the grid."""


@cache
def scene(name: str = "collins.jpg", scale: float = 0.6) -> np.ndarray:
    """Return a photo shrunk by averaging, which leaves nothing of its own JPEG's grid, (h, w, 3) uint8."""
    path = ORIGINALS / name if (ORIGINALS / name).exists() else INSTALLED / name
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"))
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small.setflags(write=False)
    return small


@cache
def scenes() -> tuple[np.ndarray, ...]:
    """Return ten scenes of five photos, from 281 × 187 to 480 × 450 pixels."""
    names = ("collins.jpg", "coffee.jpg", "hopper.jpg", "china.jpg", "flower.jpg")
    return tuple(scene(name, scale) for name in names for scale in (0.6, 0.75))


def saved(rgb: np.ndarray | Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    image = rgb if isinstance(rgb, Image.Image) else Image.fromarray(np.ascontiguousarray(rgb))
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def jpeg(rgb: np.ndarray, quality: int, **options: Any) -> bytes:
    return saved(rgb, quality=quality, **({"subsampling": 2} | options))


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def again(rgb: np.ndarray, *qualities: int) -> bytes:
    """Return a scene saved as JPEG at one quality after the other, on the same grid."""
    for quality in qualities[:-1]:
        rgb = decoded(jpeg(rgb, quality))
    return jpeg(rgb, qualities[-1])


def cropped(rgb: np.ndarray, quality: int) -> np.ndarray:
    """Return a scene saved at a quality, opened and cropped by `CUT`: its grid begins at left 5, top 3."""
    return decoded(jpeg(rgb, quality))[CUT[0] :, CUT[1] :]


def opened(data: bytes, name: str = "photo.jpg", **options: Any) -> Evidence:
    return Evidence(Photo.read(data, **options), name)


def pixels(exhibit: bytes) -> np.ndarray:
    return decoded(exhibit)
