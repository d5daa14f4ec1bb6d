"""A file of JSON lines that grows: each line is whole, or a kill cut it short and it does not count."""

import json
import os
from pathlib import Path
from typing import Any, BinaryIO


def append_line(path: Path, line: dict[str, Any]) -> None:
    """Append a line, in place of a last one that a kill cut short.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("a+b") as file:
        _drop_cut_line(file)
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def _drop_cut_line(file: BinaryIO) -> None:
    """Drop a last line that a kill cut short: the next one would be written on to it, and both be lost."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    if size and file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file; none where there is no file."""
    if not path.is_file():
        return []
    whole = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in whole if line.strip()]
