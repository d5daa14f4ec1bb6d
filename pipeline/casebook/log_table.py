"""The log as it stands in the database: read, and added to in the transaction that is open."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from pipeline.casebook.log import BEGINNING, Entry, facts_text, read_facts
from pipeline.casebook.people import Person
from pipeline.casebook.projection import project
from pipeline.casebook.schema import CASES, LOG, MEMBERS

Act = tuple[str, Mapping[str, Any]]
"""A key of `pipeline.casebook.log.ACTS`, and its facts."""


def read_entries(connection: Connection, case_id: str, first: int = 1, last: int | None = None) -> list[Entry]:
    """Return a case's log from an entry on, to its end or to another one, oldest first.

    What cannot be read of an entry's facts is read as {"damaged": text}: its hash then tells that it was changed.
    """
    until = () if last is None else (LOG.c.number <= last,)
    return entries_where(connection, LOG.c.case_id == case_id, LOG.c.number >= first, *until)


def entries_where(connection: Connection, *where: ColumnElement[bool]) -> list[Entry]:
    """Return the entries for which all conditions hold, oldest first; see `read_entries`."""
    rows = connection.execute(select(LOG).where(*where).order_by(LOG.c.number))
    return [
        Entry(row.case_id, row.number, row.at, row.who, row.act, _facts(row.facts), row.before, row.sha256)
        for row in rows
    ]


def _facts(text: str) -> dict[str, Any]:
    with suppress(ValueError):
        return read_facts(text)
    return {"damaged": text}


def append(connection: Connection, case_id: str, person: Person, acts: Sequence[Act]) -> list[Entry]:
    """Append entries to a case's log and change the tables, in the transaction that is open.

    Raises:
        NotAllowed: the person's role does not allow one of them.
    """
    head = select(CASES).where(CASES.c.id == case_id).with_for_update()  # the next writer waits here
    case = connection.execute(head).first()
    number, before = (case.entries, case.head) if case else (0, BEGINNING)
    members = dict(
        connection.execute(select(MEMBERS.c.person, MEMBERS.c.role).where(MEMBERS.c.case_id == case_id)).all()
    )
    role = person.role_in(case.created_by, members) if case else person.role
    entries = []
    for act, facts in acts:
        person.need(act, role, case.name if case else str(facts.get("name", "")))
        entry = Entry.new(case_id, number + 1, person.name, act, dict(facts), before)
        write_entry(connection, entry)
        project(connection, entry)
        number, before = entry.number, entry.sha256
        entries.append(entry)
    return entries


def write_entry(connection: Connection, entry: Entry) -> None:
    """Write an entry to the log's table as it is."""
    values = entry.as_dict() | {"facts": facts_text(entry.facts), "photo": entry.facts.get("photo")}
    values["case_id"] = values.pop("case")
    connection.execute(insert(LOG).values(values))
