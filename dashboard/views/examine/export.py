"""Results to take away: JSON lines as the command line prints them, CSV that no spreadsheet runs, the account."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from pipeline.intake import Account
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


def summary(account: Account, run_id: str) -> bytes:
    """Return the account of everything that was handed over as one JSON object, as the command line's summary."""
    record = account.as_dict() | {"complete": account.adds_up, "run": run_id}
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()
