"""A file or a folder that is written whole or not at all; a full disk is said by name."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from pipeline.errors import DiskFull

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Codes of an operating system's errors that say: no more can be written here."""


def is_full(problem: OSError) -> bool:
    """Tell whether an error says that the disk, the quota or the file can take no more."""
    return problem.errno in FULL


@contextmanager
def room(folder: Path, half: Path | None = None) -> Iterator[None]:
    """Turn a full disk into an error that says so.

    Args:
        folder: where is written.
        half: a file that is removed where it cannot be written to its end.

    Raises:
        DiskFull: there is no room.
    """
    try:
        yield
    except OSError as problem:
        if half is not None:
            with suppress(OSError):
                half.unlink(missing_ok=True)
        if not is_full(problem):
            raise
        raise DiskFull(f"The disk is full: {folder} takes no more. What was written before is valid.") from problem


@contextmanager
def whole_file(path: Path, or_part: bool = False) -> Iterator[Path]:
    """Give a file to write to that takes its name, in place of an older one, only when all is in it.

    Two may write the same file at once: each has a part of its own, and the last to end wins.

    Args:
        path: the file.
        or_part: after an error, let what was written so far take the name, unless an older file has it.

    Raises:
        OSError: it cannot be written; the older file stays as it was.
    """
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    finally:  # what is whole has its name by now
        with suppress(OSError):
            if or_part and part.exists() and not path.exists():
                part.replace(path)
            part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes, durable: bool = False) -> None:
    """Write bytes under a temporary name and rename it: a file of this name is whole, or it is not there.

    Args:
        path: the file.
        data: what it is to hold.
        durable: wait until the disk has it: it outlives a loss of power too.

    Raises:
        OSError: it cannot be written; the older file stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_bytes(data)
        if durable:
            with part.open("rb") as file:
                os.fsync(file.fileno())


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write to that takes its name, in place of an older one, only when all is in it.

    Raises:
        DiskFull: there is no room; the older folder stays as it was.
    """
    part = folder.with_name(f"unfinished-{folder.name.replace('@', '-')}")
    older = folder.with_name(f"replaced-{folder.name.replace('@', '-')}")
    if older.exists() and not folder.exists():  # killed between two renames
        older.replace(folder)
    for left in (part, older):  # by a killed call
        shutil.rmtree(left, ignore_errors=True)
    with room(folder.parent):
        part.mkdir(parents=True)
        try:
            yield part
            if folder.exists():
                folder.replace(older)
            part.replace(folder)
            shutil.rmtree(older, ignore_errors=True)
        finally:
            shutil.rmtree(part, ignore_errors=True)  # what is whole has its name by now
