"""`Keeping`: where cases are kept: the database, the originals, and what was found in them."""

import json
from pathlib import Path

from sqlalchemy import or_, select

from pipeline.casebook.case_record import CasePhoto
from pipeline.casebook.engine import Database, database_url
from pipeline.casebook.schema import PHOTOS
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
        place = home or settings().home
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

        What another case holds stays. A run that the photo came from loses its bytes, too.
        """
        with self.database.reading() as connection:
            same = select(PHOTOS.c.number).where(PHOTOS.c.sha256 == photo.sha256, PHOTOS.c.deleted.is_(False))
            if connection.execute(same.limit(1)).first():
                return
            names = {name for each in photo.examinations for name in (each.arrays, each.thumbnail, each.overlay)}
            names |= {each.dossier for each in photo.examinations}
            needed = {
                name
                for name in names - {""}
                if connection.execute(
                    select(PHOTOS.c.number)
                    .where(
                        or_(PHOTOS.c.dossier == name, PHOTOS.c.thumbnail == name, PHOTOS.c.overlay == name),
                        PHOTOS.c.deleted.is_(False),
                    )
                    .limit(1)
                ).first()
            }
        for name in names - needed - {""}:
            self.objects.remove(name)
        self.originals.remove(photo.sha256)
