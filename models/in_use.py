"""Which releases are in use, each under the word that people choose it by: `in_use.json`, word → name.

The first word is the default. A later release replaces either by another line there; the files of releases, which
evaluations are held to by their hashes, stay as they are.
"""

import json
from pathlib import Path
from types import MappingProxyType

from models.errors import WeightsMismatch
from models.files import ROOT

NAME = "in_use.json"
WORDS = MappingProxyType(
    {
        "thorough": "sees most edits; takes longest",
        "quick": "several times as fast; misses far more",
    }
)
"""The words, the default first, with what they mean."""


def releases_in_use(root: Path = ROOT) -> dict[str, str]:
    """Return word → name of a release, the default first; empty where nothing says.

    Raises:
        WeightsMismatch: the file is damaged.
    """
    path = root / NAME
    if not path.is_file():
        return {}
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise WeightsMismatch(
            f"{NAME} is not valid JSON: {problem}. Restore it from the project's repository."
        ) from None
    if (
        not isinstance(names, dict)
        or not set(names) <= set(WORDS)
        or not all(isinstance(n, str) for n in names.values())
    ):
        raise WeightsMismatch(f"{NAME} must give releases under the words {', '.join(WORDS)}.")
    return {word: names[word] for word in WORDS if word in names}


def word_of(release: str, root: Path = ROOT) -> str:
    """Return the word under which a release is in use; "" for one that is not."""
    return next((word for word, name in releases_in_use(root).items() if name == release), "")
