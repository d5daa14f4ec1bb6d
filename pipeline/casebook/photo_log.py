"""One photo of a case, read from the entries of the log that tell of it: the rest of the case is not replayed for it."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from pipeline.casebook.case import Case
from pipeline.casebook.case_record import CasePhoto
from pipeline.casebook.log import Entry, read_facts
from pipeline.casebook.replay import replay
from pipeline.casebook.schema import LOG
from pipeline.errors import UnknownName


@dataclass(frozen=True)
class PhotoLog:
    """A photo of a case, and what the log tells of it.

    Attributes:
        photo: as the log tells it.
        entries: those that tell of it, oldest first.
    """

    photo: CasePhoto
    entries: tuple[Entry, ...]


def read_photo(case: Case, number: int) -> PhotoLog:
    """Return one photo of a case, a deleted one too.

    Facts are canonical JSON, in which a quotation mark within a text has a backslash before it: no name and no words
    can be taken for a photo's number.

    Args:
        case: the case.
        number: the photo's.

    Raises:
        UnknownName: the case has no such photo.
        DamagedDatabase: the casebook cannot be read.
    """
    named = [LOG.c.facts.contains(f'"photo":{number}{end}', autoescape=True) for end in (",", "}")]
    with case.keeping.database.reading() as connection:
        rows = connection.execute(
            select(LOG).where(LOG.c.case_id == case.id, or_(LOG.c.number == 1, *named)).order_by(LOG.c.number)
        ).all()
    entries = [
        Entry(row.case_id, row.number, row.at, row.who, row.act, read_facts(row.facts), row.before, row.sha256)
        for row in rows
    ]
    mine = [entry for entry in entries[1:] if entry.facts.get("photo") == number]
    if not any(entry.act == "added" for entry in mine):
        raise UnknownName(f"The case has no photo {number}.")
    (photo,) = replay([entries[0], *mine]).photos
    return PhotoLog(photo, tuple(mine))
