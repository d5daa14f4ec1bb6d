"""The small SQLite files under the home folder: opened one way, safe against two sessions that write at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

from pipeline.errors import DamagedDatabase

PATIENCE = 10.0
"""Seconds that a session waits for another one's writing to end."""
WRITE_AHEAD = "pragma journal_mode = wal"
AGAIN = 0.01
"""Seconds after which a file is tried again that another session is opening or leaving."""


@contextmanager
def open_database(path: Path, *tables: str) -> Iterator[sqlite3.Connection]:
    """Open a database, made where there is none; what is done inside is kept as a whole, or not at all.

    Args:
        path: the file.
        tables: statements that create what is missing of its tables.

    Raises:
        DamagedDatabase: it is no database, of another form, locked for too long, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_connect(path, tables)) as database, database:
            yield database
    except (sqlite3.DatabaseError, OSError) as problem:
        if _busy(problem):
            raise DamagedDatabase(
                f"{path} is held by another session for over {PATIENCE:.0f} seconds: {problem}. It is left as it is; "
                "close other windows and programs that use it, and try again."
            ) from problem
        raise DamagedDatabase(
            f"{path} cannot be used as a database: {problem}. Once it is moved away, a new one is begun."
        ) from problem


def _connect(path: Path, tables: tuple[str, ...]) -> sqlite3.Connection:
    """Connect to a database in write-ahead mode that has these tables.

    SQLite's own waiting does not hold while another session turns the file to that mode, or, the last to leave it,
    clears its log: then it is busy at once, and is tried again here.
    """
    until = monotonic() + PATIENCE
    while True:
        database = sqlite3.connect(path, timeout=PATIENCE)
        try:
            database.execute(WRITE_AHEAD)
            for table in tables:
                database.execute(table)
            return database
        except sqlite3.DatabaseError as problem:
            database.close()
            if not _busy(problem) or monotonic() > until:
                raise
        sleep(AGAIN)


def turn_write_ahead(database: sqlite3.Connection) -> None:
    """Turn an open database to write-ahead mode; wait while another session does so, or leaves it.

    Raises:
        sqlite3.DatabaseError: it cannot be turned, or is held for too long.
    """
    until = monotonic() + PATIENCE
    while True:
        try:
            database.execute(WRITE_AHEAD)
            return
        except sqlite3.DatabaseError as problem:
            if not _busy(problem) or monotonic() > until:
                raise
        sleep(AGAIN)


def _busy(problem: Exception) -> bool:
    """Tell whether another session holds the file, by the primary part of SQLite's code."""
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
