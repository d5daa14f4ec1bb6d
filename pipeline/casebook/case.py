"""`Case`: what can be done with one. Each act is one transaction: entries in the log, and the tables made of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, false, func, or_, select

from pipeline.casebook.blind import examined_by, saw_verdict
from pipeline.casebook.case_record import CaseRecord, Opinion
from pipeline.casebook.keeping import Keeping
from pipeline.casebook.log import Entry
from pipeline.casebook.log_table import Act, append, read_entries
from pipeline.casebook.people import ROLES, Person
from pipeline.casebook.photo_log import read_photo
from pipeline.casebook.replay import replay
from pipeline.casebook.schema import CASES, LOG, PHOTO_TAGS, PHOTOS
from pipeline.casebook.texts import clean_name, clean_tags, clean_text
from pipeline.errors import BadCase, EditedMeanwhile, UnknownName
from pipeline.face import Box

OPINIONS = ("real", "deepfake", "facetune", "cannot tell")
"""What a person may hold of a photo."""


class Case:
    """A case in the casebook. Every method opens the database anew, so that sessions see each other's acts."""

    def __init__(self, keeping: Keeping, case_id: str, person: Person) -> None:
        """Keep which case it is, and who works with it.

        Args:
            keeping: where cases are.
            case_id: the case's id.
            person: under whose name acts are logged.
        """
        self.keeping, self.id, self.person = keeping, case_id, person

    @property
    def name(self) -> str:
        """The case's name as it is now."""
        with self.keeping.database.reading() as connection:
            return str(connection.execute(select(CASES.c.name).where(CASES.c.id == self.id)).scalar_one())

    def entries(self, first: int = 1, last: int | None = None) -> list[Entry]:
        """Return the log from an entry on, to its end or to another one, oldest first."""
        with self.keeping.database.reading() as connection:
            return read_entries(connection, self.id, first, last)

    def acts_since(self, entry: int) -> set[str]:
        """Return the acts of which the log tells after an entry."""
        asked = select(LOG.c.act).where(LOG.c.case_id == self.id, LOG.c.number > entry).distinct()
        with self.keeping.database.reading() as connection:
            return set(connection.execute(asked).scalars())

    def record(self) -> CaseRecord:
        """Return the whole case, read from its log."""
        return replay(self.entries())

    def act(self, *acts: Act, seen: int = 0) -> list[Entry]:
        """Log what was done, and change the tables; as a whole, or not at all.

        Args:
            acts: each a key of `pipeline.casebook.log.ACTS` and its facts.
            seen: entry up to which the person saw the case; what somebody else described since then is not written
                over. 0 where nothing is.

        Raises:
            NotAllowed: the person's role does not allow it.
            EditedMeanwhile: see `seen`.
            DamagedDatabase, DiskFull, Unwritable: it could not be kept, and was not done.
        """
        with self.keeping.database.writing() as connection:
            self._refuse_if_edited(connection, seen)
            return append(connection, self.id, self.person, acts)

    def _refuse_if_edited(self, connection: Connection, seen: int) -> None:
        """Refuse where another person changed name, description or tags after this one saw them."""
        where = (LOG.c.case_id == self.id, LOG.c.number > seen, LOG.c.act == "described")
        edited = seen and connection.execute(select(LOG.c.who, LOG.c.at).where(*where).limit(1)).first()
        if edited:
            raise EditedMeanwhile(f"{edited.who} changed this case at {edited.at}, after it was shown here.")

    def describe(
        self, name: str | None = None, description: str | None = None, tags: Sequence[str] | None = None, seen: int = 0
    ) -> None:
        """Change the case's name, description or tags; None leaves one as it is.

        Raises:
            BadCase: the name is empty or taken, or something is too long.
            EditedMeanwhile: somebody else changed them after entry `seen`.
        """
        facts: dict[str, Any] = {}
        if name is not None:
            facts["name"] = clean_name(name)
        if description is not None:
            facts["description"] = clean_text(description)
        if tags is not None:
            facts["tags"] = clean_tags(tags)
        with self.keeping.database.writing() as connection:
            if name is not None:
                refuse_taken(connection, facts["name"], self.id)
            self._refuse_if_edited(connection, seen)
            append(connection, self.id, self.person, [("described", facts)])

    def archive(self, archived: bool = True) -> None:
        """Put the case away, or take it out again."""
        self.act(("archived", {"archived": archived}))

    def share(self, person: str, role: str) -> None:
        """Give a person a role in the case; "" takes it away.

        Raises:
            UnknownName: there is no such role.
            BadCase: the person has no name.
        """
        if role and role not in ROLES:
            raise UnknownName.among("role", role, ROLES)
        self.act(("shared", {"person": clean_name(person), "role": role}))

    def hold(self, number: int, label: str, words: str = "", region: Box | None = None) -> Opinion:
        """Keep the person's opinion of a photo; a later one counts in place of an earlier, and both are kept.

        It is blind if the person has not seen the photo's verdict here. Of a photo that the person took over from a
        run, the verdict stood there to be seen.

        Args:
            number: the photo's.
            label: one of `OPINIONS`.
            words: why.
            region: what was marked, x0, y0, x1, y1 in photo pixels.

        Raises:
            UnknownName: there is no such label, or no such photo.
        """
        if label not in OPINIONS:
            raise UnknownName.among("opinion", label, OPINIONS)
        facts: dict[str, Any] = {"photo": number, "label": label, "words": clean_text(words)}
        facts["region"] = [round(edge, 1) for edge in region] if region else None
        with self.keeping.database.writing() as connection:
            self._photo(connection, number)
            facts["blind"] = not self._knows_verdict(connection, number)
            (entry,) = append(connection, self.id, self.person, [("opinion", facts)])
        return Opinion(entry.number, entry.at, entry.who, label, facts["words"], region, facts["blind"])

    def open(self, number: int) -> None:
        """Log that the person saw a photo's verdict; once is enough.

        Raises:
            UnknownName: there is no such photo.
        """
        with self.keeping.database.reading() as connection:
            self._photo(connection, number)
            known = self._knows_verdict(connection, number, by_run=False)
        if not known:
            self.act(("opened", {"photo": number}))

    def knows_verdict(self, number: int) -> bool:
        """Tell whether the person could see a photo's verdict here, or in the run that it came from."""
        with self.keeping.database.reading() as connection:
            return self._knows_verdict(connection, number)

    def _knows_verdict(self, connection: Connection, number: int, by_run: bool = True) -> bool:
        knows = or_(saw_verdict(self.person.name), examined_by(self.person.name) if by_run else false())
        mine = select(PHOTOS.c.number).where(PHOTOS.c.case_id == self.id, PHOTOS.c.number == number, knows)
        return connection.execute(mine).first() is not None

    def tag(self, number: int, tags: Sequence[str], seen: Sequence[str] | None = None) -> None:
        """Set a photo's tags.

        Args:
            number: the photo's.
            tags: as they are to be.
            seen: as the person saw them: what others added or took away since then stays so. None sets them outright.

        Raises:
            UnknownName: there is no such photo.
            BadCase: a tag is too long.
        """
        wanted = clean_tags(tags)
        with self.keeping.database.writing() as connection:
            self._photo(connection, number)
            if seen is not None:
                same = (PHOTO_TAGS.c.case_id == self.id, PHOTO_TAGS.c.number == number)
                now = set(connection.execute(select(PHOTO_TAGS.c.tag).where(*same)).scalars())
                wanted = clean_tags(sorted((now - (set(seen) - set(wanted))) | (set(wanted) - set(seen))))
            facts = {"photo": number, "tags": wanted}
            append(connection, self.id, self.person, [("tagged", facts)])

    def delete(self, number: int, reason: str) -> None:
        """Delete a photo: its bytes and what was found in them; the log keeps the fact and the hash.

        Bytes that another photo needs stay.

        Raises:
            UnknownName: there is no such photo.
            BadCase: no reason is given.
        """
        if not reason.strip():
            raise BadCase("A deletion needs a reason: the log keeps it.")
        mine = read_photo(self.keeping, self.id, number).photo
        with self.keeping.database.writing() as connection:
            photo = self._photo(connection, number)
            facts = {"photo": number, "sha256": photo.sha256, "reason": clean_text(reason)}
            append(connection, self.id, self.person, [("deleted", facts)])
        self.keeping.forget(mine)

    def _photo(self, connection: Connection, number: int) -> Any:
        """Return a photo's row.

        Raises:
            UnknownName: there is none, or it was deleted.
        """
        where = (PHOTOS.c.case_id == self.id, PHOTOS.c.number == number, PHOTOS.c.deleted.is_(False))
        row = connection.execute(select(PHOTOS).where(*where)).first()
        if row is None:
            raise UnknownName(f"The case has no photo {number}, or it was deleted.")
        return row


def refuse_taken(connection: Connection, name: str, but: str = "") -> None:
    """Refuse a name that another case bears, in whatever letters.

    Raises:
        BadCase: it is taken.
    """
    same = select(CASES.c.id).where(func.lower(CASES.c.name) == name.lower(), CASES.c.id != but)
    if connection.execute(same.limit(1)).first():
        raise BadCase(f"There is a case named {name!r} already.")
