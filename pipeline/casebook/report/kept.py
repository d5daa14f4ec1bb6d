"""What is kept beside a case's log, as a report reads it: dossiers, pictures and maps, each by its hash.

What is gone or was altered is no error here: it is None, or a paragraph that says so in its place.
"""

import hashlib
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from pipeline.casebook.report.blocks import Extent, Legend, Paragraph, Picture
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.parts import Part
from pipeline.errors import TriageError

LARGEST_PICTURE = 25_000_000
"""Pixels; pictures of a report were made for it and are far smaller."""
LARGEST_OBJECT = 64_000_000
"""Bytes that are read of a dossier, or unpacked of arrays."""
MEDIA = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""How the files of pictures that are shown begin."""


class ObjectReader(Protocol):
    """Reads what was kept under a hash; `pipeline.storage.objects.Objects` is one."""

    def read(self, sha256: str) -> bytes:
        """Return the bytes kept under a hash.

        Raises:
            TriageError: they are gone, or no longer those that were kept.
        """
        ...


@dataclass(frozen=True)
class Kept:
    """What a report reads from.

    Attributes:
        objects: where everything lies under its hash.
    """

    objects: ObjectReader

    def read(self, sha256: str) -> bytes | None:
        """Return the bytes kept under a hash; None where they are gone or others, or where it is no hash."""
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            return None
        try:
            data = self.objects.read(sha256)
        except TriageError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def dossier(self, sha256: str) -> Part | None:
        """Return the dossier of an examination; None where it is gone, or is none."""
        data = self.read(sha256)
        if data is None or len(data) > LARGEST_OBJECT:
            return None
        try:
            return Part.parse(data)
        except TriageError:
            return None

    def picture(
        self, sha256: str, title: str, caption: str, extent: Extent, legend: Legend | None = None
    ) -> Picture | Paragraph:
        """Return a picture; where it cannot be shown, the paragraph that says so."""
        data = self.read(sha256)
        size = None if data is None else _size_of(data)
        if data is None or size is None:
            return say_gone(title, sha256)
        media = next(kind for start, kind in MEDIA.items() if data.startswith(start))
        return Picture(title, caption, data, media, *size, extent, sha256, legend)

    def grid(self, sha256: str, name: str) -> np.ndarray | None:
        """Return a map of an examination's arrays, (h, w) float32; None where it cannot be read."""
        data = self.read(sha256)
        if data is None:
            return None
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                if sum(entry.file_size for entry in file.infolist()) > LARGEST_OBJECT:
                    return None
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                grid = np.asarray(arrays[name])
        except (KeyError, OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return grid.astype(np.float32) if grid.ndim == 2 and grid.size and grid.dtype.kind == "f" else None


def say_gone(title: str, sha256: str) -> Paragraph:
    """Say in a picture's or a dossier's place that it cannot be shown."""
    if not sha256:
        return Paragraph(f"{title}: none was kept.", "aside")
    where = f"what was kept under SHA-256 {one_line(sha256, 64)}"
    return Paragraph(f"{title}: it cannot be shown, for {where} is gone or was altered.", "warning")


def _size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG by its header; None of anything else, or of one that is too large."""
    if not data.startswith(tuple(MEDIA)):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a header that names too many pixels: it is refused below
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                size = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return size if 0 < size[0] * size[1] <= LARGEST_PICTURE else None
