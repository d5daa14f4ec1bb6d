"""The ways of writing results: JSON lines, a table for spreadsheets, and one for the screen."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.records import COLUMNS, flat

ResultRecord = dict[str, Any]
BOM = b"\xef\xbb\xbf"
"""The mark by which spreadsheets know UTF-8."""


@dataclass(frozen=True)
class Form:
    """One way of writing results.

    Attributes:
        head: the first line; "" for none.
        line: gives a record's.
        mark: bytes that a file begins with.
    """

    head: str
    line: Callable[[ResultRecord], str]
    mark: bytes = b""


def _row(cells: ResultRecord) -> str:
    stream = io.StringIO(newline="")
    csv.DictWriter(stream, COLUMNS).writerow(cells)
    return stream.getvalue()


def _screen_line(record: ResultRecord) -> str:
    path = "".join(c if c.isprintable() else "�" for c in record["path"])
    if "error" in record:
        return f"{'error':<13} {'':>8} {'':>10} {'':>5}  {path}: {record['error']['message']}\n"
    scores = [_two_digits(record["p_edited"]), _two_digits(record["p_deepfake"])]
    cells = f"{record['verdict']:<13} {scores[0]:>8} {scores[1]:>10} {len(record['faces']):>5}"
    because = f"  ({', '.join(record['reasons'])})" if record["reasons"] else ""
    return f"{cells}  {path}{because}\n"


def _two_digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


FORMS = {
    "jsonl": Form("", lambda record: json.dumps(record, ensure_ascii=False) + "\n"),
    "csv": Form(_row(dict(zip(COLUMNS, COLUMNS, strict=True))), lambda record: _row(flat(record)), BOM),
    "table": Form(f"{'verdict':<13} {'p_edited':>8} {'p_deepfake':>10} {'faces':>5}  path\n", _screen_line),
}
"""Name to how results are written."""
