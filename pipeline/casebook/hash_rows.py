"""Where the table of a hash list begins, what separates its cells, and rows of md5sum."""

import csv
from dataclasses import dataclass

from pipeline.casebook.hash_columns import Columns, bare_columns_of, columns_of
from pipeline.storage.foreign_tables import split_loosely

NONE = "\x1f"
"""Separates nothing: a list as md5sum prints it, whose names may hold any separator."""
SEPARATORS = (",", ";", "\t", "|", NONE)
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


def unwrap(row: list[str]) -> list[str]:
    """Return a row of md5sum, digits and a name in one cell, as two; others as they are."""
    if len(row) == 1 and len(parts := row[0].split(None, 1)) == 2 and len(parts[0]) in LENGTHS:
        return [parts[0], parts[1].lstrip("*")]
    return row
