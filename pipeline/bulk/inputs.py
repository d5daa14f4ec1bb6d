"""`Input`: one thing of a batch's source, and the file that numbers all of them: `inputs.parquet`.

The listing is made once. A call that goes on reads it again, so that a number means the same photo even if the source
grew or shrank since.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import NotResumable, UnreadablePhoto
from pipeline.intake import Named

NAME = "inputs.parquet"
WRITTEN_TOGETHER = 8192
"""Rows held before they are written: a million paths are never held at once."""

SCHEMA = pa.schema(
    [
        ("address", pa.binary()),
        ("remote", pa.bool_()),
        ("entry", pa.int32()),
        ("entries", pa.int32()),
        ("outright", pa.bool_()),
        ("left_out", pa.string()),
        ("count", pa.int32()),
        ("error", pa.string()),
        ("written", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a source names, numbered by its place in the listing.

    Attributes:
        address: a path's own bytes, or an address that fsspec knows; of an entry that of its archive.
        remote: whether it is an address.
        entry: place in the archive, from 0; −1 for what is no entry.
        entries: how many the archive held when it was listed.
        outright: whether the user named this very file: then it is examined or refused, never left out.
        left_out: its kind, where it is left out unread.
        count: how many files it stands for.
        error: why it could not be looked into; "" where it could.
        written: as a list names it; "" for its own address.
        number: place in the listing, from 0.
    """

    address: bytes
    remote: bool = False
    entry: int = -1
    entries: int = 0
    outright: bool = False
    left_out: str = ""
    count: int = 1
    error: str = ""
    written: str = ""
    number: int = -1

    @property
    def shown(self) -> str:
        """Its address as text that can be printed."""
        return self.address.decode("utf-8", "backslashreplace")

    @property
    def named(self) -> Named:
        """A local file, as `pipeline.intake` takes it."""
        problem = UnreadablePhoto(self.error) if self.error else None
        return Named(os.fsdecode(self.address), self.outright, self.left_out, self.count, problem)

    @classmethod
    def of(cls, named: Named) -> Self:
        """Return a local file as an input."""
        error = str(named.error) if named.error else ""
        address = os.fsencode(named.path)
        return cls(address, False, -1, 0, named.outright, named.left_out, named.count, error)


class InputWriter:
    """Writes a listing, some thousand rows at a time."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self._held: list[dict[str, Any]] = []
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._writer.close()

    def add(self, entry: Input) -> None:
        """Take on what comes next."""
        self._held.append(asdict(entry))
        self.count += 1
        if len(self._held) == WRITTEN_TOGETHER:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.Table.from_pylist(self._held, SCHEMA))
            self._held.clear()


def read_chunks(path: Path, size: int) -> Iterator[Sequence[Input]]:
    """Yield a listing's inputs, so many at a time, in order; only some thousand are held.

    Raises:
        NotResumable: the file is not there or damaged.
    """
    rows = enumerate(_rows(path))
    while chunk := [Input(**row, number=number) for number, row in islice(rows, size)]:
        yield chunk


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=WRITTEN_TOGETHER):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as problem:
        raise NotResumable(f"{path} cannot be read: {problem}. Name another folder.") from problem
