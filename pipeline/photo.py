"""`Photo`: original bytes, their hash, and upright sRGB pixels."""

import hashlib
import warnings
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import PhotoTooLarge, UnreadablePhoto
from pipeline.reading.colour import pixels, to_srgb
from pipeline.reading.decoding import decode
from pipeline.reading.opening import open_image
from pipeline.reading.prepare import source_of
from pipeline.reading.upright import orientation, turn
from pipeline.settings import settings

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


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as it was received and as it is seen.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB, upright, row 0 at the top.
        sha256: of the original bytes, 64 lower-case hex digits.
        data: the original bytes, never altered.
        format: container as found in the bytes ("JPEG", "PNG", …), whatever the file is called.
        notes: what was done to get from the file to `rgb`, and what of the file was not examined, in plain words.
        partial: the file is cut short, and `rgb` holds what decodes of it.
        frame: which frame or page of the file `rgb` is, from 0.
        frames: how many can be asked for.
        coarse: it is partial, and what is missing are later passes over the whole picture (progressive JPEG).
    """

    rgb: np.ndarray
    sha256: str
    data: bytes = field(repr=False)
    format: str
    notes: tuple[str, ...] = ()
    partial: bool = False
    frame: int = 0
    frames: int = 1
    coarse: bool = False

    @property
    def width(self) -> int:
        """Width of the upright picture in pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Height of the upright picture in pixels."""
        return int(self.rgb.shape[0])

    @classmethod
    def read(cls, data: bytes, partial: bool = False, frame: int = 0) -> "Photo":
        """Decode the bytes of one photo: of several frames or pages the one asked for, from 0.

        Args:
            data: the file's bytes.
            partial: decode what is there of a file that is cut short, instead of refusing it.
            frame: which frame or page.

        Raises:
            CutShort: the end is missing, and `partial` would give a part of it.
            UnreadablePhoto: it is empty, damaged, no picture, or of a kind that is refused; or it lacks such a frame.
            PhotoTooLarge: more bytes or pixels than the settings allow (told from the header, before decoding).
        """
        _refuse_by_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata that does not matter to the pixels
            source = source_of(data, frame)
            picture = open_image(source, frame)
            before = orientation(picture.image) if source.container == "TIFF" else 1
            image, missing = decode(picture.image, source, frame, partial)
            upright, turned = turn(image, before, source.unturned)
            notes = [missing, *source.notes, *picture.notes, turned]
            image = to_srgb(image, source, notes)
        rgb = pixels(image if upright is None else image.transpose(upright))
        rgb.setflags(write=False)
        return cls(
            rgb,
            hashlib.sha256(data).hexdigest(),
            data,
            "AVIF" if picture.image.format == "AVIF" else source.container,
            tuple(filter(None, notes)),
            partial=bool(missing),
            coarse=bool(missing) and source.scans > 1,
            frame=frame,
            frames=picture.frames,
        )


def _refuse_by_bytes(data: bytes) -> None:
    if not data:
        raise UnreadablePhoto("The file is empty (0 bytes). Get the original again.")
    limit = settings().max_megabytes
    if len(data) > limit * 1_000_000:
        size = f"The file has {len(data) / 1e6:.0f} MB; at most {limit} MB are read."
        raise PhotoTooLarge(f"{size} TELLTALE_MAX_MEGABYTES allows more.")
