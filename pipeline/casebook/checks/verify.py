"""`verify`: does all that a case tells still hold? Its log, every byte that is kept, the tables, and the verdicts.

What it cannot tell: whoever can write the whole database can also write a new chain. Against that helps a head of the
log that was noted elsewhere, in a report that was handed over, or in a timestamp.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, create_engine, select

from pipeline.casebook.archive import Archive, needed_hashes
from pipeline.casebook.case import Case
from pipeline.casebook.case_record import CasePhoto, CaseRecord
from pipeline.casebook.checks.check import Check, Kept
from pipeline.casebook.checks.timestamps import check_timestamps
from pipeline.casebook.checks.verify_verdicts import check_releases, check_verdicts
from pipeline.casebook.log import Entry, faults
from pipeline.casebook.projection import project
from pipeline.casebook.replay import replay
from pipeline.casebook.schema import CASES, LOG, MATCHES, MEMBERS, METADATA, OPINIONS, PHOTO_TAGS, PHOTOS
from pipeline.errors import TriageError

PROJECTED = (CASES, PHOTOS, PHOTO_TAGS, OPINIONS, MATCHES, MEMBERS)
MALFORMED = KeyError, TypeError, ValueError, AttributeError, IndexError
"""What a log whose entries were changed makes of a replay."""


def verify_case(case: Case, rerun: bool = True) -> Iterator[Check]:
    """Verify a case in the casebook; log that it was.

    Args:
        case: the case.
        rerun: also examine each photo anew, by the release that examined it.

    Yields:
        Checks as they are made; a generator that is not read to its end logs nothing.

    Raises:
        DamagedDatabase: the casebook cannot be read.
    """
    keeping = case.keeping

    def is_there(folder: str, name: str) -> bool:
        return (keeping.originals if folder == "originals" else keeping.objects).has(name)

    kept = Kept(case.id, case.entries(), keeping.originals.read, keeping.objects.read, is_there, case)
    counts = {True: 0, False: 0, None: 0}
    for check in _verify(kept, rerun):
        counts[check.holds] += 1
        yield check
    facts = {"held": counts[True], "failed": counts[False], "not checked": counts[None], "rerun": rerun}
    case.act(("verified", facts))


def verify_archive(archive: Archive, rerun: bool = True) -> Iterator[Check]:
    """Verify an archive, without taking it in; see `verify_case`.

    Raises:
        BadArchive: its log cannot be read.
    """
    entries, head = archive.entries(), archive.head
    kept = Kept(str(head.get("case")), entries, archive.original, archive.object, archive.has)
    last = (entries[-1].number, entries[-1].sha256) if entries else (0, "")
    ends = last == (head.get("entries"), head.get("head"))
    yield Check(
        "case.json",
        ends,
        "It names the log's last entry." if ends else "The log does not end where it says: entries are missing.",
    )
    yield from _verify(kept, rerun)
    record = _replayed(entries)
    for name in archive.extra(*needed_hashes(record, archive.object)) if record else ():
        yield Check(name, False, "The log does not tell of it.")


def _verify(kept: Kept, rerun: bool) -> Iterator[Check]:
    broken = [Check("log", False, fault) for fault in faults(kept.entries, kept.case)]
    yield from broken
    if not broken:
        end = f"{len(kept.entries)} entries, each follows the one before; head {_head(kept)[:16]}…"
        yield Check("log", bool(kept.entries), end)
    yield from check_timestamps(kept.entries)
    record = _replayed(kept.entries)
    if record is None:
        yield Check("photos", None, "What the log tells of photos cannot be read, as entries were changed.")
        return
    if kept.tables:
        yield from _check_tables(kept, kept.tables)
    for photo in record.photos:
        yield from _check_photo(photo, kept)
    yield from check_releases(kept.entries)
    if rerun:
        yield from check_verdicts(record, kept)


def _head(kept: Kept) -> str:
    return kept.entries[-1].sha256 if kept.entries else ""


def _replayed(entries: Sequence[Entry]) -> CaseRecord | None:
    """Return the case as its log tells it; None where changed entries make no sense any more."""
    try:
        return replay(entries)
    except MALFORMED:
        return None


def _check_photo(photo: CasePhoto, kept: Kept) -> Iterator[Check]:
    """Look at every byte that is kept of a photo."""
    what = f"photo {photo.number} ({photo.name})"
    if photo.deleted is not None:
        yield Check(what, True, f"Deleted: {photo.deleted}. Its hash stays in the log.")
        return
    if photo.sha256:
        yield _check_bytes(f"{what}: original", partial(kept.original, photo.sha256))
    for each in photo.examinations:
        parts = {"dossier": each.dossier, "maps": each.arrays, "thumbnail": each.thumbnail, "overlay": each.overlay}
        for part, name in parts.items():
            if name:
                yield _check_bytes(f"{what}: {part} of entry {each.entry}", partial(kept.object, name))
    alone = CaseRecord("", "", "", "", "", photos=(photo,))
    _, objects = needed_hashes(alone, kept.object)
    known = {name for each in photo.examinations for name in (each.dossier, each.arrays, each.thumbnail, each.overlay)}
    for name in sorted(objects - known):
        yield _check_bytes(f"{what}: picture {name[:12]}… of the evidence", partial(kept.object, name))


def _check_bytes(what: str, read: Callable[[], bytes]) -> Check:
    try:
        size = len(read())
    except TriageError as problem:
        return Check(what, False, str(problem))
    return Check(what, True, f"Its {size} bytes have the hash that the log names.")


def _check_tables(kept: Kept, case: Case) -> Iterator[Check]:
    """Make the tables anew from the log, and hold them against those that are searched."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as memory, case.keeping.database.reading() as connection:
        try:
            for entry in kept.entries:
                project(memory, entry)
        except MALFORMED as problem:
            yield Check("tables", None, f"They cannot be made from the log: {problem!r}.")
            return
        differences = [line for table in PROJECTED for line in _differences(table, memory, connection, case.id)]
        since = connection.execute(select(LOG.c.number, LOG.c.photo).where(LOG.c.case_id == case.id)).all()
        photos = {entry.number: entry.facts.get("photo") for entry in kept.entries}
        differences += [f"log, {n}: photo is not what it tells." for n, photo in since if photos.get(n, photo) != photo]
    if len(since) != len(kept.entries):  # somebody works on the case meanwhile
        differences = []
    yield from (Check("tables", False, line) for line in differences[:100])
    if not differences:
        yield Check("tables", True, "What is searched is what the log tells.")


def _differences(table: Any, memory: Connection, connection: Connection, case_id: str) -> Iterator[str]:
    expected, there = (_rows(table, each, case_id) for each in (memory, connection))
    for key in sorted(expected.keys() | there.keys()):
        where = f"{table.name}, {', '.join(str(part) for part in key[1:]) or 'the case'}"
        if key not in there:
            yield f"{where}: missing; the log tells of it."
        elif key not in expected:
            yield f"{where}: the log does not tell of it."
        else:
            names = [name for name in expected[key] if expected[key][name] != there[key][name]]
            if names:
                yield f"{where}: {', '.join(names)} is not what the log tells."


def _rows(table: Any, connection: Connection, case_id: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    mine = table.c.id if table is CASES else table.c.case_id
    keys = [column.name for column in table.primary_key.columns]
    rows = [dict(row._mapping) for row in connection.execute(select(table).where(mine == case_id))]
    return {tuple(row[key] for key in keys): row for row in rows}
