"""Read every file of a collection once, on all cores; what was read is kept, so that a killed scan goes on."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from pipeline.manifest.file_facts import FileFacts
from pipeline.manifest.table import gather_rows
from pipeline.processes import in_order

BATCH = 256
"""Files between two writes: what a kill can lose."""

_TABLE = """create table if not exists files (
    path text primary key, size integer not null, changed integer not null, facts text not null, thumb blob not null
) without rowid"""


class Scan:
    """The facts of every file read so far, in an SQLite file.

    A file that changed since is read again, and so is one that could not be opened: that may have passed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as database, database:
            database.execute("pragma journal_mode = wal")
            database.execute(_TABLE)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)

    def read(self, paths: Iterable[Path], total: int, workers: int) -> None:
        """Read whatever is not known yet; memory does not grow with the number of files.

        Args:
            paths: the files.
            total: how many they are, for the progress bar.
            workers: processes.
        """
        with (
            closing(self._open()) as database,
            tqdm(total=total, desc="read", unit="file", disable=None) as bar,
        ):
            rows = in_order(_row, self._fresh(database, paths, bar), workers)
            while batch := list(islice(rows, BATCH)):
                with database:
                    database.executemany("insert or replace into files values (?, ?, ?, ?, ?)", batch)

    @staticmethod
    def _fresh(database: sqlite3.Connection, paths: Iterable[Path], bar: "tqdm[Any]") -> Iterator[Path]:
        """Yield the paths that are new, changed since they were read, or could not be opened."""
        for path in paths:
            bar.update()
            query = "select size, changed, facts from files where path = ?"
            *stamp, facts = database.execute(query, (_key(path),)).fetchone() or (None, "{}")
            if tuple(stamp) != _stamp(path) or not json.loads(facts)["sha256"]:
                yield path

    def facts(self, paths: Iterable[str]) -> pd.DataFrame:
        """Return the facts of paths, in their order: one row each, the columns of `Facts`."""
        with closing(self._open()) as database:
            return gather_rows(self._each(database, paths))

    @staticmethod
    def _each(database: sqlite3.Connection, paths: Iterable[str]) -> Iterator[dict[str, object]]:
        for path in paths:
            facts, thumb = database.execute("select facts, thumb from files where path = ?", (_key(path),)).fetchone()
            yield json.loads(facts) | {"thumb": thumb}


def _key(path: Path | str) -> str:
    """Return a path as text that SQLite takes: a name may hold bytes that are no text."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of change, by which a changed file is told; zeros where it cannot be asked."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_size, status.st_mtime_ns)


def _row(path: Path) -> tuple[str, int, int, str, bytes]:
    stamp = _stamp(path)  # before the reading: a file that changes meanwhile is read again
    facts = FileFacts.of(path).as_dict()
    thumb = facts.pop("thumb")
    return _key(path), *stamp, json.dumps(facts), thumb
