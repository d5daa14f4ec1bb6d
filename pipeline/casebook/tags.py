"""What analysts noted about evaluated photos: tags with a note, in the casebook's database."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from pipeline.errors import UnknownName
from pipeline.records import defuse
from pipeline.storage.database import open_database

NAME = "casebook.sqlite"
TAGS = ("label suspect", "interesting", "fixed")
LONGEST = 2000
"""Characters that are kept of a note."""

_TABLE = """create table if not exists tags (
    photo text not null, tag text not null, note text not null, sha256 text not null, release text not null,
    dataset text not null, at text not null, primary key (photo, tag)
) without rowid"""


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
    """The tags of one casebook; every method opens the file anew, so that sessions see each other's."""

    def __init__(self, path: Path) -> None:
        """Keep where the database is: it is made with the first tag."""
        self._path = path

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        with open_database(self._path, _TABLE) as database:
            yield database

    def put(self, tag: Tag) -> Tag:
        """Keep a tag, in place of the same one on the same photo; return it as kept, with the time if it has none.

        Raises:
            UnknownName: there is no such tag.
            DamagedDatabase: see `pipeline.storage.database.open_database`.
        """
        if tag.tag not in TAGS:
            raise UnknownName.among("tag", tag.tag, TAGS)
        kept = replace(tag, note=tag.note.strip()[:LONGEST], at=tag.at or _now())
        with self._open() as database:
            marks = ", ".join("?" * len(COLUMNS))
            database.execute(f"insert or replace into tags ({', '.join(COLUMNS)}) values ({marks})", astuple(kept))
        return kept

    def remove(self, photo: str, tag: str) -> Tag | None:
        """Take a tag away and return it, so that it can be put back; None where there was none.

        Raises:
            DamagedDatabase: see `pipeline.storage.database.open_database`.
        """
        with self._open() as database:
            rows = _read(database, "where photo = ? and tag = ?", (photo, tag))
            database.execute("delete from tags where photo = ? and tag = ?", (photo, tag))
        return next(iter(rows), None)

    def all(self) -> list[Tag]:
        """Return all tags, the newest first.

        Raises:
            DamagedDatabase: see `pipeline.storage.database.open_database`.
        """
        if not self._path.is_file():
            return []
        with self._open() as database:
            return _read(database, "order by at desc, photo, tag")


def _read(database: Connection, rest: str, values: tuple[Any, ...] = ()) -> list[Tag]:
    return [Tag(*row) for row in database.execute(f"select {', '.join(COLUMNS)} from tags {rest}", values)]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
