"""The opened photo of a case: its log, its dossier, its examination and its pictures, kept while they are looked at.

All is named by hashes, so nothing here grows old. What came in an archive is a stranger's: a picture is decoded and
encoded anew before it is shown, and a dossier is read part by part.
"""

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard.session import case_pictures
from dashboard.session.examined_photos import BY_PLACE, Opened
from models.release import Release, read_release
from pipeline.casebook.case_record import CasePhoto, Examined
from pipeline.casebook.report.kept import LARGEST_OBJECT
from pipeline.casebook.report.parts import Part
from pipeline.casebook.stored import Arrays, unpack
from pipeline.errors import AlteredObject, TriageError, UnreadablePhoto
from pipeline.face import Face
from pipeline.photo import Photo
from pipeline.pictures.photo import Picture, picture

if TYPE_CHECKING:  # imported where they are used: they bring the database's library
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import CaseFacts
    from pipeline.casebook.keeping import Keeping
    from pipeline.casebook.photo_log import PhotoLog

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
"""What reading a record raises that was written by somebody else, or damaged before it was hashed."""


def photo_log(case: "Case", facts: "CaseFacts", number: int) -> "PhotoLog":
    """Return a photo of a case with what the log tells of it, read anew once the log has grown.

    Raises:
        UnknownName: the case has no such photo.
        DamagedDatabase: the casebook cannot be read.
    """
    return _photo_log(case.keeping.database.place, case.id, facts.entries, facts.head, number, case)


@st.cache_resource(show_spinner=False, max_entries=64)
def _photo_log(place: str, case_id: str, entries: int, head: str, number: int, _case: "Case") -> "PhotoLog":
    from pipeline.casebook.photo_log import read_photo

    return read_photo(_case.keeping, _case.id, number)


def dossier(case: "Case", sha256: str) -> Part:
    """Return all that was found in a photo.

    Raises:
        AlteredObject: it is gone, was altered, or is no dossier.
    """
    return _dossier(case.keeping.objects.place, sha256, case.keeping)


@st.cache_resource(show_spinner=False, max_entries=24)
def _dossier(place: str, sha256: str, _keeping: "Keeping") -> Part:
    return Part.parse(_keeping.objects.read(sha256))


def opened(case: "Case", photo: CasePhoto, examined: Examined) -> Opened:
    """Return an examination of a photo as it was made, for drawing; nothing is scored again.

    Raises:
        UnreadablePhoto: the original is gone, altered, or is decoded in another size.
        AlteredObject: what was found is gone, altered, or is not of this photo.
        WeightsMismatch: the kept release cannot be read.
    """
    places = (case.keeping.originals.place, case.keeping.objects.place)
    known = (photo.number, photo.name, photo.sha256, photo.bytes)
    return _opened(*places, known, examined.dossier, examined.arrays, case.keeping)


@st.cache_resource(show_spinner=False, max_entries=12)
def _opened(
    originals: str, objects: str, known: tuple[int, str, str, int], dossier: str, arrays: str, _keeping: "Keeping"
) -> Opened:
    number, name, sha256, size = known
    kept = dict(_dossier(objects, dossier, _keeping).data)
    maps = _read_arrays(_keeping.objects.read(arrays))
    data = _keeping.originals.read(sha256)
    try:
        record = dict(kept["record"])
        if record["sha256"] != sha256:
            raise AlteredObject(f"The dossier tells of another file, {str(record['sha256'])[:12]}…, not of this photo.")
        photo = _read_as_examined(data, record)
        release = Release.from_dict(kept["release"], str(kept["release_sha256"]))
        examination = unpack(record, maps, photo, release)
        return Opened.holding(record | {"index": number, "name": name, "bytes": size}, examination)
    except MALFORMED as problem:
        raise AlteredObject(
            f"The dossier {dossier[:12]}… does not hold what this version reads: {problem!r}."
        ) from problem


def _read_arrays(data: bytes) -> Arrays:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if sum(entry.file_size for entry in file.infolist()) > LARGEST_OBJECT:
                raise AlteredObject("The maps of this examination are too large to be what an examination leaves.")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return dict(arrays)
    except (zipfile.BadZipFile, OSError, EOFError, *MALFORMED) as problem:
        raise AlteredObject(f"The maps of this examination cannot be read: {problem}.") from problem


def _read_as_examined(data: bytes, record: dict[str, Any]) -> Photo:
    photo = Photo.read(data, partial=record.get("partial", False), frame=record.get("frame", 0))
    if (photo.width, photo.height) != (record["width"], record["height"]):
        raise UnreadablePhoto(
            f"The photo was examined at {record['width']} × {record['height']} pixels and is now decoded at "
            f"{photo.width} × {photo.height}, as TELLTALE_MAX_MEGAPIXELS was changed: set it back."
        )
    return photo


def zoom_to(case: "Case", record: dict[str, Any], face: Face) -> Picture:
    """Return a face's part of a photo, from its original pixels.

    Raises:
        UnreadablePhoto: the original is gone, altered, or is decoded in another size.
    """
    how = (bool(record.get("partial", False)), int(record.get("frame", 0)))
    return _zoom_to(case.keeping.originals.place, record["sha256"], how, face, record, case.keeping)


@st.cache_resource(show_spinner=False, max_entries=12, hash_funcs=BY_PLACE)
def _zoom_to(
    place: str, sha256: str, how: tuple[bool, int], face: Face, _record: dict[str, Any], _keeping: "Keeping"
) -> Picture:
    return picture(_read_as_examined(_keeping.originals.read(sha256), _record), face.window)


def is_release_here(release: Release) -> bool:
    """Tell whether the very release that examined a photo is on this machine: another map can then be asked of it."""
    try:
        return read_release(release.name).sha256 == release.sha256
    except TriageError:
        return False


def delete(case: "Case", number: int, reason: str) -> None:
    """Delete a photo of a case, also from memory.

    Raises:
        NotAllowed, UnknownName, BadCase: see `Case.delete`.
    """
    case.delete(number, reason)
    for cache in (_photo_log, _dossier, _opened, _zoom_to):
        cache.clear()
    case_pictures.forget()


def add_file(case: "Case", name: str, data: bytes) -> int:
    """Add a file to a case, examined by the usual release; return the number of its photo.

    Raises:
        DiskFull, NotAllowed, DamagedDatabase: it could not be added.
    """
    from pipeline.casebook.adding import add_item
    from pipeline.examining.loaded import load_cascade
    from pipeline.intake import Item

    return add_item(case, Item(name, data), load_cascade()).number
