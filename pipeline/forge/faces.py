"""The photos that the forge reads: an original with its largest face, and a donor's face in the subject's light."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.errors import NoDonor, NoFace, UnreadablePhoto
from pipeline.examining.find_faces import faces_in
from pipeline.face import window_of
from pipeline.forge.geometry.donors import tint_donor
from pipeline.forge.operation import Subject, operation
from pipeline.forge.orders import Donor
from pipeline.photo import Photo

LENT = 2.2
"""Side of the square of a donor's photo that is kept, over the longer side of the landmarks' box."""


def read_face(path: Path, sha256: str = "") -> Subject:
    """Read a photo and the landmarks of its largest face.

    Raises:
        UnreadablePhoto: it is gone, no photo, or not the one whose hash was given.
        NoFace: there is none.
    """
    rgb = read_photo(path, sha256).rgb
    faces = faces_in(rgb)
    if not faces:
        raise NoFace("no face was found")
    return Subject(rgb, faces[0].landmarks)


def read_photo(path: Path, sha256: str = "") -> Photo:
    """Read a photo; see `read_face`."""
    try:
        photo = Photo.read(path.read_bytes())
    except OSError as problem:
        raise UnreadablePhoto(f"the file could not be read: {problem.strerror}") from problem
    if sha256 and photo.sha256 != sha256:
        raise UnreadablePhoto("the file was changed since it was first looked at")
    return photo


@lru_cache(maxsize=4)
def _lender(donor: Donor) -> Subject:
    """Return the square around a donor's face: all that operations need, and small enough to keep."""
    whole = read_face(donor.path, donor.sha256)
    height, width = whole.rgb.shape[:2]
    x0, y0, x1, y1 = np.rint(window_of(whole.landmarks, LENT)).astype(int)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    rgb = np.ascontiguousarray(whole.rgb[y0:y1, x0:x1])
    return Subject(rgb, whole.landmarks - np.array([x0, y0], np.float32))


def lend_face(name: str, subject: Subject, donor: Donor | None) -> Subject | None:
    """Return the donor's face in the subject's light; None for an operation that needs none.

    Raises:
        NoDonor: the operation needs a donor and there is none.
        UnreadablePhoto, NoFace: the donor's photo cannot be used.
    """
    if not operation(name).needs_donor:
        return None
    if donor is None:
        raise NoDonor(f"{name}: there is no other person in this split")
    return tint_donor(_lender(donor), subject)
