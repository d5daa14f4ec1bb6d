"""Search over the photos of one case or of all: by name, hash, verdict, tag, date, release."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, null, select
from sqlalchemy import case as when

from pipeline.casebook.blind import has_opinion, hidden_from
from pipeline.casebook.case_record import Opinion
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.schema import CASES, MATCHES, OPINIONS, PHOTO_TAGS, PHOTOS

PAGE = 60
"""Photos on a page of a list."""
HEX = re.compile("[0-9a-f]{6,64}")
BY_SUSPICION = "Most suspicious first"
SORTS = {
    BY_SUSPICION: (PHOTOS.c.p_edited.desc().nulls_last(), PHOTOS.c.number),
    "In the order of adding": (PHOTOS.c.number,),
    "Newest first": (PHOTOS.c.at.desc(), PHOTOS.c.number.desc()),
    "By name": (PHOTOS.c.name, PHOTOS.c.number),
}
"""Orders of a list, the usual one first."""


@dataclass(frozen=True)
class PhotoQuery:
    """What is looked for; what is empty is not asked for.

    Attributes:
        case: id of a case; "" for all that the person may see.
        text: a part of the file's name, or the first digits of its SHA-256, six or more.
        verdicts: labels; "" stands for photos that could not be examined.
        tags: of which a photo has at least one.
        release: name of the release that examined it last.
        since, until: first and last day of adding, ISO.
        matched: only photos that stand in a list of known hashes.
        waiting_for: name of a person; only photos about which that person gave no opinion.
        hidden_from: name of a person; only photos whose verdict is hidden from that person.
        shown_to: name of a person from whom verdicts of blind cases may be hidden: such photos pass no question for a
            verdict, a tag or a list, and sort as those that have no verdict. "" hides nothing.
        sort: a key of `SORTS`.
        first: how many photos to pass over.
        most: how many to return.
    """

    case: str = ""
    text: str = ""
    verdicts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    release: str = ""
    since: str = ""
    until: str = ""
    matched: bool = False
    waiting_for: str = ""
    hidden_from: str = ""
    shown_to: str = ""
    sort: str = BY_SUSPICION
    first: int = 0
    most: int = PAGE


@dataclass(frozen=True)
class PhotoRow:
    """A photo as a list shows it; `case_name`, and the fields of the table `photos`.

    Attributes:
        hidden: its verdict is hidden from the person who asks: the case is blind, and they did not judge it yet. Then
            nothing is told of what it is tagged with, or what people and lists hold of it.
    """

    case: str
    case_name: str
    number: int
    name: str
    sha256: str
    bytes: int
    at: str
    who: str
    source: str
    verdict: str
    p_edited: float | None
    p_deepfake: float | None
    release: str
    dossier: str
    thumbnail: str
    error: str
    notable: int
    hidden: bool
    tags: tuple[str, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    matches: tuple[str, ...] = ()


@dataclass(frozen=True)
class PhotoPage:
    """A page of what was looked for.

    Attributes:
        rows: the photos on it.
        total: how many there are in all.
    """

    rows: tuple[PhotoRow, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class Choices:
    """What photos can be filtered by: the values that there are."""

    verdicts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()


_FIELDS = tuple(
    name
    for name in PhotoRow.__dataclass_fields__
    if name in PHOTOS.c  # in the order of the class
)


def search(casebook: Casebook, query: PhotoQuery) -> PhotoPage:
    """Look for photos.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    if not casebook.keeping.database.exists:
        return PhotoPage()
    where = _conditions(query)
    with casebook.keeping.database.reading() as connection:
        total = connection.execute(_among(casebook, func.count(), query=query).where(*where)).scalar_one()
        columns = [PHOTOS.c[name] for name in _FIELDS]
        hidden = hidden_from(casebook.person.name)
        asked = _among(casebook, CASES.c.id, CASES.c.name, hidden, *columns, query=query).where(*where)
        rows = connection.execute(asked.order_by(*_order(query)).offset(query.first).limit(query.most)).all()
        photos = [
            PhotoRow(case=row[0], case_name=row[1], hidden=bool(row[2]), **dict(zip(_FIELDS, row[3:], strict=True)))
            for row in rows
        ]
        beside = _beside(connection, [photo for photo in photos if not photo.hidden])
    return PhotoPage(tuple(replace(photo, **beside.get((photo.case, photo.number), {})) for photo in photos), total)


