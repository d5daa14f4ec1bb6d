"""Names, texts and tags that people give, as they can be kept."""

from collections.abc import Sequence

from pipeline.errors import BadCase

LONGEST_NAME, LONGEST_TEXT = 120, 20_000
"""Characters of a name or tag, and of a description or an opinion's words."""


def clean_name(name: str) -> str:
    """Return a name of a case, tag or person: one line, bounded.

    Raises:
        BadCase: nothing is left of it, or it is too long.
    """
    clean = " ".join(writable(name).split())
    if not clean:
        raise BadCase("A name has at least one letter.")
    if len(clean) > LONGEST_NAME:
        raise BadCase(f"A name has at most {LONGEST_NAME} letters; this one has {len(clean)}.")
    return clean


def clean_text(text: str) -> str:
    """Return a text as it can be kept.

    Raises:
        BadCase: it is too long.
    """
    clean = writable(text).strip()
    if len(clean) > LONGEST_TEXT:
        raise BadCase(f"A text has at most {LONGEST_TEXT} letters; this one has {len(clean)}.")
    return clean


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Return tags, sorted, each once.

    Raises:
        BadCase: one is too long.
    """
    return sorted({clean_name(tag) for tag in tags if tag.strip()})


def writable(text: str) -> str:
    """Return a text without what no database and no JSON takes: lone surrogates, and the character 0."""
    return text.encode("utf-8", "replace").decode().replace("\0", "�")
