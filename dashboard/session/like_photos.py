"""What is like the opened photo of a case, and a photo laid against another: looked for when it is asked for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pipeline.examination import Examination
from pipeline.examining.alignment import NotAligned
from pipeline.face import Box
from pipeline.photo import Photo

if TYPE_CHECKING:  # imported where they are used: they bring the database's library
    from pipeline.casebook.alike.closeness import Ranked
    from pipeline.casebook.alike.copies import Copy
    from pipeline.casebook.alike.like_photos import Fingerprints, Key, Likeness
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.keeping import Keeping
    from pipeline.errors import TriageError
    from pipeline.examining.against_original import Comparison


def like_photos(
    book: "Casebook", own: "Key", sha256: str, rgb: np.ndarray | None, parts: bool = False
) -> "list[Likeness]":
    """Return the photos that are like one, of all cases that the person may see, the same bytes first.

    Args:
        book: the cases.
        own: case and number of the photo.
        sha256: of its bytes.
        rgb: (h, w, 3) uint8 of it; None where it cannot be read.
        parts: look for cut-outs of it as well.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    state = _state(book)
    return _like_photos(state, own, sha256, rgb is not None, parts, book, rgb)


def _state(book: "Casebook") -> str:
    """Return what changes whenever a case that the person may see does."""
    cases = [*book.cases(), *book.cases(archived=True)]
    heads = "".join(f"{one.id}{one.head}" for one in cases)
    place = f"{book.keeping.database.place}\n{book.person.name}\n{book.person.role}\n"
    return place + hashlib.sha256(heads.encode()).hexdigest()


@st.cache_resource(show_spinner=False, max_entries=4)
def _fingerprints(state: str, _book: "Casebook") -> "Fingerprints":
    from pipeline.casebook.alike.like_photos import read_fingerprints

    return read_fingerprints(_book)


@st.cache_resource(show_spinner=False, max_entries=64)
def _like_photos(
    state: str, own: "Key", sha256: str, readable: bool, parts: bool, _book: "Casebook", _rgb: np.ndarray | None
) -> "list[Likeness]":
    from pipeline.casebook.alike.like_photos import like_photos as like

    return like(_book, _fingerprints(state, _book), own, sha256, _rgb, parts)


@dataclass(frozen=True, eq=False)
class Laid:
    """A photo beside the one that it is compared with, and what the comparison came to.

    Attributes:
        here, there: (H, W, 3) uint8 of the photo and of the other one.
        comparison: of both, or why they could not be laid on one another.
    """

    here: np.ndarray
    there: np.ndarray
    comparison: "Comparison | NotAligned"


def lay(keeping: "Keeping", sha256: str, how: tuple[bool, int], faces: Sequence[Box], other: Photo | str) -> Laid:
    """Lay another photo on one, and take it away.

    Args:
        keeping: where originals are.
        sha256: of the photo.
        how: whether it was examined in part, and which frame of it.
        faces: boxes of its faces.
        other: the other photo, or the hash of its original.

    Raises:
        UnreadablePhoto, PhotoTooLarge: one of both cannot be read.
    """
    named = other if isinstance(other, str) else other.sha256
    return _lay(keeping.originals.place, sha256, how, tuple(faces), named, keeping, other)


@st.cache_resource(show_spinner=False, max_entries=3)
def _lay(
    place: str,
    sha256: str,
    how: tuple[bool, int],
    faces: tuple[Box, ...],
    named: str,
    _keeping: "Keeping",
    _other: Photo | str,
) -> Laid:
    from pipeline.examining.against_original import compare

    here = Photo.read(_keeping.originals.read(sha256), *how).rgb
    there = (Photo.read(_keeping.originals.read(_other)) if isinstance(_other, str) else _other).rgb
    return Laid(here, there, compare(here, there, faces))


def closest_copies(keeping: "Keeping", copies: "Sequence[Copy]") -> "tuple[list[Ranked], list[TriageError]]":
    """Return copies of one photo in the order in which they lie to its source, and why others cannot be read."""
    key = (keeping.originals.place, *(f"{copy.sha256} {copy.name} {copy.label} {copy.p_edited}" for copy in copies))
    return _closest_copies(key, keeping, copies)


@st.cache_resource(show_spinner=False, max_entries=12)
def _closest_copies(
    key: tuple[str, ...], _keeping: "Keeping", _copies: "Sequence[Copy]"
) -> "tuple[list[Ranked], list[TriageError]]":
    from pipeline.casebook.alike.closeness import closest
    from pipeline.casebook.alike.copy_facts import lay_copies

    laid, problems = lay_copies(_keeping, _copies)
    return closest(laid), problems


def read_upload(data: bytes) -> Photo:
    """Return a photo that was handed over to be compared, and is not kept.

    Raises:
        UnreadablePhoto, PhotoTooLarge: it cannot be read.
    """
    return _read_upload(hashlib.sha256(data).hexdigest(), data)


@st.cache_resource(show_spinner=False, max_entries=2)
def _read_upload(sha256: str, _data: bytes) -> Photo:
    return Photo.read(_data)


def score(photo: Photo, release: str, sha256: str) -> Examination:
    """Examine a photo that is not kept, by the release that examined another.

    Args:
        photo: the photo.
        release: its name.
        sha256: of the release's file as it was then.

    Raises:
        UnknownName, WeightsMissing, WeightsMismatch: the release is not here.
    """
    return _score(photo.sha256, release, sha256, photo)


@st.cache_resource(show_spinner=False, max_entries=4)
def _score(photo_sha256: str, release: str, release_sha256: str, _photo: Photo) -> Examination:
    from pipeline.cascade import examine
    from pipeline.examining.loaded import load_cascade

    return examine(_photo, load_cascade(release), heatmaps=False)
