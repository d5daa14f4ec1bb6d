"""Results to take away: JSON lines as the command line prints them, and CSV that no spreadsheet runs."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from pipeline.records import COLUMNS, flat, public


def json_lines(records: Iterable[dict[str, Any]]) -> bytes:
    """Return one JSON object a photo and line, UTF-8."""
    lines = (json.dumps(public(record), ensure_ascii=False) for record in records)
    return "".join(f"{line}\n" for line in lines).encode()


def csv_table(records: Iterable[dict[str, Any]]) -> bytes:
    """Return a table, one row a photo, UTF-8 with the mark that spreadsheets want."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS)
    writer.writeheader()
    writer.writerows(flat(public(record)) for record in records)
    return stream.getvalue().encode("utf-8-sig")
