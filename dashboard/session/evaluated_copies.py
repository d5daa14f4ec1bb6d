"""The photos of evaluations that were found on this machine: small, or opened. They are never written anywhere."""

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.datasets.photo_index import Copy
from pipeline.errors import TriageError
from pipeline.examining.find_faces import find_faces
from pipeline.face import Face
from pipeline.photo import Photo
from pipeline.pictures.photo import Picture, jpeg, picture

SMALL = 200
"""Longer side of a small picture in pixels."""
CHANGED = "The file has changed since the evaluation: its hash differs, so it is not shown."
NOT_THE_EDIT = "Original, not the edit"


@dataclass(frozen=True)
class Thumbnail:
    """A photo's small picture.

    Attributes:
        small: data URI of a JPEG; "" where there is none.
        marked: the same, with a band across its foot: it is the original of an edit.
        problem: why there is none, as a sentence; "" also where the photo is simply not here.
    """

    small: str = ""
    marked: str = ""
    problem: str = ""

    @classmethod
    def of(cls, copy: Copy) -> Self:
        """Make it from a file's bytes."""
        if copy.state != "here":
            return cls(problem=CHANGED if copy.state == "changed" else "")
        try:
            rgb = picture(Photo.read(copy.data), longest=SMALL).rgb
        except TriageError as problem:
            return cls(problem=str(problem))
        return cls(as_uri(jpeg(rgb), "jpeg"), as_uri(jpeg(as_original(rgb)), "jpeg"))


@dataclass(frozen=True, eq=False)
class OpenedCopy:
    """A photo that is opened, without its full pixels.

    Attributes:
        path: the file; None where it is gone.
        changed: it no longer holds the bytes that were evaluated, so nothing else is here.
        picture: the whole photo; None where it is gone or changed.
        faces: largest first; the evaluation measured the first one.
        near: the first face's window, from the original pixels; None without a face.
    """

    path: Path | None
    changed: bool = False
    picture: Picture | None = None
    faces: tuple[Face, ...] = ()
    near: Picture | None = field(default=None, repr=False)

    @classmethod
    def of(cls, copy: Copy) -> Self:
        """Read a file's bytes and find its faces.

        Raises:
            UnreadablePhoto, PhotoTooLarge: see `Photo.read`.
        """
        if copy.state != "here":
            return cls(copy.path, copy.state == "changed")
        photo = Photo.read(copy.data)
        faces = tuple(find_faces(photo))
        near = picture(photo, faces[0].window) if faces else None
        return cls(copy.path, False, picture(photo), faces, near)


def as_original(rgb: np.ndarray) -> np.ndarray:
    """Return (h, w, 3) uint8 RGB with a band across its foot that says that this is not the edit."""
    image = Image.fromarray(rgb)
    size = max(9, round(image.width / 14))
    font, draw = ImageFont.load_default(size), ImageDraw.Draw(image)
    draw.rectangle((0, image.height - 2 * size, image.width, image.height), fill="black")
    draw.text((image.width / 2, image.height - size), NOT_THE_EDIT, fill="white", font=font, anchor="mm")
    return np.asarray(image)


def lighter(png: bytes, colours: int = 96) -> bytes:
    """Return a PNG with so few colours that a page of maps weighs little; what is transparent stays so."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).quantize(colours, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    return buffer.getvalue()


def as_uri(data: bytes, form: str) -> str:
    """Return a picture's bytes as a data URI, so that a card comes to the browser in one piece."""
    return f"data:image/{form};base64,{base64.b64encode(data).decode()}"
