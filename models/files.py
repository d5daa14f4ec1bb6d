"""Where learned files live, and the check that a file is the one its card names."""

import hashlib
import json
from pathlib import Path
from typing import Any

from models.errors import WeightsMismatch, WeightsMissing

ROOT = Path(__file__).resolve().parent


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 lower-case hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_path(path: Path, sha256: str) -> Path:
    """Return `path` after comparing its SHA-256 with the one expected.

    Raises:
        WeightsMissing: there is no such file.
        WeightsMismatch: the file is not the one that was named.
    """
    if not path.is_file():
        raise WeightsMissing(f"{path.name} is missing from {path.parent}. Restore it from the project's repository.")
    actual = sha256_of(path)
    if actual != sha256:
        raise WeightsMismatch(
            f"{path.name} is not the file that was released: SHA-256 {actual[:12]}… instead of {sha256[:12]}…. "
            "Restore it from the project's repository."
        )
    return path


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a card, a release or figures: indented, in UTF-8, the same text for the same data."""
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
