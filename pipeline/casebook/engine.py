"""The casebook's database: opened one way, brought to the newest form, its failures said in the house's words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from pipeline.casebook.schema import VERSION
from pipeline.errors import BadSetting, DamagedDatabase, DiskFull, NewerCasebook, Unwritable
from pipeline.settings import settings
from pipeline.storage import database as files

FILE = "casebook.sqlite"
WRITES = "telltale_writes"
BYTES = 7_353_512
"""Number of the lock that is held while bytes are added or removed."""


def database_url(home: Path | None = None) -> str:
    """Return where the casebook is: what TELLTALE_DATABASE names, or a file under the home folder."""
    if settings().database and home is None:
        return settings().database
    return f"sqlite:///{(home or settings().home) / FILE}"


class Database:
    """A casebook's database. Many may read while one writes; a second writer waits."""

    def __init__(self, url: str) -> None:
        """Keep where it is; it is opened with the first question.

        Raises:
            BadSetting: that is no address of a database.
        """
        try:
            self._url = make_url(url)
            if self._is_file and not self._url.database:
                raise ArgumentError("it names no file")
            self._engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError) as problem:
            raise BadSetting(f"TELLTALE_DATABASE is no address of a database that is known: {problem}.") from problem
        self._ready = False

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return self._url.database or "" if self._is_file else self._url.render_as_string(hide_password=True)

    @property
    def exists(self) -> bool:
        """Whether there is anything to read: a file is made with the first thing that is kept."""
        return not self._is_file or Path(self._url.database or "").is_file()

    @property
    def _is_file(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            DamagedDatabase: it cannot be reached, or is none.
            NewerCasebook: a newer version wrote it.
        """
        with self._in_words():
            self._make_ready()
            with self._engine.connect() as connection, connection.begin():
                yield connection

    @contextmanager
    def writing(self, bytes_too: bool = False) -> Iterator[Connection]:
        """Give a connection: what is done through it is kept as a whole, or not at all.

        Args:
            bytes_too: bytes are added or removed meanwhile, which one does at a time: between two looks at the tables,
                those that one photo lost could otherwise be those of another that just came.

        Raises:
            DamagedDatabase: as for `reading`, or somebody else held it for too long.
            DiskFull, Unwritable: it takes no more.
        """
        with self._in_words():
            self._make_ready()
            with self._begin() as connection:
                if bytes_too and not self._is_file:  # a file has one writer at a time as it is
                    connection.execute(select(func.pg_advisory_xact_lock(BYTES)))
                yield connection

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _make_ready(self) -> None:
        """Bring the database to the newest form, if it is not."""
        if self._ready:
            return
        if self._is_file:
            Path(self._url.database or "").parent.mkdir(parents=True, exist_ok=True)
        with self._engine.connect() as connection:
            version = _version(connection)
        if version != VERSION:
            from pipeline.casebook.migrations.run import upgrade  # alembic takes a moment, and is seldom needed

            with self._begin() as connection:
                upgrade(connection, self.place)
        self._ready = True

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, OSError) as problem:
            raise _in_words(problem, self.place) from problem


@cache
def _engine(url: str) -> Engine:
    """Return the one engine of this process for an address."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_file)
        event.listen(engine, "begin", _begin_file)
    return engine


def _set_up_file(connection: sqlite3.Connection, _: Any) -> None:
    """Prepare a connection to a file: transactions are begun here, and what is acknowledged is on the disk."""
    connection.isolation_level = None
    for line in (f"busy_timeout = {round(files.PATIENCE * 1000)}", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {line}")
    files.turn_write_ahead(connection)


def _begin_file(connection: Connection) -> None:
    """Begin a transaction; one that writes takes its turn at once, so that what it read before still holds."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    version = str(connection.execute(text("select version_num from alembic_version")).scalar() or "")
    if version > VERSION:
        raise NewerCasebook(
            f"The casebook was written by a newer version of Telltale (form {version}; this one knows {VERSION})."
        )
    return version


def _in_words(problem: DBAPIError | OSError, place: str) -> DamagedDatabase | DiskFull | Unwritable:
    reason = str(problem.orig if isinstance(problem, DBAPIError) else problem).strip().splitlines()[0]
    code = getattr(getattr(problem, "orig", problem), "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return DamagedDatabase(
            f"{place} is held by another session for over {files.PATIENCE:.0f} seconds: {reason}. It is left as it is; "
            "close other windows and programs that use it, and try again."
        )
    if code == sqlite3.SQLITE_FULL or "no space left" in reason.lower():
        return DiskFull(f"The disk is full: {place} takes no more. What was written before is valid.")
    if code == sqlite3.SQLITE_READONLY or isinstance(problem, PermissionError):
        return Unwritable(f"{place} cannot be written: {reason}.")
    if code == sqlite3.SQLITE_NOTADB or code == sqlite3.SQLITE_CORRUPT:
        return DamagedDatabase(
            f"{place} cannot be used as a database: {reason}. Once it is moved away, a new one is begun."
        )
    return DamagedDatabase(f"The casebook at {place} cannot be used: {reason}.")