def numbers(casebook: Casebook, query: PhotoQuery) -> list[int]:
    """Return the numbers of all photos of a case that a question is about, in its order, over all pages.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    if not casebook.keeping.database.exists:
        return []
    asked = _among(casebook, PHOTOS.c.number, query=query).where(*_conditions(query)).order_by(*_order(query))
    with casebook.keeping.database.reading() as connection:
        return list(connection.execute(asked).scalars())


def _among(casebook: Casebook, *columns: Any, query: PhotoQuery) -> "Select[Any]":
    asked = casebook.among_photos(select(*columns))
    return asked.where(PHOTOS.c.case_id == query.case) if query.case else asked


def _conditions(query: PhotoQuery) -> list["ColumnElement[bool]"]:
    where = _hidden(query)
    if query.text:
        named = PHOTOS.c.name.icontains(query.text, autoescape=True)
        digits = query.text.strip().lower()
        where.append(named | PHOTOS.c.sha256.startswith(digits) if HEX.fullmatch(digits) else named)
    if query.verdicts:
        where.append(PHOTOS.c.verdict.in_(query.verdicts))
    if query.waiting_for:
        where.append(~has_opinion(query.waiting_for))
    if query.release:
        where.append(PHOTOS.c.release == query.release)
    if query.since:
        where.append(PHOTOS.c.at >= query.since)
    if query.until:
        where.append(PHOTOS.c.at < f"{query.until}U")  # after every time of that day, which goes on with a T
    same_photo = {table: and_(table.c.case_id == PHOTOS.c.case_id, table.c.number == PHOTOS.c.number)
                  for table in (PHOTO_TAGS, MATCHES)}  # fmt: skip
    if query.tags:
        where.append(exists().where(same_photo[PHOTO_TAGS], PHOTO_TAGS.c.tag.in_(query.tags)))
    if query.matched:
        where.append(exists().where(same_photo[MATCHES]))
    return where


def _hidden(query: PhotoQuery) -> list["ColumnElement[bool]"]:
    """Return the conditions on what is hidden: nobody learns from a filter what a photo does not show them."""
    asked = query.shown_to and (query.verdicts or query.tags or query.matched)
    told = [~hidden_from(query.shown_to)] if asked else []
    return told + ([hidden_from(query.hidden_from)] if query.hidden_from else [])


def _order(query: PhotoQuery) -> "tuple[ColumnElement[Any], ...]":
    if query.sort != BY_SUSPICION or not query.shown_to:
        return SORTS[query.sort]
    seen = when((hidden_from(query.shown_to), null()), else_=PHOTOS.c.p_edited)
    return seen.desc().nulls_last(), PHOTOS.c.number


def _beside(connection: Any, photos: list[PhotoRow]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return tags, opinions and matches of the photos of a page."""
    beside: dict[tuple[str, int], dict[str, list[Any]]] = {
        (photo.case, photo.number): {"tags": [], "opinions": [], "matches": []} for photo in photos
    }
    for case in {photo.case for photo in photos}:
        numbers = [photo.number for photo in photos if photo.case == case]
        for table, name in ((PHOTO_TAGS, "tags"), (OPINIONS, "opinions"), (MATCHES, "matches")):
            where = (table.c.case_id == case, table.c.number.in_(numbers))
            for row in connection.execute(select(table).where(*where).order_by(*table.primary_key.columns)):
                value = row.tag if name == "tags" else row.known if name == "matches" else _opinion(row)
                beside[case, row.number][name].append(value)
    return {key: {name: tuple(values) for name, values in each.items()} for key, each in beside.items()}


def _opinion(row: Any) -> Opinion:
    region = tuple(json.loads(row.region)) if row.region else None
    return Opinion(row.entry, row.at, row.who, row.label, row.words, region, row.blind)


def choices(casebook: Casebook, case: str = "") -> Choices:
    """Return the verdicts, tags and releases that photos of a case, or of all, can be filtered by."""
    if not casebook.keeping.database.exists:
        return Choices()
    query = PhotoQuery(case)
    with casebook.keeping.database.reading() as connection:
        verdicts, releases = (
            [row[0] for row in connection.execute(_among(casebook, column, query=query).distinct().order_by(column))]
            for column in (PHOTOS.c.verdict, PHOTOS.c.release)
        )
        tags = _among(casebook, PHOTO_TAGS.c.tag, query=query).where(
            PHOTO_TAGS.c.case_id == PHOTOS.c.case_id, PHOTO_TAGS.c.number == PHOTOS.c.number
        )
        names = [row[0] for row in connection.execute(tags.distinct().order_by(PHOTO_TAGS.c.tag))]
    return Choices(tuple(verdicts), tuple(names), tuple(filter(None, releases)))
