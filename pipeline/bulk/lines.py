"""Results as lines of a file or of the screen: each written when it is found, whole or not at all."""

import csv
import json
import shutil
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from pipeline.bulk.forms import BOM, FORMS, ResultRecord
from pipeline.errors import DiskFull, NotResumable, TriageError, Unexpected, UnreadablePhoto, Unwritable
from pipeline.reading.refusals import ON_REQUEST
from pipeline.records import COLUMNS, defuse
from pipeline.storage.whole import is_full, whole_file

LONGEST_ROW = 1 << 20
"""Bytes of a row at most: what is longer is none of ours."""


def write_error(path: Path, problem: OSError) -> TriageError:
    """Return the error that says why a file cannot be written."""
    if is_full(problem):
        return DiskFull(
            f"There is no room for {path}: the rows so far are kept. Make room, then go on with --out and --resume."
        )
    return Unwritable(f"{path} cannot be written: {problem.strerror or problem}.")


class Results:
    """Where results go: a file, which is there from the first of them and empty of older ones before, or the screen."""

    def __init__(self, path: Path | None, form: str, kept: int = 0) -> None:
        """Say where to write.

        Args:
            path: the file; None for the screen.
            form: one of `FORMS`.
            kept: bytes at the file's beginning that stay.
        """
        self._path, self._form, self._kept = path, FORMS[form], kept
        self._file: FileIO | None = None
        self._begun = False

    def __enter__(self) -> "Results":
        """Empty a file of older results, so that they never stand beside the summary of this call.

        Raises:
            DiskFull, Unwritable: it cannot be written.
        """
        if self._path and not self._kept and self._path.is_file():
            try:
                self._file = self._open(self._path)
            except OSError as problem:
                raise write_error(self._path, problem) from problem
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, record: ResultRecord) -> None:
        """Write a record.

        Raises:
            DiskFull, Unwritable: the file keeps the rows so far and no part of this one.
        """
        text = self._form.line(record)
        if self._path is None:
            _print(text if self._begun else self._form.head + text)
        else:
            self._append(self._path, text)
        self._begun = True

    def _append(self, path: Path, text: str) -> None:
        try:
            if self._file is None:
                self._file = self._open(path)
            data = text.encode("utf-8", "backslashreplace")
            if not self._kept:
                data = self._form.mark + self._form.head.encode() + data
            size, rest = len(data), memoryview(data)
            while rest:  # without a buffer the system may take a part, and a kill loses no line that was written
                rest = rest[self._file.write(rest) :]
            self._kept += size
        except OSError as problem:
            with suppress(OSError):  # a device is not cut
                if self._file:
                    self._file.truncate(self._kept)
            raise write_error(path, problem) from problem

    def _open(self, path: Path) -> FileIO:
        if not self._kept:
            return path.open("wb", buffering=0)
        file = path.open("r+b", buffering=0)
        file.truncate(self._kept)
        file.seek(self._kept)
        return file


