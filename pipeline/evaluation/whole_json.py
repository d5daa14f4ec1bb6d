"""A measurement that is one JSON file: written whole, in place of an older one, or not at all."""

from pathlib import Path
from typing import Any

from models.files import write_json
from pipeline.storage.whole import room, whole_file


def write_json_whole(path: Path, data: dict[str, Any]) -> Path:
    """Write a JSON file, and the folder that it lies in; return its path.

    Raises:
        DiskFull: there is no room; the older file stays as it was.
    """
    with room(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            write_json(part, data)
    return path
