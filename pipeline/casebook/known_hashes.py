"""Lists of known hashes: read from a CSV, a row at a time, and matched against the hashes of a photo.

Read are lists with named columns in any order (sha256, sha1, md5, phash, or one column of hashes of any kind told by
their length; name or list; note or description; and common synonyms), bare columns of hashes, what md5sum and its kin
print, and the hash columns of exports as CSV: NSRL RDS 2 (NSRLFile.txt), HashKeeper, VICS. PhotoDNA is not read: it
compares with other PhotoDNA alone.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import numpy as np

from pipeline.casebook.hash_columns import Columns, Kind, read_hash
from pipeline.casebook.hash_rows import Table, table_at, unwrap
from pipeline.errors import BadHashList
from pipeline.storage.foreign_tables import Lines, Remark, open_text, readable, rows_of

KNOWN_BITS = 6
"""Bits in which a perceptual hash of a list may differ for a photo to count as near.

Fewer than between two photos of a casebook, as a list has no thumbs to confirm what the hash suspects. Of 150 photos
all were met when shrunk to a third, saved at quality 40, made grey or cut by 1 % at each edge; cut by 2 %, 82 %. Of 5.5
million pairs of strangers 12 lay so near: in a list of a million about two are met by chance.
"""
MOST_NOTE, MOST_NAME = 500, 100
"""Characters that are kept."""
MOST_BAD = 1000
"""Bad rows that are kept; further ones are counted alone."""
MOST_BEFORE = 20
"""Lines, comments and titles, among which the columns must begin."""


class KnownHash(NamedTuple):
    """One hash of a list.

    Attributes:
        kind: "sha256", "sha1", "md5" or "phash".
        value: hexadecimal digits in lower case: 64, 40, 32 or 16.
        note: what the list says of it, on one line, at most 500 characters; text from outside.
        name: of the list, where the row gives one, at most 100 characters; text from outside.
    """

    kind: Kind
    value: str
    note: str = ""
    name: str = ""


@dataclass
class HashList:
    """A list to iterate over: row by row, in flat memory, each time from its beginning.

    Attributes:
        name: of the file.
        rows: how many rows held a hash so far.
        bad: the first of the rows that were not read.
        bad_rows: how many there were.
    """

    name: str
    source: Path | BinaryIO = field(repr=False)
    rows: int = 0
    bad: list[Remark] = field(default_factory=list)
    bad_rows: int = 0

    def __iter__(self) -> Iterator[KnownHash]:
        """Yield every hash; a row with several yields each.

        Raises:
            BadHashList: no list that can be read: see `read_known_hashes`.
        """
        self.rows, self.bad, self.bad_rows = 0, [], 0
        with ExitStack() as stack:
            try:
                file = stack.enter_context(self.source.open("rb")) if isinstance(self.source, Path) else self.source
                text = open_text(file, self.name, BadHashList)
                stack.callback(text.detach)
                yield from self._read(Lines(text))
            except OSError as problem:
                raise BadHashList(f"{self.name} cannot be read: {problem.strerror or problem}.") from problem
        if not self.rows:
            first = f" Line {self.bad[0].line}: {self.bad[0].reason}." if self.bad else ""
            raise BadHashList(f"{self.name}: no row holds a hash.{first}")

    def _read(self, lines: Lines) -> Iterator[KnownHash]:
        table = self._table(lines)
        for number, row in rows_of(lines, table.separator, table.first):
            while lines.too_long:
                self._refuse(lines.too_long.pop(0), "the line is too long to be a hash's")
            if row and not row[0].lstrip().startswith("#"):
                yield from self._hashes(number, row, table.columns)

    def _table(self, lines: Lines) -> Table:
        """Return where the table begins: the header, or the first row that holds a hash."""
        before: list[tuple[int, str]] = []
        for line in islice(lines, MOST_BEFORE):
            if not line.strip() or line.lstrip("\ufeff ").startswith("#"):
                continue
            if table := table_at(line):
                for number, _ in before:
                    self._refuse(number, "the row stands before the columns are named")
                return table
            before.append((lines.number, line))
        cells = readable(before[0][1], 80) if before else ""
        raise BadHashList(f"{self.name} has no column with hashes. It begins: “{cells}”.")

    def _hashes(self, number: int, row: list[str], columns: Columns) -> Iterator[KnownHash]:
        row = row if len(row) > 1 else unwrap(row)
        cells = [(row[at], kind) for at, kind in columns.hashes if at < len(row) and row[at].strip()]
        good = []
        for cell, kind in cells:
            read = read_hash(cell, kind)
            if isinstance(read, str):
                self._refuse(number, readable(read, 200))
            else:
                good.append(read)
        if good:
            self.rows += 1
            note, name = _note(row, columns), _cell(row, columns.name, MOST_NAME)
            yield from (KnownHash(kind, value, note, name) for kind, value in good)
        elif not cells and any(cell.strip() for cell in row):
            self._refuse(number, "the row holds no hash")

    def _refuse(self, line: int, reason: str) -> None:
        self.bad_rows += 1
        if len(self.bad) < MOST_BAD:
            self.bad.append(Remark(line, reason))


def read_known_hashes(source: Path | BinaryIO, name: str = "") -> HashList:
    """Return a list to iterate over, see `HashList`. Rows that are bad are gathered there; the others are read.

    Args:
        source: the file, or its bytes: seekable.
        name: what errors call it; "" for the file's own name.

    Raises:
        BadHashList: while it is read: it is empty, no text, of a kind that is no CSV, has no column with hashes, or
            none of its rows holds one.
    """
    return HashList(name or (source.name if isinstance(source, Path) else "The list"), source)


def _cell(row: list[str], at: int | None, most: int) -> str:
    return readable(row[at], most) if at is not None and at < len(row) else ""


def _note(row: list[str], columns: Columns) -> str:
    """Return the notes of a row, and what else is said of it, as one."""
    if len(columns.notes) == 1 and not columns.more:
        return _cell(row, columns.notes[0], MOST_NOTE)
    parts = [_cell(row, at, MOST_NOTE) for at in columns.notes]
    parts += [f"{heading}: {text}" for at, heading in columns.more if (text := _cell(row, at, MOST_NOTE))]
    return readable("; ".join(filter(None, parts)), MOST_NOTE)


@dataclass(frozen=True)
class PhotoHashes:
    """The hashes of one photo, hexadecimal digits in lower case.

    Attributes:
        sha256, sha1, md5: of the file's bytes.
        phash: of its picture, as `FileFacts` has it; "" where it cannot be decoded.
    """

    sha256: str
    sha1: str
    md5: str
    phash: str = ""

    @classmethod
    def of(cls, data: bytes, phash: str = "") -> Self:
        """Make them of a file's bytes, and of the perceptual hash that was made of its picture."""
        sha1, md5 = (hashlib.new(kind, data, usedforsecurity=False).hexdigest() for kind in ("sha1", "md5"))
        return cls(hashlib.sha256(data).hexdigest(), sha1, md5, phash)

    @property
    def exact(self) -> tuple[tuple[Kind, str], ...]:
        """Kind and value of what must be equal, strongest first: what a database is asked for."""
        return ("sha256", self.sha256), ("sha1", self.sha1), ("md5", self.md5)


def near_known(phash: str, values: np.ndarray, bits: int = KNOWN_BITS) -> list[tuple[int, int]]:
    """Return which of many perceptual hashes are near one: place and bits, nearest first. A million take some ms.

    Args:
        phash: 16 hex digits; "" is near nothing.
        values: (N,) uint64.
        bits: in which they may differ.
    """
    if not phash:
        return []
    apart = np.bitwise_count(values ^ np.uint64(int(phash, 16)))
    near = np.flatnonzero(apart <= bits)
    return sorted(((int(place), int(apart[place])) for place in near), key=lambda hit: (hit[1], hit[0]))
