"""What analysts noted about evaluated photos: tags with a note, in the casebook's database."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, fields, replace

from sqlalchemy import ColumnElement, delete, insert, select

from pipeline.casebook.engine import Database
from pipeline.casebook.schema import TAGS as TABLE
from pipeline.errors import UnknownName
from pipeline.records import defuse
from pipeline.storage.clock import now

TAGS = ("label suspect", "interesting", "fixed")
LONGEST = 2000
"""Characters that are kept of a note."""


@dataclass(frozen=True)
class Tag:
    """One tag of one evaluated photo.

    Attributes:
        photo: its id in the evaluation.
        tag: one of `TAGS`.
        note: free text; "" without.
        sha256: of the photo's file, or of the original's where the photo was forged.
        release, dataset: the evaluation in which it was seen.
        at: when it was last written, UTC, ISO 8601.
    """

    photo: str
    tag: str
    note: str = ""
    sha256: str = ""
    release: str = ""
    dataset: str = ""
    at: str = ""


COLUMNS = tuple(field.name for field in fields(Tag))


class Tags:
    """The tags of one casebook; every method opens the database anew, so that sessions see each other's."""

    def __init__(self, database: Database) -> None:
        """Keep where they are: a database file is made with the first tag."""
        self._database = database

    def put(self, tag: Tag) -> Tag:
        """Keep a tag, in place of the same one on the same photo; return it as kept, with the time if it has none.

        Raises:
            UnknownName: there is no such tag.
            DamagedDatabase, DiskFull, Unwritable: see `pipeline.casebook.engine.Database`.
        """
        if tag.tag not in TAGS:
            raise UnknownName.among("tag", tag.tag, TAGS)
        kept = replace(tag, note=tag.note.strip()[:LONGEST], at=tag.at or now())
        with self._database.writing() as connection:
            connection.execute(delete(TABLE).where(*_same(tag.photo, tag.tag)))
            connection.execute(insert(TABLE).values(asdict(kept)))
        return kept

    def remove(self, photo: str, tag: str) -> Tag | None:
        """Take a tag away and return it, so that it can be put back; None where there was none.

        Raises:
            DamagedDatabase, DiskFull, Unwritable: see `pipeline.casebook.engine.Database`.
        """
        with self._database.writing() as connection:
            row = connection.execute(_ASKED.where(*_same(photo, tag))).first()
            connection.execute(delete(TABLE).where(*_same(photo, tag)))
        return Tag(*row) if row else None

    def all(self) -> list[Tag]:
        """Return all tags, the newest first.

        Raises:
            DamagedDatabase: see `pipeline.casebook.engine.Database`.
        """
        if not self._database.exists:
            return []
        with self._database.reading() as connection:
            rows = connection.execute(_ASKED.order_by(TABLE.c.at.desc(), TABLE.c.photo, TABLE.c.tag))
            return [Tag(*row) for row in rows]


_ASKED = select(*(TABLE.c[name] for name in COLUMNS))


def _same(photo: str, tag: str) -> tuple["ColumnElement[bool]", ...]:
    return TABLE.c.photo == photo, TABLE.c.tag == tag


def by_photo(tags: Iterable[Tag]) -> dict[str, dict[str, Tag]]:
    """Return photo → tag → `Tag`, in the order of `TAGS`."""
    photos: dict[str, dict[str, Tag]] = {}
    for one in sorted(tags, key=lambda one: TAGS.index(one.tag) if one.tag in TAGS else len(TAGS)):
        photos.setdefault(one.photo, {})[one.tag] = one
    return photos


def csv_table(tags: Iterable[Tag]) -> bytes:
    """Return tags as CSV, UTF-8 with the mark that spreadsheets want; what would run as a formula is defused."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows([defuse(value) for value in astuple(tag)] for tag in tags)
    return stream.getvalue().encode("utf-8-sig")
