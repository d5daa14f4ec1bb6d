"""How the forge's files are written: one encoder for every class, no metadata, whole or not at all.

The EXIF policy: a file of the forge carries pixels and nothing else, be it real or edited. No EXIF, XMP, IPTC, comment,
thumbnail or colour profile of the original is kept: its turn and its profile are applied to the pixels instead. Kept
metadata would tell the class, and would claim of an edited picture that a camera took it so.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image

from pipeline.errors import BadRecipe, DiskFull
from pipeline.storage.whole import is_full, whole_file, write_whole

WRITTEN = re.compile(r"PNG|JPEG q(\d+) (4:4:4|4:2:2|4:2:0)")


@dataclass(frozen=True)
class Container:
    """The one encoder of a run.

    Attributes:
        format: "JPEG" or "PNG".
        quality: of JPEG, 1 to 100, as libjpeg counts; PNG loses nothing.
        chroma: of JPEG, how colour is sampled.
    """

    format: str = "JPEG"
    quality: int = 95
    chroma: str = "4:4:4"

    def __post_init__(self) -> None:
        if not WRITTEN.fullmatch(str(self)) or not 1 <= self.quality <= 100:
            raise BadRecipe(f"There is no container {self}; write PNG, or JPEG q95 4:4:4 with a quality of 1 to 100.")

    def __str__(self) -> str:
        return "PNG" if self.format == "PNG" else f"{self.format} q{self.quality} {self.chroma}"

    @classmethod
    def parse(cls, text: str) -> "Container":
        """Return the container that `str` wrote, e.g. "JPEG q90 4:2:0"."""
        if not (match := WRITTEN.fullmatch(text)):
            raise BadRecipe(f"There is no container {text!r}; write PNG, or for example JPEG q90 4:2:0.")
        return cls("JPEG", int(match[1]), match[2]) if match[1] else cls("PNG")

    @property
    def suffix(self) -> str:
        """The ending of its files' names."""
        return ".png" if self.format == "PNG" else ".jpg"

    def encode(self, rgb: np.ndarray) -> bytes:
        """Encode (H, W, 3) uint8 RGB, without any metadata."""
        if self.format == "PNG":
            return png(rgb)
        buffer = io.BytesIO()
        Image.fromarray(rgb).save(buffer, "JPEG", quality=self.quality, subsampling=self.chroma)
        return buffer.getvalue()


def png(pixels: np.ndarray) -> bytes:
    """Encode (H, W, 3) or (H, W) uint8 as PNG, without any metadata."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def mask_bytes(mask: np.ndarray) -> np.ndarray:
    """Return a mask as (H, W) uint8: 255 where it is strongest, 0 exactly where the picture is untouched.

    Args:
        mask: (H, W) float32 in [0, 1]. Light edits have masks of low peaks; over 127 means at least half of the peak.
    """
    return np.ceil(mask / max(float(mask.max()), 1e-6) * 255).astype(np.uint8)


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def full_disk(problem: OSError, path: Path) -> DiskFull:
    """Return the error to raise for a write that failed for want of space; another problem is raised as it is."""
    if not is_full(problem):
        raise problem
    return DiskFull(
        f"No space is left in {path.parent}. What is written so far is whole and valid; make room and run "
        "the same command again, it goes on where it stopped."
    )


def write_resumable(path: Path, data: bytes) -> None:
    """Write a file whole, or not at all; a full disk is said with how to go on.

    Raises:
        DiskFull: there is no space left; nothing of this file stays.
    """
    try:
        write_whole(path, data)
    except OSError as problem:
        raise full_disk(problem, path) from problem


class Table:
    """A CSV file in the making: lines are written as they come."""

    def __init__(self, path: Path, file: TextIO, columns: Iterable[str]) -> None:
        """Write the names of the columns.

        Args:
            path: the name that the file will have.
            file: where to write.
            columns: of each line.
        """
        self._path, self._file = path, file
        self._writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        self._writer.writeheader()

    def add(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Write lines.

        Raises:
            DiskFull: there is no space left.
        """
        try:
            self._writer.writerows(rows)
            self._file.flush()
        except OSError as problem:
            raise full_disk(problem, self._path) from problem


@contextmanager
def write_csv(path: Path, columns: Iterable[str]) -> Iterator[Table]:
    """Give a table that takes its name when all lines are in it.

    Where the work ends early, what is listed so far gets the name, unless an earlier table has it.
    """
    with (
        whole_file(path, or_part=True) as part,
        part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
    ):
        yield Table(path, file, columns)
