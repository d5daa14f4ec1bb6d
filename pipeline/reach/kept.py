"""Files of figures that were imported, kept under their hash::

<home>/reach/ab/abcd…          the file's bytes, by SHA-256
<home>/reach/names/abcd….json  what it was called, and when it was imported
"""

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import BadEngagement
from pipeline.settings import settings
from pipeline.storage.clock import now
from pipeline.storage.objects import Objects
from pipeline.storage.read_json import read_json
from pipeline.storage.whole import write_whole

_SHA256 = re.compile("[0-9a-f]{64}")


class _Figures(Objects):
    refusal = BadEngagement
    noun = "file of figures"


@dataclass(frozen=True)
class KeptFigures:
    """A file that was imported.

    Attributes:
        sha256: of its bytes.
        name: as it was called; text from outside.
        at: when it was imported, ISO, UTC.
    """

    sha256: str
    name: str
    at: str


class FigureFiles:
    """All files of figures that were imported, under a home folder."""

    def __init__(self, home: Path | None = None) -> None:
        """Keep where they lie; None for the settings' home."""
        self._place = (home or settings().home) / "reach"
        self._files = _Figures(self._place)

    def keep(self, data: bytes, name: str) -> KeptFigures:
        """Keep a file; the same bytes are kept once, under the name that they were last called by.

        Raises:
            DiskFull: there is no room.
            OSError: the folder cannot be written.
        """
        sha256 = self._files.keep(data)
        kept = KeptFigures(sha256, name[:200], now())
        write_whole(self._named(sha256), json.dumps(asdict(kept)).encode())
        return kept

    def read(self, sha256: str) -> tuple[KeptFigures, bytes]:
        """Return a file and what it was called.

        Raises:
            BadEngagement: there is none under that hash, or it was altered; the hash comes from the page's address.
        """
        if not _SHA256.fullmatch(sha256) or not self._files.has(sha256):
            raise BadEngagement("These figures are not kept here: they were forgotten, or imported elsewhere.")
        data = self._files.read(sha256)
        return self._kept(self._named(sha256)) or KeptFigures(sha256, "figures.csv", ""), data

    def newest(self, most: int = 20) -> list[KeptFigures]:
        """Return the files that were imported last, the last first."""
        kept = filter(None, map(self._kept, (self._place / "names").glob("*.json")))
        return sorted(kept, key=lambda each: each.at, reverse=True)[:most]

    def forget(self, sha256: str) -> None:
        """Remove a file and its name, if they are there."""
        if _SHA256.fullmatch(sha256):
            self._files.remove(sha256)
            self._named(sha256).unlink(missing_ok=True)

    def _named(self, sha256: str) -> Path:
        return self._place / "names" / f"{sha256}.json"

    @staticmethod
    def _kept(path: Path) -> KeptFigures | None:
        """Return what a file was called; None where that cannot be read."""
        with suppress(BadEngagement):
            facts = read_json(path, BadEngagement, "name of figures")
            return KeptFigures(path.stem, str(facts.get("name", "")), str(facts.get("at", "")))
        return None
