"""One photo of a case, read from the entries of the log that tell of it alone."""

from dataclasses import dataclass

from sqlalchemy import or_

from pipeline.casebook.case_record import CasePhoto
from pipeline.casebook.keeping import Keeping
from pipeline.casebook.log import Entry
from pipeline.casebook.log_table import entries_where
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


def read_photo(keeping: Keeping, case_id: str, number: int) -> PhotoLog:
    """Return one photo of a case, a deleted one too.

    Args:
        keeping: where cases are.
        case_id: the case's.
        number: the photo's.

    Raises:
        UnknownName: the case has no such photo.
        DamagedDatabase: the casebook cannot be read.
    """
    where = (LOG.c.case_id == case_id, or_(LOG.c.number == 1, LOG.c.photo == number))
    with keeping.database.reading() as connection:
        beginning, *mine = entries_where(connection, *where)
    if not any(entry.act == "added" for entry in mine):
        raise UnknownName(f"The case has no photo {number}.")
    (photo,) = replay([beginning, *mine]).photos
    return PhotoLog(photo, tuple(mine))
