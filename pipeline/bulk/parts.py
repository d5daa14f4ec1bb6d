"""A part: the rows of one chunk of a batch as one parquet file, written whole; all of them are the batch's results.

Its columns are those of the command line's CSV, before them the input's number in `inputs.parquet`, the item in it (0,
unless an archive holds several) and the source. What the rows do not tell, what was left out, stands in the file's
own metadata.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.bulk.forms import ResultRecord
from pipeline.bulk.inputs import Input
from pipeline.errors import Unexpected
from pipeline.intake import Account, Item
from pipeline.records import COLUMNS, begin_record, failure, flat
from pipeline.storage.names import as_text
from pipeline.storage.whole import room, whole_file

FOLDER = "parts"
DEADLY = "A fault of the program: examining it ended the process, or did not end, three times. The rest goes on."
_FACTS = b"telltale"
_NAME = re.compile(r"part-(\d+)\.parquet")
_KINDS: Mapping[str, pa.DataType] = {
    **{name: pa.float64() for name in COLUMNS if name.startswith("p_")},
    "faces": pa.int32(),
    "ms": pa.int32(),
    "partial": pa.bool_(),
}
SCHEMA = pa.schema(
    [
        ("input", pa.int64()),
        ("item", pa.int32()),
        ("source", pa.string()),
        *((name, _KINDS.get(name, pa.string())) for name in COLUMNS),
        ("name_bytes", pa.string()),
        ("stands_for", pa.int32()),
    ]
)
"""`stands_for`: how many files a row counts, more than one where they were refused together; `name_bytes`: the name's
own bytes in hex where it is a guess at them."""


@dataclass
class Facts:
    """What is known of a chunk beside its rows.

    Attributes:
        account: of its files.
        verdicts: label → photos.
        releases: release → photos that it judged.
        seconds: that a worker had it.
        busy: of these, seconds that the processor worked on it; the rest is waiting, for a store or for the core.
    """

    account: Account = field(default_factory=Account)
    verdicts: Counter[str] = field(default_factory=Counter)
    releases: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    busy: float = 0.0

    def add(self, other: "Facts") -> None:
        """Add another chunk's."""
        self.account.handed_over += other.account.handed_over
        self.account.examined += other.account.examined
        self.account.refused += other.account.refused
        self.account.left_out += other.account.left_out
        self.verdicts += other.verdicts
        self.releases += other.releases
        self.seconds += other.seconds
        self.busy += other.busy

    def note(self, record: ResultRecord, count: int) -> None:
        """Count a record; the item that it is about has been received."""
        self.account.finish(record.get("error", {}).get("code", ""), count)
        if "error" not in record:
            self.verdicts[record["verdict"]] += 1
            self.releases[record["release"]] += 1

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-able data."""
        counts = {"verdicts": dict(self.verdicts), "releases": dict(self.releases)}
        return {
            "account": self.account.as_dict(),
            **counts,
            "seconds": round(self.seconds, 3),
            "busy": round(self.busy, 3),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `as_dict` gave."""
        account = Account.from_dict(kept["account"])
        return cls(account, Counter(kept["verdicts"]), Counter(kept["releases"]), kept["seconds"], kept["busy"])


@dataclass(frozen=True)
class Scored:
    """A chunk that was scored.

    Attributes:
        rows: in the form of `SCHEMA`.
        facts: what is known beside them.
    """

    rows: pa.Table
    facts: Facts

    @classmethod
    def join(cls, pieces: Iterable["Scored"]) -> Self:
        """Return the pieces of one chunk as one, in the order of its inputs."""
        pieces, facts = list(pieces), Facts()
        for piece in pieces:
            facts.add(piece.facts)
        rows = pa.concat_tables([piece.rows for piece in pieces])
        return cls(rows.sort_by([("input", "ascending"), ("item", "ascending")]), facts)


def row_of(number: int, item: int, source: str, record: ResultRecord) -> dict[str, Any]:
    """Return a public record as a row of `SCHEMA`; text stays as it is, as no spreadsheet opens parquet.

    Args:
        number: of the input.
        item: place in it.
        source: the input's own path or address.
        record: as `examine` prints it.
    """
    error = record.get("error", {})
    row = {name: None if value == "" else value for name, value in flat(record).items()}
    row |= {"path": record["path"], "error_message": error.get("message")}
    row |= {"faces": None if error else row["faces"], "partial": bool(record.get("partial", False))}
    row |= {"input": number, "item": item, "source": source}
    return row | {"name_bytes": record.get("name_bytes"), "stands_for": error.get("count", 1)}


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows as a table; letters that are no Unicode are escaped."""
    return pa.Table.from_pylist(
        [{key: as_text(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows],
        SCHEMA,
    )


def lost(one: Input) -> Scored:
    """Return what is told of an input that ended every process that examined it."""
    problem = Unexpected(DEADLY)
    record = begin_record(one.written or one.shown) | {"error": failure(problem, one.count)}
    facts = Facts()
    facts.account.receive(Item(one.shown, error=problem, count=one.count))
    facts.note(record, one.count)
    return Scored(table_of([row_of(one.number, 0, one.shown, record)]), facts)


def write_part(folder: Path, chunk: int, scored: Scored) -> None:
    """Write a chunk's part, whole or not at all.

    Args:
        folder: of the batch.
        chunk: its number.
        scored: its rows.

    Raises:
        DiskFull: there is no room.
        OSError: it cannot be written.
    """
    kept = scored.rows.replace_schema_metadata({_FACTS: json.dumps(scored.facts.as_dict()).encode()})
    parts = folder / FOLDER
    with room(folder), whole_file(parts / f"part-{chunk:07}.parquet") as path:
        pq.write_table(kept, path, compression="zstd")


def done_parts(folder: Path) -> Iterator[tuple[int, Facts]]:
    """Yield the chunks whose parts are there and whole; what a kill left half written is removed.

    Args:
        folder: of the batch.
    """
    for path in sorted((folder / FOLDER).glob("*")):
        found = _NAME.fullmatch(path.name)
        if not found:
            if path.name.endswith(".part"):
                with suppress(OSError):
                    path.unlink()
            continue
        try:
            facts = Facts.from_dict(json.loads(pq.read_metadata(path).metadata[_FACTS]))
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            continue  # it is written anew
        yield int(found[1]), facts


def read_rows(folder: Path) -> pa.Table:
    """Return all rows of a batch, in the order of its inputs; for batches that fit into memory.

    Args:
        folder: of the batch.
    """
    paths = sorted((folder / FOLDER).glob("part-*.parquet"))
    tables = [pq.read_table(path).replace_schema_metadata(None) for path in paths]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()
