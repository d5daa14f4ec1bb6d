"""Which column of a hash list holds what, by its heading; and what a cell with a hash says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.storage.foreign_tables import bare

Kind = Literal["sha256", "sha1", "md5", "phash"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DIGITS: dict[Kind, int] = {"sha256": 64, "sha1": 40, "md5": 32, "phash": 16}
"""Hexadecimal digits of each kind."""
BY_DIGITS: dict[int, Kind] = {count: kind for kind, count in DIGITS.items()}

HASH_WORDS: dict[str, Kind | Literal[""]] = {
    **dict.fromkeys(("sha256", "sha2", "sha2256", "sha256hash", "hashsha256", "sha256sum", "filesha256"), "sha256"),
    **dict.fromkeys(("sha1", "sha1hash", "hashsha1", "sha1sum", "filesha1"), "sha1"),
    **dict.fromkeys(("md5", "md5hash", "hashmd5", "md5sum", "filemd5"), "md5"),
    **dict.fromkeys(("phash", "perceptualhash", "phash64", "imagephash", "hashphash"), "phash"),
    **dict.fromkeys(("hash", "hashes", "hashvalue", "filehash", "digest", "checksum", "value"), ""),
}
"""Headings, their letters and digits alone, of columns with hashes; "" where the length tells the kind."""
NAME_WORDS = ("name", "list", "listname", "setname", "set", "hashset", "hashsetname", "series", "collection")
NOTE_WORDS = ("note", "notes", "description", "comment", "comments", "remark", "remarks")
MORE_WORDS = ("category", "tag", "tags", "filename", "title", "label", "hashsetid")
"""Headings of columns that are added to the note under their heading."""
BALANCE = range(8, 57)
"""Bits set in the perceptual hash of a picture that shows something: 32, fewer or more only where much is equal."""

_HEX = re.compile(r"[0-9a-f]+")
_MARKED = re.compile(r"\s*[\"']*\s*([A-Za-z][A-Za-z0-9 _-]{1,15})\s*[:=]\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Columns:
    """Where a row holds what.

    Attributes:
        hashes: column and kind of each hash; "" where the length tells the kind.
        name: column of the list's own name; None without.
        notes: columns of notes.
        more: columns that are added to the note, with their headings.
    """

    hashes: tuple[tuple[int, Kind | Literal[""]], ...]
    name: int | None = None
    notes: tuple[int, ...] = ()
    more: tuple[tuple[int, str], ...] = ()


def columns_of(row: Sequence[str]) -> Columns | None:
    """Return the columns that a header names; None where it names none with hashes."""
    words = list(map(bare, row))
    hashes = tuple((at, HASH_WORDS[word]) for at, word in enumerate(words) if word in HASH_WORDS)
    if any(kind for _, kind in hashes):
        hashes = tuple((at, kind) for at, kind in hashes if kind or words[at] != "value")
    if not hashes:
        return None
    return Columns(
        hashes,
        next((words.index(word) for word in NAME_WORDS if word in words), None),
        tuple(at for at, word in enumerate(words) if word in NOTE_WORDS),
        tuple((at, row[at].strip()[:40]) for at, word in enumerate(words) if word in MORE_WORDS),
    )


def bare_columns_of(row: Sequence[str]) -> Columns | None:
    """Return the columns of a first row that is no header: those that hold a hash, and the rest as notes."""
    hashes = tuple((at, kind) for at, cell in enumerate(row) if (kind := _kind_of(cell)))
    rest = tuple(at for at, _ in enumerate(row) if at not in dict(hashes))
    return Columns(tuple((at, "") for at, _ in hashes), None, rest) if hashes else None


def _kind_of(cell: str) -> Kind | None:
    read = read_hash(cell, "")
    return read[0] if isinstance(read, tuple) else None


def read_hash(cell: str, kind: Kind | Literal[""]) -> tuple[Kind, str] | str:
    """Return kind and lower-case digits of a cell, or in words why it holds no hash.

    Args:
        cell: digits in any case, with spaces, quotes or "0x" about them, or with their kind before them ("SHA-256:").
        kind: what the column holds; "" where the length tells it.
    """
    digits = cell.strip().lower()
    plain = _HEX.fullmatch(digits) is not None
    if plain and kind and len(digits) == DIGITS[kind] and kind != "phash":
        return kind, digits  # as nearly all are
    if not plain:
        digits, named = _bared(cell)
        if named and kind and named != kind:
            return f"“{_short(cell)}” stands in a column of {kind}"
        kind = kind or named
    if not digits or not _HEX.fullmatch(digits):
        return f"“{_short(cell)}” is no hash: it has other letters than 0–9 and a–f"
    told = BY_DIGITS.get(len(digits))
    if kind and told != kind:
        return f"“{_short(cell)}” is no {kind}: it has {len(digits)} digits where {DIGITS[kind]} are needed"
    if not told:
        return f"“{_short(cell)}” is no hash that is known: it has {len(digits)} digits"
    if told == "phash" and int(digits, 16).bit_count() not in BALANCE:
        return f"“{digits}” is the perceptual hash of a blank picture: it would be near to every other"
    return told, digits


def _bared(cell: str) -> tuple[str, Kind | Literal[""]]:
    """Return a cell's digits without what stands about them, and the kind that stands before them."""
    named: Kind | Literal[""] = ""
    if marked := _MARKED.fullmatch(cell):
        word = bare(marked[1])
        if word in HASH_WORDS:
            named, cell = HASH_WORDS[word], marked[2]
    digits = "".join(cell.lower().split()).strip("\"'`\ufeff")
    return digits.removeprefix("0x"), named


def _short(cell: str) -> str:
    text = " ".join(cell.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
