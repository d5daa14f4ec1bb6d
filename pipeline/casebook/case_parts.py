"""Parts of a case that a page shows, read from the tables: the case's whole log is not read for them."""

from collections.abc import Mapping

from sqlalchemy import and_, select

from pipeline.casebook.agreement import Held
from pipeline.casebook.case import Case
from pipeline.casebook.schema import MEMBERS, OPINIONS, PHOTOS


def members_of(case: Case) -> Mapping[str, str]:
    """Return person → role, of those with whom a case is shared, by name."""
    asked = select(MEMBERS.c.person, MEMBERS.c.role).where(MEMBERS.c.case_id == case.id).order_by(MEMBERS.c.person)
    with case.keeping.database.reading() as connection:
        return {row.person: row.role for row in connection.execute(asked)}


def opinions_of(case: Case) -> list[Held]:
    """Return what each person last held of each photo that is kept, beside its verdict; by photo, then by person."""
    same = and_(OPINIONS.c.case_id == PHOTOS.c.case_id, OPINIONS.c.number == PHOTOS.c.number)
    names = (OPINIONS.c.number, OPINIONS.c.who, OPINIONS.c.label, OPINIONS.c.blind, PHOTOS.c.verdict)
    asked = select(*names).join(PHOTOS, same).where(PHOTOS.c.case_id == case.id, PHOTOS.c.deleted.is_(False))
    with case.keeping.database.reading() as connection:
        last = {(row[0], row[1]): Held(*row) for row in connection.execute(asked.order_by(OPINIONS.c.entry))}
    return [last[key] for key in sorted(last)]
