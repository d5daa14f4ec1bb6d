"""Which photos of the cases that a person may see are like one: the same bytes first, then those that look like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, and_, or_, select

from pipeline.casebook.alike.near_photos import Near, NearPhotos
from pipeline.casebook.blind import hidden_from
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.schema import CASES, PHOTOS
from pipeline.manifest.file_facts import THUMB

MOST = 200
"""Photos that are returned at most, the most alike."""
Key = tuple[str, int]
"""Id of a case, and a photo's number in it."""


@dataclass(frozen=True)
class OtherPhoto:
    """A photo of a case, as it is laid beside another.

    Attributes:
        case, case_name, number: which one it is.
        name, sha256, bytes, width, height, format, at, source: of its file; `width` is 0 where it was not examined.
        verdict, p_edited, p_deepfake, release, dossier, thumbnail: of its last examination; the first three and
            `dossier` are empty where it is hidden.
        is_hidden: its case is blind, and the person who asks has neither given an opinion on it nor seen its verdict.
    """

    case: str
    case_name: str
    number: int
    name: str
    sha256: str
    bytes: int
    width: int
    height: int
    format: str
    at: str
    source: str
    verdict: str
    p_edited: float | None
    p_deepfake: float | None
    release: str
    dossier: str
    thumbnail: str
    is_hidden: bool = False


_FIELDS = [name for name in OtherPhoto.__dataclass_fields__ if name in PHOTOS.c]


@dataclass(frozen=True)
class Likeness:
    """A photo that is like another.

    Attributes:
        photo: the photo.
        same_bytes: it is the very same file.
        near: how it looks like the other; None where it has the same bytes, or no fingerprint.
    """

    photo: OtherPhoto
    same_bytes: bool
    near: Near | None = None


@dataclass(frozen=True, eq=False)
class Fingerprints:
    """The fingerprints of all photos that a person may see.

    Attributes:
        keys: which photo each is of.
        index: of them, in the same order.
    """

    keys: Sequence[Key]
    index: NearPhotos


def read_fingerprints(casebook: Casebook) -> Fingerprints:
    """Return the fingerprints of the photos that the person may see; deleted ones and those never examined have none.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    asked = select(PHOTOS.c.case_id, PHOTOS.c.number, PHOTOS.c.phash, PHOTOS.c.thumb)
    with casebook.keeping.database.reading() as connection:
        rows = connection.execute(casebook.among_photos(asked).where(PHOTOS.c.phash.is_not(None))).all()
    whole = [row for row in rows if len(row.thumb or b"") == THUMB**2]
    hashes = np.array([row.phash for row in whole], np.int64).view(np.uint64)
    thumbs = np.frombuffer(b"".join(row.thumb for row in whole), np.uint8).reshape(len(whole), THUMB**2)
    return Fingerprints([(row.case_id, row.number) for row in whole], NearPhotos(hashes, thumbs))


def like_photos(
    casebook: Casebook, fingerprints: Fingerprints, own: Key, sha256: str, rgb: np.ndarray | None, parts: bool = False
) -> list[Likeness]:
    """Return the photos that are like one, the same bytes first, then the nearest.

    Args:
        casebook: the cases that the person may see.
        fingerprints: of them.
        own: the photo itself, which is left out.
        sha256: of its bytes.
        rgb: (H, W, 3) uint8 of it; None where it cannot be read: only its bytes are looked for.
        parts: look for cut-outs of it as well, which takes seconds among very many.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    hits = [] if rgb is None else fingerprints.index.near(rgb, parts)
    near = {fingerprints.keys[hit.place]: hit for hit in hits if fingerprints.keys[hit.place] != own}
    nearest = dict(list(near.items())[:MOST])
    same = (
        [one for one in _photos(casebook, PHOTOS.c.sha256 == sha256) if (one.case, one.number) != own] if sha256 else []
    )
    known = {(one.case, one.number) for one in same}
    others = {
        (one.case, one.number): one for one in other_photos(casebook, [key for key in nearest if key not in known])
    }
    return [
        *(Likeness(one, True) for one in same[:MOST]),
        *(Likeness(others[key], False, hit) for key, hit in nearest.items() if key in others),
    ]


def other_photos(casebook: Casebook, keys: Iterable[Key]) -> list[OtherPhoto]:
    """Return photos by their cases and numbers, as far as the person may see them, in no order.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    which = [and_(PHOTOS.c.case_id == case, PHOTOS.c.number == number) for case, number in keys]
    return _photos(casebook, or_(*which)) if which else []


def _photos(casebook: Casebook, where: "ColumnElement[bool]") -> list[OtherPhoto]:
    names = [PHOTOS.c[name] for name in _FIELDS]
    hidden = hidden_from(casebook.person.name).label("hidden")
    asked = select(CASES.c.id, CASES.c.name.label("case_name"), hidden, *names)
    with casebook.keeping.database.reading() as connection:
        rows = connection.execute(
            casebook.among_photos(asked).where(where).order_by(CASES.c.name, PHOTOS.c.number).limit(MOST)
        ).all()
    return [_other(row) for row in rows]


def _other(row: "Row[Any]") -> OtherPhoto:
    hidden = bool(row.hidden)
    facts = {name: getattr(row, name) for name in _FIELDS}
    if hidden:
        facts |= {"verdict": "", "p_edited": None, "p_deepfake": None, "dossier": ""}
    return OtherPhoto(case=row.id, case_name=row.case_name, is_hidden=hidden, **facts)
