"""The bytes of a file of engagement figures as text, in whatever encoding it is."""

import io
from pathlib import Path

from pipeline.errors import BadEngagement
from pipeline.storage import foreign_tables
from pipeline.storage.foreign_tables import readable

MOST_BYTES = 100_000_000
"""Bytes of a file at most."""


def read_file(path: Path) -> bytes:
    """Return the bytes of a file of figures.

    Raises:
        BadEngagement: it is gone, cannot be read, or is larger than `MOST_BYTES`.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadEngagement(f"{path.name} has more than {MOST_BYTES // 10**6} MB: split it.")
        return path.read_bytes()
    except OSError as problem:
        raise BadEngagement(f"{path.name} cannot be read: {problem.strerror or problem}.") from problem


def open_text(data: bytes, name: str) -> io.TextIOWrapper:
    """Return a file's text, in whatever encoding it is; letters that are not UTF-8 stay as surrogates.

    Args:
        data: of the file.
        name: what an error calls it.

    Raises:
        BadEngagement: it is empty, too large, no text, or of a kind that is no table.
    """
    name = readable(name, 200)
    if len(data) > MOST_BYTES:
        raise BadEngagement(f"{name} has more than {MOST_BYTES // 10**6} MB: split it.")
    return foreign_tables.open_text(io.BytesIO(data), name, BadEngagement)
