"""Tables of photos: CSV rows with their line numbers, checked whole before the first record leaves."""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.datasets import Record
from pipeline.datasets.files import TAKE_A_PART, say_path
from pipeline.errors import BadDataset


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        index: the table's file.
        line: where the row starts in it, from 1.
        cells: column, in lower case, to text.
    """

    index: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell without the blanks around it, "" where the table has no such column."""
        return self.cells.get(column, "").strip()

    def wrong(self, problem: str) -> BadDataset:
        """Return the error that says what is wrong with this row."""
        return BadDataset(f"{say_path(self.index)}, line {self.line}: {problem}")

    def need(self, column: str) -> str:
        """Return a cell that must not be empty.

        Raises:
            BadDataset: it is.
        """
        if not self[column]:
            raise self.wrong(f"{column} is empty.")
        return self[column]

    def one_of(self, column: str, words: Collection[str]) -> str:
        """Return a cell in lower case that must be one of some words.

        Raises:
            BadDataset: it is another.
        """
        word = self[column].lower()
        if word not in words:
            known = ", ".join(text or "nothing" for text in words)
            raise self.wrong(f"{column} is {self[column]!r}; it must be one of: {known}.")
        return word

    def number(self, column: str) -> int:
        """Return a cell that must be a whole number from 0.

        Raises:
            BadDataset: it is none.
        """
        if not (self[column].isascii() and self[column].isdigit()):
            raise self.wrong(f"{column} is {self[column]!r}, not a whole number.")
        return int(self[column])


def rows(index: Path, columns: Collection[str]) -> Iterator[Row]:
    """Yield a CSV's rows one at a time.

    Args:
        index: UTF-8 with a header; blank lines are passed over.
        columns: those it must have.

    Raises:
        BadDataset: the file or a column is absent, or a row does not fit; the message gives the line.
    """
    lines = _lines(index)
    _, header = next(lines, (0, list[str]()))
    _refuse_header(index, header, columns)
    for line, cells in lines:
        if len(cells) != len(header):
            raise BadDataset(f"{say_path(index)}, line {line}: {len(cells)} cells, but {len(header)} columns.")
        yield Row(index, line, dict(zip(header, cells, strict=True)))


def header_of(index: Path) -> list[str]:
    """Return the names of a CSV's columns, in lower case.

    Raises:
        BadDataset: it cannot be read.
    """
    return next(_lines(index), (0, list[str]()))[1]


def _lines(index: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not blank: its number, and its cells; those of the first without blanks, in lower case.

    Raises:
        BadDataset: it cannot be read as CSV.
    """
    line, first = 1, True
    try:
        with index.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if any(cells):
                    yield line, [cell.strip().lower() for cell in cells] if first else cells
                    first = False
                line = reader.line_num + 1
    except OSError as problem:
        raise BadDataset(f"{say_path(index)} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise BadDataset(f"{say_path(index)} is not UTF-8 text: save it as CSV UTF-8.") from problem
    except csv.Error as problem:
        raise BadDataset(f"{say_path(index)}, line {line}: {problem}.") from problem


def _refuse_header(index: Path, header: list[str], columns: Collection[str]) -> None:
    absent = [column for column in columns if column not in header]
    if absent:
        has = ", ".join(repr(cell) for cell in header) or "nothing"
        raise BadDataset(
            f"{say_path(index)} has no column {' and no column '.join(absent)}. Its first line gives {has}."
        )
    twice = next((cell for cell in header if cell and header.count(cell) > 1), None)
    if twice:
        raise BadDataset(f"{say_path(index)} has two columns {twice!r}.")


def has_columns(index: Path, columns: Collection[str]) -> bool:
    """Tell whether a file is a CSV with these columns, without raising."""
    if not index.is_file():
        return False
    try:
        next(rows(index, columns), None)
    except BadDataset:
        return False
    return True


def read_index(
    index: Path, columns: Collection[str], records: Callable[[Row], Iterable[Record]], part: str = TAKE_A_PART
) -> Iterator[Record]:
    """Yield the records of a table's rows, once all of them were found sound.

    The table is read twice rather than held: it may have any number of rows.

    Args:
        index: the table.
        columns: those it must have.
        records: turns a row into its records, or raises what `Row.wrong` gives.
        part: said where files are absent: what to do about it.

    Raises:
        BadDataset: a row does not fit, there is none, or files are absent (how many, and the first).
    """
    total, absent, first = 0, 0, ""
    for row in rows(index, columns):
        for path in (path for record in records(row) for path in _files(record)):
            total += 1
            if not path.is_file():
                absent += 1
                first = first or f"{say_path(path)} (line {row.line})"
    if not total:
        raise BadDataset(f"{say_path(index)} names no photo.")
    if absent:
        raise BadDataset(f"{say_path(index)} names {total:,} files and {absent:,} are absent, first {first}. {part}")
    for row in rows(index, columns):
        yield from records(row)


def _files(record: Record) -> list[Path]:
    return [record.path] + ([Path(record.mask)] if record.mask not in ("", "pair") else [])
