"""Finding an evaluated photo on this machine again: by its SHA-256, under a folder that the user names.

An SQLite file under the home folder keeps path, size, time of change and hash of every picture, so that each is hashed
once; no photo is copied. What is shown is always hashed from the very bytes shown.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from threading import Lock, Thread
from typing import Literal

from pipeline.datasets.files import pictures, say_path
from pipeline.errors import BadDataset, TriageError
from pipeline.settings import settings
from pipeline.storage.database import open_database
from pipeline.storage.whole import write_whole

INDEX = "photos.sqlite"
NAMED = "data_folder.txt"
BATCH = 256
"""Files between two writes: what a kill can lose."""

_TABLES = (
    """create table if not exists files (
    path blob primary key, size integer not null, changed integer not null, sha256 text not null) without rowid""",
    "create index if not exists files_by_hash on files (sha256)",
    # what a path once held: so that a photo that was changed can be told from one that never was here
    """create table if not exists former (
    sha256 text not null, path blob not null, primary key (sha256, path)) without rowid""",
)

State = Literal["here", "changed", "missing"]
Report = Callable[[int, int], None]
FileRow = tuple[bytes, int, int, str]


@dataclass(frozen=True)
class Copy:
    """A photo's file as it was found, or not.

    Attributes:
        state: "here" with the bytes asked for; "changed" where a file once held them and holds others now; "missing".
        path: the file; None where it is missing.
        data: the bytes; empty unless it is here.
    """

    state: State
    path: Path | None = None
    data: bytes = b""


def data_folder() -> Path | None:
    """Return where labelled photos lie: TELLTALE_DATA, else the folder that was named in the app; None for neither."""
    if settings().data:
        return settings().data
    try:
        text = _folder_note().read_bytes().strip()
    except OSError:
        return None
    return Path(os.fsdecode(text)) if text else None


def name_data_folder(text: str) -> None:
    """Keep which folder holds labelled photos; "" for none any more.

    Raises:
        BadDataset: there is no such folder.
    """
    folder = Path(text.strip()).expanduser().absolute() if text.strip() else None
    if folder and not folder.is_dir():
        raise BadDataset(f"There is no folder {say_path(folder)} on the machine on which Telltale runs.")
    write_whole(_folder_note(), os.fsencode(folder) if folder else b"")


def _folder_note() -> Path:
    return settings().home / NAMED


class Photos:
    """Which file under a folder holds which bytes."""

    def __init__(self, index: Path, folder: Path) -> None:
        """Keep where the index is, and the folder that is looked through."""
        self._index, self.folder = index, folder.expanduser().absolute()
        low = os.fsencode(self.folder / "_")[:-1]
        self._range = (low, low[:-1] + bytes([low[-1] + 1]))

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        with open_database(self._index, *_TABLES) as database:
            yield database

    def look(self, report: Report = lambda done, total: None) -> None:
        """Hash what is new or changed, and forget what is gone; a killed look goes on where it was.

        Args:
            report: told after every file how many of how many were looked at.

        Raises:
            BadDataset: the folder cannot be read.
            DamagedDatabase: the index cannot be.
        """
        paths = list(pictures(self.folder))
        known = self._stamps()
        self._forget(known.keys() - {os.fsencode(path) for path in paths})
        batch: list[FileRow] = []
        for done, path in enumerate(paths, 1):
            if known.get(os.fsencode(path)) != _stamp(path) and (row := _hash_file(path)):
                batch.append(row)
            if len(batch) >= BATCH or done == len(paths):
                self._keep(batch)
                batch = []
            report(done, len(paths))

    def _stamps(self) -> dict[bytes, tuple[int, int]]:
        with self._open() as database:
            rows = database.execute("select path, size, changed from files where path >= ? and path < ?", self._range)
            return {path: (size, changed) for path, size, changed in rows}

    def _keep(self, rows: list[FileRow]) -> None:
        if not rows:
            return
        with self._open() as database:
            database.executemany(
                "insert or ignore into former select sha256, path from files where path = ? and sha256 != ?",
                [(path, sha256) for path, _, _, sha256 in rows],
            )
            database.executemany("insert or replace into files values (?, ?, ?, ?)", rows)

    def _forget(self, paths: Iterable[bytes]) -> None:
        if gone := [(path,) for path in paths]:
            with self._open() as database:
                database.executemany("delete from files where path = ?", gone)

    def hashes(self) -> set[str]:
        """Return the SHA-256 of everything that was found when the folder was last looked through."""
        with self._open() as database:
            rows = database.execute("select sha256 from files where path >= ? and path < ?", self._range)
            return {sha256 for (sha256,) in rows}

    def stamps(self, hashes: Iterable[str]) -> dict[str, str]:
        """Return, for each SHA-256 of which a file is or was known, a text that changes when such a file does."""
        stamps = {}
        with self._open() as database:
            for sha256 in dict.fromkeys(hashes):
                paths = [*self._paths(database, "files", sha256), *self._paths(database, "former", sha256)]
                if paths:
                    stamps[sha256] = str([(path, _stamp(path)) for path in paths])
        return stamps

    def read(self, sha256: str) -> Copy:
        """Return a photo's bytes, hashed as they were read now; a file that changed meanwhile is said to have."""
        with self._open() as database:
            paths = self._paths(database, "files", sha256)
            former = self._paths(database, "former", sha256)
        for path in paths:
            data = _bytes(path)
            if data is not None and hashlib.sha256(data).hexdigest() == sha256:
                return Copy("here", path, data)
            if data is not None:
                self._keep([row for row in (_hash_file(path),) if row])
                former.append(path)
        changed = next((path for path in former if path.is_file()), None)
        return Copy("changed", changed) if changed else Copy("missing")

    def _paths(self, database: Connection, table: str, sha256: str) -> list[Path]:
        rows = database.execute(
            f"select path from {table} where sha256 = ? and path >= ? and path < ?", (sha256, *self._range)
        )
        return [Path(os.fsdecode(path)) for (path,) in rows]


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of change, by which a changed file is told; −1 where it cannot be asked."""
    try:
        status = path.stat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def _hash_file(path: Path) -> FileRow | None:
    """Return a file's row; None where it cannot be read."""
    stamp = _stamp(path)  # before the reading: a file that changes meanwhile is hashed again
    try:
        with path.open("rb") as file:
            return os.fsencode(path), *stamp, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


class Search:
    """Looking through a folder behind the pages.

    Attributes:
        photos: the folder's index; what was found so far can be read at any time.
        done, total: files looked at, of how many; 0 of 0 while they are being listed.
        problem: why it came to an early end; None while all is well.
        looks: how often the folder was looked through to its end.
    """

    def __init__(self, photos: Photos) -> None:
        """Keep the index; `start` begins."""
        self.photos = photos
        self.done = self.total = self.looks = 0
        self.problem: TriageError | None = None
        self._lock, self._thread = Lock(), Thread()

    @property
    def running(self) -> bool:
        """Whether the folder is being looked through."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Look through the folder again, unless that is going on."""
        with self._lock:
            if not self.running:
                self.done, self.total, self.problem = 0, 0, None
                self._thread = Thread(target=self._look, daemon=True, name="photos")
                self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end, at most so long."""
        if self._thread.ident:
            self._thread.join(seconds)

    def _look(self) -> None:
        try:
            self.photos.look(self._report)
        except TriageError as problem:
            self.problem = problem
        self.looks += 1

    def _report(self, done: int, total: int) -> None:
        self.done, self.total = done, total
