"""Lists of known hashes in the casebook, and which of them a photo stands in when it arrives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select, tuple_

from pipeline.casebook.engine import Database
from pipeline.casebook.hash_columns import KINDS
from pipeline.casebook.known_hashes import KnownHash, PhotoHashes, near_known
from pipeline.casebook.schema import KNOWN
from pipeline.casebook.texts import clean_name

AT_ONCE = 5000


@dataclass(frozen=True)
class KnownList:
    """A list of known hashes.

    Attributes:
        name: the list's.
        hashes: kind → how many.
    """

    name: str
    hashes: dict[str, int]


def put_list(database: Database, name: str, hashes: Iterable[KnownHash]) -> KnownList:
    """Keep a list, in place of an older one of the same name; as a whole, or not at all.

    Raises:
        BadCase: the name is empty or too long.
        DamagedDatabase, DiskFull, Unwritable: it cannot be kept.
    """
    clean, counts = clean_name(name), dict[str, int]()
    with database.writing() as connection:
        connection.execute(delete(KNOWN).where(KNOWN.c.list == clean))
        rows: dict[tuple[str, str], dict[str, str]] = {}
        seen: set[tuple[str, str]] = set()
        for each in hashes:
            key = (each.kind, each.value)
            if key in seen:
                continue
            seen.add(key)
            counts[each.kind] = counts.get(each.kind, 0) + 1
            rows[key] = {"list": clean, "kind": each.kind, "value": each.value, "note": each.note}
            if len(rows) == AT_ONCE:
                connection.execute(insert(KNOWN), list(rows.values()))
                rows.clear()
        if rows:
            connection.execute(insert(KNOWN), list(rows.values()))
    return KnownList(clean, counts)


def remove_list(database: Database, name: str) -> None:
    """Remove a list; what photos matched when they arrived stays in their cases' logs."""
    with database.writing() as connection:
        connection.execute(delete(KNOWN).where(KNOWN.c.list == name))


def lists(database: Database) -> list[KnownList]:
    """Return all lists, by name."""
    if not database.exists:
        return []
    counts: dict[str, dict[str, int]] = {}
    with database.reading() as connection:
        asked = select(KNOWN.c.list, KNOWN.c.kind, func.count()).group_by(KNOWN.c.list, KNOWN.c.kind)
        for name, kind, count in connection.execute(asked.order_by(KNOWN.c.list)):
            counts.setdefault(name, {})[kind] = count
    return [KnownList(name, hashes) for name, hashes in counts.items()]


def known_matches(connection: Connection, data: bytes, phash: str) -> list[dict[str, Any]]:
    """Return the lists that a photo stands in, each by its strongest hash, as the log keeps it.

    Args:
        connection: to the casebook.
        data: the photo's bytes.
        phash: its perceptual hash in hex digits; "" where it could not be read.
    """
    values = PhotoHashes.of(data).exact if data else ()
    asked = select(KNOWN.c.list, KNOWN.c.kind, KNOWN.c.note).where(tuple_(KNOWN.c.kind, KNOWN.c.value).in_(values))
    exact: dict[str, dict[str, Any]] = {}
    for row in sorted(connection.execute(asked), key=lambda row: (row.list, KINDS.index(row.kind))):
        exact.setdefault(row.list, {"known": row.list, "how": row.kind, "note": row.note})
    return [*exact.values(), *(each for each in _near(connection, phash) if each["known"] not in exact)]


def _near(connection: Connection, phash: str) -> Sequence[dict[str, Any]]:
    """Return the lists that hold a picture which looks like this one, each with its nearest."""
    if not phash:
        return ()
    rows = connection.execute(select(KNOWN.c.list, KNOWN.c.value, KNOWN.c.note).where(KNOWN.c.kind == "phash")).all()
    if not rows:
        return ()
    values = np.array([int(row.value, 16) for row in rows], np.uint64)
    nearest: dict[str, dict[str, Any]] = {}
    for place, _ in near_known(phash, values):
        row = rows[place]
        nearest.setdefault(row.list, {"known": row.list, "how": "near", "note": row.note})
    return list(nearest.values())
