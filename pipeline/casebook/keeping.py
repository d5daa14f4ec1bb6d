"""`Keeping`: where cases are kept: the database, the originals, and what was found in them."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, and_, select

from pipeline.casebook.case_record import CasePhoto
from pipeline.casebook.engine import Database, database_url
from pipeline.casebook.log import read_facts
from pipeline.casebook.runs import Runs
from pipeline.casebook.schema import LOG, PHOTOS
from pipeline.errors import TriageError
from pipeline.settings import settings
from pipeline.storage.objects import Objects, Originals


class Keeping:
    """A database, and two stores of bytes named by their hash."""

    def __init__(self, home: Path | None = None) -> None:
        """Keep where everything lies: under a folder, or where the settings say.

        Args:
            home: a folder for all of it, whatever the settings say; None for the settings' own.
        """
        self.database = Database(database_url(home))
        store = "" if home else settings().store.rstrip("/")
        place = self._home = home or settings().home
        self.originals = Originals(f"{store}/originals" if store else place / "originals")
        self.objects = Objects(f"{store}/objects" if store else place / "objects")

    def reasons(self, dossier: str) -> tuple[str, ...]:
        """Return the codes of what made a verdict inconclusive, by the hash of its examination's dossier.

        Raises:
            AlteredObject: the dossier is gone, or was altered.
            ValueError, KeyError: it is none.
        """
        return tuple(json.loads(self.objects.read(dossier))["record"]["reasons"])

    def forget(self, photo: CasePhoto) -> None:
        """Remove the bytes of a deleted photo, and what was found in them, as far as nothing else needs them.

        What another photo or case holds stays, of earlier examinations too. Runs lose the bytes as well, and the small
        pictures and maps of them. Nobody adds a photo meanwhile.
        """
        with self.database.writing(bytes_too=True) as connection:
            names = {name for each in photo.examinations for name in (each.arrays, each.thumbnail, each.overlay)}
            names |= {each.dossier for each in photo.examinations}
            gone = {name for name in names - {""} if not _is_told(connection, name)}
            gone |= self._shown_nowhere_else(connection, photo)
            same = select(PHOTOS.c.number).where(PHOTOS.c.sha256 == photo.sha256, PHOTOS.c.deleted.is_(False))
            for name in gone:
                self.objects.remove(name)
            if not connection.execute(same.limit(1)).first():
                self.originals.remove(photo.sha256)
                Runs(self._home).forget(photo.sha256)

    def _shown_nowhere_else(self, connection: Connection, photo: CasePhoto) -> set[str]:
        """Return the hashes of those pictures among a deleted photo's findings that no photo's dossier shows."""
        read = self.objects.read
        alone = {name for each in photo.examinations for name in exhibits_of(each.dossier, read)}
        for dossier in _dossiers(connection) if alone else ():
            alone -= exhibits_of(dossier, read)
        return alone


def exhibits_of(name: str, read: Callable[[str], bytes]) -> set[str]:
    """Return the hashes of the pictures that a dossier shows; none where it cannot be read."""
    try:
        findings = json.loads(read(name))["findings"]
        return {exhibit["sha256"] for finding in findings for exhibit in finding["exhibits"]}
    except (TriageError, ValueError, KeyError, TypeError):
        return set()


_KEPT = and_(
    PHOTOS.c.case_id == LOG.c.case_id,
    PHOTOS.c.number == LOG.c.photo,
    PHOTOS.c.deleted.is_(False),
    LOG.c.act == "examined",
)
"""Examinations, by any release and at any time, of photos that are kept."""


def _is_told(connection: Connection, name: str) -> bool:
    """Tell whether an examination of a kept photo names a hash."""
    return (
        connection.execute(select(LOG.c.number).where(_KEPT, LOG.c.facts.contains(name)).limit(1)).first() is not None
    )


def _dossiers(connection: Connection) -> set[str]:
    """Return the hashes of all dossiers of photos that are kept; what cannot be read of the log tells of none."""
    told = set[str]()
    for row in connection.execute(select(LOG.c.facts).where(_KEPT)):
        with suppress(ValueError, KeyError):
            told.add(str(read_facts(row.facts)["dossier"]))
    return told
