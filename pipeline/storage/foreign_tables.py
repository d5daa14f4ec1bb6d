"""The text of a table from outside, CSV in the widest sense: its encoding, its lines, each bounded, and its cells."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from pipeline.errors import TriageError

HEAD = 4096
"""Bytes from which the encoding is told."""
MOST_LINE = 65_536
"""Characters of a line; a longer one is passed over, and said."""
MOST_LINES = 50
"""Lines of a row; a quote that is open for longer was never meant to be."""
BYTE_ORDER = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
REFUSED = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"\x1f\x8b", "packed by gzip: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it"),
    (b"%PDF", "a PDF: export the table behind it as CSV"),
    (b"SQLite format 3\x00", "a database, as the NSRL's RDS 3 is: export the table as CSV"),
)


def open_text(file: BinaryIO, name: str, error: type[TriageError]) -> io.TextIOWrapper:
    """Return a table's text, in whatever encoding it is; letters that are not UTF-8 stay as surrogates.

    Args:
        file: seekable, read from its beginning.
        name: what an error calls it.
        error: what is raised where it is empty, no text, or of a kind that is no table.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise error(f"{name} is empty.")
    for begins, what in REFUSED:
        if head.startswith(begins):
            raise error(f"{name} is {what}.")
    encoding = _encoding_of(head)
    if not encoding:
        raise error(f"{name} is no text: it holds bytes of value 0.")
    if head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")[:1] in ("{", "[", "<"):
        raise error(f"{name} is JSON, XML or a web page: export the table as CSV.")
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(file, encoding, errors, newline="")


def _encoding_of(head: bytes) -> str:
    """Return the encoding's name; "" of what is no text. UTF-16 without its mark is told by its zeros."""
    for mark, encoding in BYTE_ORDER:
        if head.startswith(mark):
            return encoding
    if head.count(0) <= max(1, len(head) // 50):  # a stray one is left out with the cell that it stands in
        return "utf-8"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4 or min(even, odd) > len(head) // 50:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


class Remark(NamedTuple):
    """Something about a row: why it was not read, or what is odd about it.

    Attributes:
        line: its number in the file, from 1.
        reason: in words; what it quotes of the row is text from outside.
    """

    line: int
    reason: str


class Lines:
    """The lines of a text, as a CSV reader takes them, bounded; `pending` holds those of the row that is being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.pending: list[tuple[int, str]] = []
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        """Yield each line with its ending; in place of one that is too long an empty one."""
        while line := self._text.readline(MOST_LINE):
            self.number += 1
            if len(line) == MOST_LINE and line[-1] not in "\r\n":
                while (rest := self._text.readline(MOST_LINE)) and rest[-1] not in "\r\n":
                    pass
                self.too_long.append(self.number)
                line = "\n"
            self.pending.append((self.number, line))
            yield line


def readable(text: str, most: int) -> str:
    """Return a cell as text that can be kept: in one line, without zeros and stray surrogates, at most `most` long.

    Letters that were not UTF-8 are read as Windows-1252, which old lists are in. What else it holds stays, HTML and
    formulas too: whoever shows it makes it harmless.
    """
    if len(text) <= most and text.isprintable() and text.isascii() and "  " not in text:
        return text.strip()  # as nearly all are
    text = text[: 4 * most]
    if not text.isascii():
        if any("\udc80" <= letter <= "\udcff" for letter in text):
            raw = text.encode("utf-8", "surrogateescape")
            text = raw.decode("cp1252", "replace")
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cs")
    text = " ".join(text.replace("\x00", "").split())
    return text if len(text) <= most else text[: most - 1] + "…"


def bare(heading: str) -> str:
    """Return a heading's letters and digits alone, in small letters: how it is known whatever stands between them."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def split_loosely(line: str, separator: str) -> list[str]:
    """Return the cells of a line whose quotes do not fit together."""
    return [cell.strip().strip('"') for cell in line.strip("\ufeff\r\n").split(separator)]


def rows_of(lines: Lines, separator: str, first: str = "") -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line; quotes that do not fit together are taken as letters.

    Args:
        lines: of the table, from its first row on.
        separator: of its cells.
        first: a line that was taken already, and is the first row.
    """
    lines.pending[:] = lines.pending[-1:] if first else []
    stream = chain([first] if first else [], lines)
    reader = csv.reader(stream, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        row: list[str] | None = None
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a quote that is never closed, or closed too soon
            pass
        held = lines.pending
        if row is None or len(held) > MOST_LINES:
            held = held.copy()
            lines.pending.clear()
            yield from ((number, split_loosely(line, separator)) for number, line in held)
        elif held:
            number = held[0][0]
            held.clear()
            yield number, row
