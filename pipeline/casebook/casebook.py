"""`Casebook`: all cases that a person may see."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, func, or_, select

from pipeline.casebook.case import Case, refuse_taken
from pipeline.casebook.keeping import Keeping
from pipeline.casebook.log_table import append
from pipeline.casebook.people import Person, local_person
from pipeline.casebook.schema import CASES, MEMBERS, PHOTOS
from pipeline.casebook.texts import clean_name, clean_tags, clean_text
from pipeline.errors import BadCase, UnknownName


@dataclass(frozen=True)
class CaseFacts:
    """What a list of cases shows of one.

    Attributes:
        id, name, description, tags: as they are now.
        created, created_by: when and by whom.
        blind: verdicts are hidden from a person until that person gave an opinion.
        archived: put away.
        photos: verdict → how many photos; "" for those without one; deleted ones do not count.
        deleted: how many photos were deleted.
        entries, head: of the log.
        changed: when its last entry was made.
    """

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    created: str
    created_by: str
    blind: bool
    archived: bool
    entries: int
    head: str
    changed: str
    photos: dict[str, int] = field(default_factory=dict)
    deleted: int = 0

    @property
    def total(self) -> int:
        """How many photos it has."""
        return sum(self.photos.values())


class Casebook:
    """All cases that a person may see, in the database that the settings name."""

    def __init__(self, person: Person | None = None, home: Path | None = None) -> None:
        """Keep who asks, and where cases are.

        Args:
            person: None for the one who works on this machine.
            home: a folder that holds all of it, whatever the settings say; None for the settings' own.
        """
        self.person = person or local_person()
        self.keeping = Keeping(home)

    def create(self, name: str, description: str = "", tags: Sequence[str] = (), blind: bool = False) -> Case:
        """Make an empty case.

        Args:
            name: which no other case bears.
            description: what it is about.
            tags: for finding it.
            blind: hide verdicts from a person until that person gave an opinion.

        Raises:
            BadCase: the name is empty or taken, or something is too long.
            NotAllowed: the person may only look.
        """
        clean = clean_name(name)
        facts = {"name": clean, "description": clean_text(description), "tags": clean_tags(tags)}
        case_id = uuid4().hex
        with self.keeping.database.writing() as connection:
            refuse_taken(connection, clean)
            append(connection, case_id, self.person, [("created", facts | {"blind": blind})])
        return Case(self.keeping, case_id, self.person)

    def open(self, name: str) -> Case:
        """Return a case by its name, its id, or an id's first eight letters or more.

        Raises:
            UnknownName: there is none that this person may see.
            BadCase: several cases bear the name, as some were imported: take the id.
        """
        with self.keeping.database.reading() as connection:
            wanted = [CASES.c.id == name, func.lower(CASES.c.name) == " ".join(name.split()).lower()]
            if len(name) >= 8:
                wanted.append(CASES.c.id.startswith(name, autoescape=True))
            seen = self.seen()
            rows = connection.execute(seen.where(or_(*wanted))).all()
            if not rows:
                raise UnknownName.among("case", name, [row.name for row in connection.execute(seen.limit(1000))])
        if len(exact := [row for row in rows if row.id == name] or rows) > 1:
            ids = ", ".join(row.id[:8] for row in exact)
            raise BadCase(f"{len(exact)} cases are named {name!r}: name one by its id ({ids}).")
        return Case(self.keeping, exact[0].id, self.person)

    def cases(self, archived: bool = False) -> list[CaseFacts]:
        """Return the cases that the person may see, the last changed first; those that were put away on request."""
        if not self.keeping.database.exists:
            return []
        with self.keeping.database.reading() as connection:
            rows = connection.execute(
                self.seen().where(CASES.c.archived.is_(archived)).order_by(CASES.c.changed.desc(), CASES.c.id)
            ).all()
            counts = self._counts(connection)
        return [_facts(row, counts) for row in rows]

    def facts(self, case: Case) -> CaseFacts:
        """Return what a list shows of one case.

        Raises:
            UnknownName: it is gone, or not to be seen.
        """
        with self.keeping.database.reading() as connection:
            row = connection.execute(self.seen().where(CASES.c.id == case.id)).first()
            if row is None:
                raise UnknownName(f"There is no case {case.id[:8]}.")
            return _facts(row, self._counts(connection, case.id))

    def role(self, case: Case) -> str:
        """Return the person's role in a case; "" where it is not to be seen."""
        facts = self.facts(case)
        with self.keeping.database.reading() as connection:
            members = connection.execute(select(MEMBERS.c.person, MEMBERS.c.role).where(MEMBERS.c.case_id == case.id))
            return self.person.role_in(facts.created_by, {row.person: row.role for row in members})

    def seen(self) -> "Select[Any]":
        """Return the question for the cases that the person may see."""
        if self.person.role == "admin":
            return select(CASES)
        shared = select(MEMBERS.c.case_id).where(MEMBERS.c.person == self.person.name)
        return select(CASES).where(or_(CASES.c.created_by == self.person.name, CASES.c.id.in_(shared)))

    def among_photos(self, asked: "Select[Any]") -> "Select[Any]":
        """Return a question for photos and their cases, of those alone that the person may see and that are kept."""
        seen = self.seen().subquery()
        joined = asked.select_from(PHOTOS.join(CASES, PHOTOS.c.case_id == CASES.c.id))
        return joined.where(CASES.c.id.in_(select(seen.c.id)), PHOTOS.c.deleted.is_(False))

    @staticmethod
    def _counts(connection: Connection, case_id: str = "") -> dict[str, dict[tuple[str, bool], int]]:
        """Return case → verdict and whether deleted → how many photos."""
        count = func.count().label("count")
        asked = select(PHOTOS.c.case_id, PHOTOS.c.verdict, PHOTOS.c.deleted, count)
        asked = asked.where(PHOTOS.c.case_id == case_id) if case_id else asked
        counts: dict[str, dict[tuple[str, bool], int]] = {}
        for row in connection.execute(asked.group_by(PHOTOS.c.case_id, PHOTOS.c.verdict, PHOTOS.c.deleted)):
            counts.setdefault(row.case_id, {})[row.verdict, bool(row.deleted)] = row[3]
        return counts


def _facts(row: "Row[Any]", counts: dict[str, dict[tuple[str, bool], int]]) -> CaseFacts:
    mine = counts.get(row.id, {})
    values = {column.name: getattr(row, column.name) for column in CASES.columns}
    values["tags"] = tuple(json.loads(row.tags))
    return CaseFacts(
        **values,
        photos={verdict: count for (verdict, deleted), count in mine.items() if not deleted},
        deleted=sum(count for (_, deleted), count in mine.items() if deleted),
    )
