"""Photos into a case: examined here, or taken over from a run with what was found there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.attempt import attempt
from pipeline.cascade import examine
from pipeline.casebook import dossier
from pipeline.casebook.again import examine_as_before
from pipeline.casebook.blind import FROM_RUN
from pipeline.casebook.case import Case
from pipeline.casebook.known import known_matches
from pipeline.casebook.log_table import Act, append
from pipeline.casebook.photo_log import read_photo
from pipeline.casebook.runs import Run
from pipeline.casebook.schema import PHOTOS
from pipeline.casebook.stored import sound
from pipeline.casebook.texts import writable
from pipeline.errors import TriageError, Unexpected
from pipeline.examination import Examination
from pipeline.examining.loaded import Cascade
from pipeline.intake import Item
from pipeline.photo import Photo
from pipeline.records import failure

REFUSED_BYTES = ""
"""Hash of a thing that was refused before it had bytes: a link, an entry of an archive that cannot be unpacked."""


@dataclass(frozen=True)
class Arrival:
    """What became of a thing that was to be added.

    Attributes:
        number: the photo's number in the case.
        is_new: it was not there before; the same bytes under the same name are there once.
        error: why it could not be examined, with `code` and `message`; None where it could.
    """

    number: int
    is_new: bool
    error: dict[str, Any] | None = None


def add_item(case: Case, item: Item, cascade: Cascade, source: str = "files", heatmaps: bool = True) -> Arrival:
    """Add a thing that was taken in: keep its bytes, examine it, and log both; what cannot be examined is added too.

    Args:
        case: the case.
        item: what was taken in; not one that is left out.
        cascade: what judges.
        source: where it comes from.
        heatmaps: also explain each face.

    Raises:
        DiskFull, DamagedDatabase, NotAllowed, OSError: it could not be added, and the case is as it was.
    """
    if item.error:
        return add_outcome(case, item, REFUSED_BYTES, source, failure(item.error, item.count))
    sha256 = case.keeping.originals.keep(item.data)
    if there := find_photo(case, item.name, sha256):
        return Arrival(there, False)
    try:
        outcome = attempt(item.name, lambda: sound(examine(Photo.read(item.data), cascade, heatmaps)))
    except TriageError as problem:
        return add_outcome(case, item, sha256, source, failure(problem))
    return add_outcome(case, item, sha256, source, failure(outcome) if isinstance(outcome, Unexpected) else outcome)


def add_from_run(case: Case, run: Run, record: dict[str, Any]) -> Arrival:
    """Take a photo over from a run, with what was found there; nothing is scored again.

    Args:
        case: the case.
        run: the run.
        record: the photo's, from `run.results()`.

    Raises:
        UnreadablePhoto: its original is gone or altered.
        UnknownName: the release that examined it is no longer here.
        DiskFull, DamagedDatabase, NotAllowed, OSError: it could not be added, and the case is as it was.
    """
    source, error = f"{FROM_RUN}{run.id}", record.get("error")
    if error and not record["sha256"]:
        return add_outcome(case, Item(record["name"]), REFUSED_BYTES, source, error)
    entry = next(entry for entry in run.inputs() if entry.index == record["index"])
    item = Item(record["name"], data=run.original(entry))
    sha256 = case.keeping.originals.keep(item.data)
    if there := find_photo(case, item.name, sha256):
        return Arrival(there, False)
    return add_outcome(case, item, sha256, source, error or run.examination(record))


def examine_again(case: Case, number: int, cascade: Cascade) -> None:
    """Examine a photo of a case once more, by another release, say; what was found before stays in the log.

    The faces that were marked by hand, and the picture of its file that was chosen, are those of the last examination.

    Raises:
        TriageError: it cannot be; what was found before still counts.
    """
    photo = read_photo(case.keeping, case.id, number).photo
    before = dossier.read(photo.examined.dossier, case.keeping.objects)["record"] if photo.examined else {}
    data = case.keeping.originals.read(photo.sha256)
    examination = sound(examine_as_before(data, before, cascade))
    found = dossier.found_in(examination, photo.name)
    found.keep(case.keeping.objects)
    with case.keeping.database.writing(bytes_too=True) as connection:
        facts = {"photo": number} | found.keep(case.keeping.objects)  # a deletion may have taken some along meanwhile
        append(connection, case.id, case.person, [("examined", facts)])


def find_photo(case: Case, name: str, sha256: str) -> int:
    """Return the number of the photo of a case with these bytes and this name; 0 where there is none."""
    with case.keeping.database.reading() as connection:
        return _find(connection, case.id, name, sha256)


def _find(connection: Connection, case_id: str, name: str, sha256: str) -> int:
    where = (PHOTOS.c.case_id == case_id, PHOTOS.c.sha256 == sha256, PHOTOS.c.name == name, PHOTOS.c.deleted.is_(False))
    return int(connection.execute(select(PHOTOS.c.number).where(*where).limit(1)).scalar() or 0)


def add_outcome(case: Case, item: Item, sha256: str, source: str, outcome: Examination | dict[str, Any]) -> Arrival:
    """Log an arrival and what was found, or why nothing was, in one transaction.

    Args:
        case: the case.
        item: what arrives; its bytes are kept by now.
        sha256: of them.
        source: where it comes from.
        outcome: its examination, or the record of a failure, with `code` and `message`.
    """
    facts: dict[str, Any] = {"name": writable(item.name), "sha256": sha256, "bytes": len(item.data), "source": source}
    if item.raw_name:
        facts["name_bytes"] = item.raw_name.hex()
    error = None if isinstance(outcome, Examination) else outcome
    found = dossier.found_in(outcome, item.name) if isinstance(outcome, Examination) else None
    if found:  # a store far away takes its time: nobody waits for that
        found.keep(case.keeping.objects)
    with case.keeping.database.writing(bytes_too=True) as connection:
        if there := _find(connection, case.id, facts["name"], sha256):  # added meanwhile, by a second press
            return Arrival(there, False, error)
        if sha256:  # a deletion of the same bytes elsewhere may have taken these, and what was found, along meanwhile
            case.keeping.originals.keep(item.data)
        more: dict[str, Any] = found.keep(case.keeping.objects) if found else {"error": outcome}
        act = "examined" if found else "refused"
        last = connection.execute(select(func.max(PHOTOS.c.number)).where(PHOTOS.c.case_id == case.id)).scalar()
        number = {"photo": (last or 0) + 1}
        acts: list[Act] = [("added", number | facts), (act, number | more)]
        if matches := known_matches(connection, item.data, more.get("phash", "")):
            acts.append(("matched", number | {"matches": matches}))
        append(connection, case.id, case.person, acts)
    return Arrival(number["photo"], True, error)
