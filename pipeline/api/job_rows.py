"""A job's `rows.jsonl`: a line for each thing that was taken of its uploads, in their order.

How many lines there are says where to go on after a kill; a last line that is not whole is cut off.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.intake import Account, Item

ROWS = "rows.jsonl"


def results(path: Path) -> Iterator[bytes]:
    """Yield the results so far, each a line of JSON as the command line prints it; none where there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):  # it is being written: what is read next would be the rest of it
                return
            if record := json.loads(line).get("record"):
                yield json.dumps(record).encode() + b"\n"


class Rows:
    """The rows of a job that is worked on; only the thread that does so writes them."""

    def __init__(self, path: Path) -> None:
        """Read the rows that there are, cut off a last one that is not whole, and open the file to go on.

        Attributes:
            count: how many there are.
            account: of them.
        """
        path.touch()
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        self.account, self.count = Account(), 0
        for line in whole.splitlines():
            self._count(json.loads(line))
        self._file = path.open("r+b")
        self._file.truncate(len(whole))
        self._file.seek(len(whole))

    def add(self, item: Item, record: dict[str, Any] | None) -> None:
        """Add a row: a thing that was taken, and its result; None where it was left out."""
        row = {"count": item.count, "left_out": item.left_out, "record": record}
        self._file.write(json.dumps(row).encode() + b"\n")
        self._count(row)

    def keep(self) -> None:
        """Write what was added to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _count(self, row: dict[str, Any]) -> None:
        self.count += 1
        self.account.receive(Item("", left_out=row["left_out"], count=row["count"]))
        if record := row["record"]:
            self.account.finish(record.get("error", {}).get("code", ""), row["count"])
