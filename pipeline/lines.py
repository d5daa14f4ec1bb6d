"""Results as lines of a file or of the screen: each written when it is found, whole or not at all."""

import csv
import errno
import io
import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import DiskFull, TriageError
from pipeline.records import COLUMNS, defused, flat

Record = dict[str, Any]
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BOM = b"\xef\xbb\xbf"
"""The mark by which spreadsheets know UTF-8."""


class Unwritable(TriageError):
    """A file or folder that results cannot be written to."""

    code = "unwritable"


class NotResumable(TriageError):
    """A file of results that cannot be gone on with."""

    code = "not_resumable"


def unwritten(path: Path, problem: OSError) -> TriageError:
    """Return the error that says why a file cannot be written."""
    if problem.errno in FULL:
        return DiskFull(
            f"There is no room for {path}: the rows so far are kept. Make room, then go on with --out and --resume."
        )
    return Unwritable(f"{path} cannot be written: {problem.strerror or problem}.")


@dataclass(frozen=True)
class Form:
    """One way of writing results.

    Attributes:
        head: the first line; "" for none.
        line: gives a record's.
        mark: bytes that a file begins with.
    """

    head: str
    line: Callable[[Record], str]
    mark: bytes = b""


class Results:
    """Where results go: a file, which is opened with the first of them, or the screen."""

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
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, record: Record) -> None:
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
                self._file = self._opened(path)
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
            raise unwritten(path, problem) from problem

    def _opened(self, path: Path) -> FileIO:
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
        raise unwritten(Path("standard output"), problem) from problem


@dataclass
class Earlier:
    """The rows that a file of results holds.

    Attributes:
        size: bytes of them; what follows was cut short by a kill.
    """

    size: int = 0
    _codes: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    _left: Counter[str] = field(default_factory=Counter)
    _key: Callable[[str], str] = str

    def add(self, name: str, code: str) -> None:
        """Note a row by its path, and its error's code, or ""."""
        self._codes[name].append(code)
        self._left[name] += 1

    def lacks(self, name: str) -> bool:
        """Tell whether there is no row, or no further row, for a path; each row counts once."""
        key = self._key(name)
        self._left[key] -= 1
        return self._left[key] < 0

    def code(self, name: str) -> str:
        """Return and forget the code of the first row of a path."""
        return self._codes[self._key(name)].popleft()

    def rest(self) -> list[str]:
        """Return the codes of the rows that were not asked for."""
        return [code for codes in self._codes.values() for code in codes]


def earlier_rows(path: Path, form: str, release: str) -> Earlier:
    """Read the rows that a file of results holds; none where there is no file.

    Args:
        path: the file.
        form: "jsonl" or "csv".
        release: what the rows to come are judged by.

    Raises:
        NotResumable: it holds something else, or what another release judged.
    """
    found = Earlier(_key=defused if form == "csv" else str)
    try:
        with path.open("rb") as file:
            for number, row in enumerate(_whole_rows(file, form == "csv")):
                found.size += len(row)
                if form == "csv" and not number:
                    _compare_head(path, row)
                    continue
                name, code, judged_by = _parsed(path, number + 1, row, form)
                if judged_by and judged_by != release:
                    raise NotResumable(f"{path} holds results of release {judged_by}, not of {release}: name that one.")
                found.add(name, code)
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise NotResumable(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    return found


def _whole_rows(file: BinaryIO, quoted: bool) -> Iterator[bytes]:
    """Yield the rows that are whole; in a quoted cell a line may end without the row's ending."""
    row = b""
    for line in file:
        row += line
        if row.endswith(b"\n") and not (quoted and row.count(b'"') % 2):
            yield row
            row = b""


def _compare_head(path: Path, row: bytes) -> None:
    if row.removeprefix(BOM) != FORMS["csv"].head.encode():
        raise NotResumable(f"{path} has other columns than results have now: name another file.")


def _parsed(path: Path, number: int, row: bytes, form: str) -> tuple[str, str, str]:
    """Return path, error code and release of a row."""
    try:
        if form == "csv":
            (cells,) = csv.reader([row.decode("utf-8")])
            record = dict(zip(COLUMNS, cells, strict=True))
            return record["path"], record["error_code"], record["release"]
        record = json.loads(row)
        return str(record["path"]), str(record.get("error", {}).get("code", "")), str(record.get("release", ""))
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error) as problem:
        raise NotResumable(f"{path} is no file of results: line {number} is none. Name another file.") from problem


def _row(cells: Record) -> str:
    stream = io.StringIO(newline="")
    csv.DictWriter(stream, COLUMNS).writerow(cells)
    return stream.getvalue()


def _shown(record: Record) -> str:
    shown = "".join(c if c.isprintable() else "�" for c in record["path"])
    if "error" in record:
        return f"{'error':<13} {'':>8} {'':>10} {'':>5}  {shown}: {record['error']['message']}\n"
    scores = [_two_digits(record["p_edited"]), _two_digits(record["p_deepfake"])]
    cells = f"{record['verdict']:<13} {scores[0]:>8} {scores[1]:>10} {len(record['faces']):>5}"
    because = f"  ({', '.join(record['reasons'])})" if record["reasons"] else ""
    return f"{cells}  {shown}{because}\n"


def _two_digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


FORMS = {
    "jsonl": Form("", lambda record: json.dumps(record, ensure_ascii=False) + "\n"),
    "csv": Form(_row(dict(zip(COLUMNS, COLUMNS, strict=True))), lambda record: _row(flat(record)), BOM),
    "table": Form(f"{'verdict':<13} {'p_edited':>8} {'p_deepfake':>10} {'faces':>5}  path\n", _shown),
}
"""Name to how results are written."""
