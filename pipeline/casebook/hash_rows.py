"""The rows of a hash list: where its table begins, what separates its cells, and rows whose quotes do not fit."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from pipeline.casebook.hash_columns import Columns, bare_columns_of, columns_of
from pipeline.storage.foreign_tables import Lines

NONE = "\x1f"
"""Separates nothing: a list as md5sum prints it, whose names may hold any separator."""
SEPARATORS = (",", ";", "\t", "|", NONE)
MOST_LINES = 50
"""Lines of a row; a quote that is open for longer was never meant to be."""
LENGTHS = (16, 32, 40, 64)


@dataclass(frozen=True)
class Table:
    """Where a table begins.

    Attributes:
        separator: of its cells.
        columns: what they hold.
        first: its first row, a line; "" where the line was a header.
    """

    separator: str
    columns: Columns
    first: str


def table_at(line: str) -> Table | None:
    """Return the table that begins with a line, as a header or as its first row; None where none does."""
    best, most = None, (0, 0)
    for separator in SEPARATORS:
        row = _cells(line, separator)
        named = columns_of(row)
        columns = named or bare_columns_of(unwrap(row))
        if columns is not None and (size := (len(columns.hashes), len(row))) > most:
            best, most = Table(separator, columns, "" if named else line), size
    return best


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line.lstrip("\ufeff")], delimiter=separator, strict=True, skipinitialspace=True), [])
    except csv.Error:
        return split_loosely(line, separator)


def split_loosely(line: str, separator: str) -> list[str]:
    """Return the cells of a line whose quotes do not fit together."""
    return [cell.strip().strip('"') for cell in line.strip("\ufeff\r\n").split(separator)]


def unwrap(row: list[str]) -> list[str]:
    """Return a row of md5sum, digits and a name in one cell, as two; others as they are."""
    if len(row) == 1 and len(parts := row[0].split(None, 1)) == 2 and len(parts[0]) in LENGTHS:
        return [parts[0], parts[1].lstrip("*")]
    return row


def rows_of(lines: Lines, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line; quotes that do not fit together are taken as letters."""
    lines.pending[:] = lines.pending[-1:] if table.first else []
    stream = chain([table.first] if table.first else [], lines)
    reader = csv.reader(stream, delimiter=table.separator, strict=True, skipinitialspace=True)
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
            yield from ((number, split_loosely(line, table.separator)) for number, line in held)
        elif held:
            number = held[0][0]
            held.clear()
            yield number, row
