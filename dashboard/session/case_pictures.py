"""Pictures that are kept of photos of cases, as they may be shown: decoded and encoded anew, a stranger's too."""

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from pipeline.casebook.report.kept import LARGEST_PICTURE
from pipeline.errors import AlteredObject
from pipeline.reading.refusals import DAMAGE

if TYPE_CHECKING:  # imported where they are used: they bring the database's library
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.keeping import Keeping


def kept_picture(book: "Case | Casebook", sha256: str) -> bytes:
    """Return a thumbnail, an overlay or an exhibit, encoded anew as PNG or JPEG without any metadata.

    Raises:
        AlteredObject: it is gone, was altered, or is no such picture.
    """
    return _kept_picture(book.keeping.objects.place, sha256, book.keeping)


@st.cache_resource(show_spinner=False, max_entries=600)
def _kept_picture(place: str, sha256: str, _keeping: "Keeping") -> bytes:
    return encode_anew(_keeping.objects.read(sha256))


def encode_anew(data: bytes) -> bytes:
    """Return a PNG or JPEG decoded and encoded again, a PNG as PNG.

    Raises:
        AlteredObject: it is neither, is damaged, or has more than `LARGEST_PICTURE` pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which is left behind
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
            if image.width * image.height > LARGEST_PICTURE:
                raise AlteredObject(f"A picture of {image.width} × {image.height} pixels is none that is kept here.")
            bare = Image.fromarray(np.asarray(image.convert("RGB")))
    except (*DAMAGE, Image.DecompressionBombError) as problem:
        raise AlteredObject("What is kept there is no picture that can be shown.") from problem
    buffer = io.BytesIO()
    bare.save(buffer, "PNG" if image.format == "PNG" else "JPEG", quality=90)
    return buffer.getvalue()


def forget() -> None:
    """Let go of all pictures in memory, as after a deletion."""
    _kept_picture.clear()
