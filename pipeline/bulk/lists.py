"""Lists of photos: a column of paths or addresses in a CSV or parquet file, or a text with one a line."""

import csv
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.bulk.inputs import Input
from pipeline.errors import BadSource
from pipeline.intake.sorting import suffix_of
from pipeline.storage.foreign_tables import Lines, bare, open_text

ENDINGS = (".csv", ".tsv", ".parquet", ".txt")
NAMES = ("path", "file", "filename", "filepath", "image", "imagepath", "photo", "photopath", "picture", "uri", "url",
         "link", "address", "imageurl", "photourl", "mediaurl", "key", "name")  # fmt: skip
"""Headings of the column that holds paths, without what stands between their words; the first in this order counts."""

TOGETHER = 4096
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.I)
NOTHING = "The row of the list names no photo."


def listed_in(place: str, remote: bool, column: str = "") -> Iterator[Input]:
    """Yield a list's photos, one a row; a row that names none is an input with its error.

    A path that is not absolute is looked for beside the list.

    Args:
        place: path or address of the list.
        remote: whether it is an address.
        column: that holds the paths; "" for one of `NAMES`.

    Raises:
        BadSource: it cannot be read, is no table, or its column is not known.
    """
    beside = place.rsplit("/", 1)[0] if remote else str(Path(place).parent)
    cells = {".parquet": _parquet, ".txt": _text}.get(suffix_of(place), _csv)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(fsspec.open(place, "rb") if remote else open(place, "rb"))  # noqa: PTH123, SIM115
        except (OSError, ImportError, ValueError) as problem:
            raise BadSource(f"{place} cannot be read: {problem}.") from problem
        for cell in cells(file, place, column):
            yield _input(cell, beside, remote)


def _input(cell: str, beside: str, remote: bool) -> Input:
    written = cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if not cell.strip() or "\0" in cell:
        return Input(b"", outright=True, error=NOTHING, written=written)
    if SCHEME.match(cell) and not cell.startswith("file://"):
        return Input(cell.encode("utf-8", "surrogateescape"), True, outright=True, written=written)
    path = cell.removeprefix("file://")
    if remote and not path.startswith("/"):
        return Input(f"{beside}/{path}".encode("utf-8", "surrogateescape"), True, outright=True, written=written)
    return Input(os.path.join(os.fsencode(beside), os.fsencode(path)), outright=True, written=written)  # noqa: PTH118


def _text(file: BinaryIO, name: str, column: str) -> Iterator[str]:
    if column:
        raise BadSource(f"{name} is a text with a path a line, and has no column {column!r}.")
    with open_text(file, name, BadSource) as text:
        lines = Lines(text)
        for line in lines:
            lines.pending.clear()
            if line.strip():
                yield line.rstrip("\r\n")


def _csv(file: BinaryIO, name: str, column: str) -> Iterator[str]:
    with open_text(file, name, BadSource) as text:
        lines = Lines(text)
        head = next(iter(lines), "")
        separator = "\t" if name.lower().endswith(".tsv") else max(",;\t|", key=head.count)
        place = _column(name, next(csv.reader([head], delimiter=separator), []), column)
        for row in _rows(csv.reader(lines, delimiter=separator)):
            lines.pending.clear()
            if row:  # a blank line is no row
                yield row[place] if place < len(row) else ""


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:  # a cell that is too long: the row is said to name nothing
            yield [""]


def _parquet(file: BinaryIO, name: str, column: str) -> Iterator[str]:
    try:
        table = pq.ParquetFile(file)
        headings = table.schema_arrow.names
        wanted = headings[_column(name, headings, column)]
        for batch in table.iter_batches(batch_size=TOGETHER, columns=[wanted]):
            for value in batch.column(0).to_pylist():
                yield "" if value is None else os.fsdecode(value) if isinstance(value, bytes) else str(value)
    except (OSError, pa.ArrowException) as problem:
        raise BadSource(f"{name} cannot be read as parquet: {problem}.") from problem


def _column(name: str, headings: Sequence[str], column: str) -> int:
    """Return the place of the column that holds paths.

    Raises:
        BadSource: it is not there, or none is called so.
    """
    known = ", ".join(headings) or "none"
    if column:
        if column not in headings:
            raise BadSource(f"{name} has no column {column!r}; its columns are: {known}.")
        return list(headings).index(column)
    plain = list(map(bare, headings))
    found = next((plain.index(wanted) for wanted in NAMES if wanted in plain), -1)
    if found < 0:
        raise BadSource(f"No column of {name} is called as one of paths is: name it by --column. It has: {known}.")
    return found