def _print(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:  # who read it has enough
        raise
    except OSError as problem:
        raise write_error(Path("standard output"), problem) from problem


@dataclass
class Earlier:
    """The rows that a file of results holds.

    Rows whose error may be gone by now are no answers: their files are done again, and `drop_redone` takes the old rows
    away once the new ones are there.

    Attributes:
        path, form: the file and how it is written.
        size: bytes of its rows; what follows was cut short by a kill.
    """

    path: Path = Path()
    form: str = "jsonl"
    size: int = 0
    _codes: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    _left: Counter[str] = field(default_factory=Counter)
    _curable: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _redone: set[int] = field(default_factory=set)

    def add(self, name: str, code: str) -> None:
        """Note a row by its path, and its error's code, or ""."""
        self._codes[name].append(code)
        self._left[name] += 1

    def add_curable(self, name: str, number: int) -> None:
        """Note a row whose error may be gone by now, by its path and its number in the file."""
        self._curable[name].append(number)

    def lacks(self, name: str) -> bool:
        """Tell whether there is no row, or no further row, for a path; each row counts once."""
        key = self._key(name)
        self._redone.update(self._curable.pop(key, ()))
        self._left[key] -= 1
        return self._left[key] < 0

    def code(self, name: str) -> str:
        """Return and forget the code of the first row of a path."""
        return self._codes[self._key(name)].popleft()

    @property
    def unasked(self) -> int:
        """How many of the rows tell of files that were not asked for, so far."""
        return sum(map(len, self._codes.values())) + sum(map(len, self._curable.values()))

    def drop_redone(self) -> None:
        """Take away the rows of what was done again; to be called once all results are written and the file is closed.

        Raises:
            DiskFull, Unwritable: the file keeps both the old rows and the new ones.
        """
        if not self._redone:
            return
        real = self.path.resolve()
        try:
            with whole_file(real) as part:
                with real.open("rb") as old, part.open("wb") as new:
                    rows = enumerate(_whole_rows(self.path, old, self.form == "csv"))
                    new.writelines(row for number, row in rows if number not in self._redone)
                shutil.copymode(real, part)
        except OSError as problem:
            raise write_error(self.path, problem) from problem

    def _key(self, name: str) -> str:
        return str(defuse(name)) if self.form == "csv" else name


def earlier_rows(path: Path, form: str, release: str, partial: bool = False) -> Earlier:
    """Read the rows that a file of results holds; none where there is no file.

    Args:
        path: the file.
        form: "jsonl" or "csv".
        release: what the rows to come are judged by.
        partial: whether photos that are cut short are examined now: then their refusals are no answers.

    Raises:
        NotResumable: it holds something else, or what another release judged; it is left as it is.
    """
    if path.exists() and not path.is_file():
        raise _unfit(path, "it is a device or a pipe, or no file at all")
    earlier = Earlier(path, form)
    try:
        with path.open("rb") as file:
            for number, row in enumerate(_whole_rows(path, file, form == "csv")):
                earlier.size += len(row)
                if form == "csv" and not number:
                    _compare_head(path, row)
                    continue
                name, code, message, judged_by = _parse_row(path, number + 1, row, form)
                if judged_by and judged_by != release:
                    raise NotResumable(f"{path} holds results of release {judged_by}, not of {release}: name that one.")
                if _is_curable(code, message, partial):
                    earlier.add_curable(name, number)
                else:
                    earlier.add(name, code)
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise NotResumable(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    return earlier


def _is_curable(code: str, message: str, partial: bool) -> bool:
    """Tell whether an error may be gone when the same is done again."""
    if code == UnreadablePhoto.code:
        return "could not be opened: " in message or (partial and message.endswith(ON_REQUEST))
    return code == Unexpected.code


def _whole_rows(path: Path, file: BinaryIO, quoted: bool) -> Iterator[bytes]:
    """Yield the rows that are whole; in a quoted cell a line may end without the row's ending.

    Raises:
        NotResumable: what follows the last of them is more than one row that was cut short.
    """
    row, quotes, first = bytearray(), 0, True
    while line := file.readline(LONGEST_ROW + 1):
        row += line
        quotes += line.count(b'"') if quoted else 0
        if len(row) > LONGEST_ROW:
            raise _unfit(path, "it holds a line, or a quoted cell, that never ends")
        if line.endswith(b"\n") and not quotes % 2:
            yield bytes(row)
            row, quotes, first = bytearray(), 0, False
    _compare_tail(path, bytes(row), quoted, first)


def _compare_tail(path: Path, tail: bytes, quoted: bool, first: bool) -> None:
    """Look at what follows the last whole row: only the beginning of a row is written over."""
    begins: tuple[bytes, ...] = (b'{"path": ',)
    if quoted:
        begins = (BOM + FORMS["csv"].head.encode(), FORMS["csv"].head.encode()) if first else ()
    if begins and not any(tail.startswith(begin) or begin.startswith(tail) for begin in begins):
        raise _unfit(path, "its last line is no row that was cut short")
    if tail.count(b"\r\n") > 1:  # the ending of rows, unlike that of lines in a cell
        raise _unfit(path, "a quote somewhere in it is never closed, and rows follow it")


def _unfit(path: Path, why: str) -> NotResumable:
    return NotResumable(f"{path} cannot be gone on with: {why}. Nothing was changed: mend it, or name another file.")


def _compare_head(path: Path, row: bytes) -> None:
    if row.removeprefix(BOM) != FORMS["csv"].head.encode():
        raise NotResumable(f"{path} has other columns than results have now: name another file.")


def _parse_row(path: Path, number: int, row: bytes, form: str) -> tuple[str, str, str, str]:
    """Return path, error code, error message and release of a row."""
    try:
        if form == "csv":
            (cells,) = csv.reader([row.decode("utf-8")], strict=True)
            record = dict(zip(COLUMNS, cells, strict=True))
            return record["path"], record["error_code"], record["error_message"], record["release"]
        record = json.loads(row)
        error = record.get("error", {})
        code, message = str(error.get("code", "")), str(error.get("message", ""))
        return str(record["path"]), code, message, str(record.get("release", ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, csv.Error) as problem:
        raise NotResumable(f"{path} is no file of results: line {number} is none. Name another file.") from problem
