"""Examinations kept for some hours under `api/examinations/` of the home. The photo's bytes are not among them."""

import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import NotThere
from pipeline.storage.clock import stamp
from pipeline.storage.whole import room, write_whole

ID = re.compile(r"[0-9a-f]{32}")
RECORD, HEATMAP = "record.json", "heatmap.png"


def new_id() -> str:
    """Return an id that cannot be guessed: 128 random bits."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Kept:
    """The examinations of one home.

    Attributes:
        folder: where they lie, one folder each.
        hours: after which one is deleted.
    """

    folder: Path
    hours: float

    def expires(self) -> str:
        """Return when what is kept now is deleted."""
        return stamp(time.time() + timedelta(hours=self.hours).total_seconds())

    def keep(self, own_id: str, owner: str, answer: dict[str, Any], heatmap: bytes | None) -> None:
        """Keep an examination; its record is written last, so that one that is there is whole.

        Args:
            own_id: from `new_id`.
            owner: id of the key that may read it; "" for this machine.
            answer: what is answered.
            heatmap: a PNG.

        Raises:
            DiskFull: there is no room.
        """
        here = self.folder / own_id
        with room(self.folder):
            if heatmap is not None:
                write_whole(here / HEATMAP, heatmap)
            write_whole(here / RECORD, json.dumps({"owner": owner, "answer": answer}).encode())

    def read(self, own_id: str, owner: str) -> dict[str, Any]:
        """Return what was answered.

        Raises:
            NotThere: there is none of this id, or it is another key's: which, is not said.
        """
        answer: dict[str, Any] = self._record(own_id, owner)["answer"]
        return answer

    def heatmap(self, own_id: str, owner: str) -> bytes:
        """Return its heatmap, a PNG.

        Raises:
            NotThere: see `read`; or none was asked for, or no face was found.
        """
        self._record(own_id, owner)
        try:
            return (self.folder / own_id / HEATMAP).read_bytes()
        except FileNotFoundError:
            raise NotThere(f"The examination {own_id} has no heatmap.") from None

    def delete(self, own_id: str, owner: str) -> None:
        """Delete one before its time.

        Raises:
            NotThere: see `read`.
        """
        self._record(own_id, owner)
        shutil.rmtree(self.folder / own_id, ignore_errors=True)

    def sweep(self) -> int:
        """Delete what is older than its hours; return how many were deleted."""
        until = time.time() - timedelta(hours=self.hours).total_seconds()
        old = [each for each in self.folder.glob("*") if _changed(each) < until]
        for each in old:
            shutil.rmtree(each, ignore_errors=True)
        return len(old)

    def _record(self, own_id: str, owner: str) -> dict[str, Any]:
        unknown = NotThere("There is no such examination; it may have been deleted in the meantime.")
        if not ID.fullmatch(own_id):
            raise unknown
        try:
            record: dict[str, Any] = json.loads((self.folder / own_id / RECORD).read_bytes())
        except FileNotFoundError:
            raise unknown from None
        if record["owner"] != owner:
            raise unknown
        return record


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # deleted by its owner meanwhile
        return 0.0
