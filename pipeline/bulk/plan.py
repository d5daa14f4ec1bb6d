"""The folder of a batch: what was asked, the listing, the parts; one call at a time, and never two batches in one.

inputs.parquet   the listing, numbered
batch.json       what was asked; written when the listing is whole
parts/           a file a chunk: the results
summary.json     counts, rate, versions; written last
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.files import write_json
from models.release import read_release
from pipeline.bulk.inputs import NAME as INPUTS
from pipeline.bulk.inputs import InputWriter
from pipeline.bulk.lines import write_error
from pipeline.bulk.order import Order
from pipeline.bulk.parts import FOLDER as PARTS
from pipeline.bulk.sources import Source, inputs_of
from pipeline.errors import BatchInUse, NotResumable, WouldOverwrite
from pipeline.storage.locks import held
from pipeline.storage.names import as_text
from pipeline.storage.read_json import read_json
from pipeline.storage.whole import room, whole_file

BATCH, SUMMARY, LOCK = "batch.json", "summary.json", ".lock"
OWN = {INPUTS, BATCH, SUMMARY, PARTS, LOCK}
FORMAT = 1
LARGEST, SMALLEST, AT_LEAST = 64, 8, 64
"""Inputs of a chunk: as many as make `AT_LEAST` chunks of the batch, within these bounds. It follows from the listing
alone, so that another machine goes on with the same chunks."""


@dataclass(frozen=True)
class Plan:
    """A batch that was listed.

    Attributes:
        folder: of the batch.
        inputs: how many were listed.
        size: inputs of a chunk.
    """

    folder: Path
    inputs: int
    size: int

    @property
    def listing(self) -> Path:
        """The file of all inputs."""
        return self.folder / INPUTS

    def inputs_of(self, chunk: int) -> int:
        """Return how many inputs a chunk has."""
        return min(self.size, self.inputs - chunk * self.size)


def asked_of(source: Source, order: Order, column: str) -> dict[str, Any]:
    """Return what decides a batch's results, as it is kept and compared.

    Args:
        source: what is scored.
        order: by what.
        column: of a list.
    """
    names = [order.release, *([order.sieve.thorough] if order.sieve else [])]
    releases = {release.name: release.sha256 for release in map(read_release, names)}
    threshold = order.sieve.threshold if order.sieve else None
    return {
        "format": FORMAT,
        "source": as_text(source.place),
        "column": column,
        "releases": releases,
        "sieve": threshold,
        "partial": order.partial,
    }


@contextmanager
def alone(folder: Path, source: Source) -> Iterator[None]:
    """Make a batch's folder, and keep it to one call.

    Args:
        folder: of the batch.
        source: nothing is written into it.

    Raises:
        WouldOverwrite: the folder holds something else, or lies in the source.
        BatchInUse: another call has it.
        DiskFull, Unwritable: it cannot be made.
    """
    here = folder.absolute().resolve()
    if source.kind == "folder" and not source.remote and here.is_relative_to(Path(source.place).resolve()):
        raise WouldOverwrite(f"{folder} lies in what is to be scored: name a folder elsewhere for the results.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if foreign := sorted(path.name for path in folder.iterdir() if not _is_own(path.name)):
            raise WouldOverwrite(f"{folder} holds something else already ({foreign[0]}): name an empty folder.")
        (folder / PARTS).mkdir(exist_ok=True)
        lock = ExitStack()
        lock.enter_context(held(folder / LOCK))
    except BlockingIOError as problem:
        raise BatchInUse(f"Another call writes to {folder}.") from problem
    except OSError as problem:
        raise write_error(folder, problem) from problem
    with lock:
        yield


def _is_own(name: str) -> bool:
    return name in OWN or name.endswith(".part")


def plan_of(folder: Path, source: Source, asked: dict[str, Any], column: str, resume: bool) -> Plan:
    """Return the batch of a folder: the one that is there, if it is gone on with, else a new listing.

    Args:
        folder: that is kept by `alone`.
        source: what is scored.
        asked: from `asked_of`.
        column: of a list.
        resume: whether a batch that is there is gone on with.

    Raises:
        NotResumable: there is a batch and it is not to be gone on with, or another one was asked.
        BadSource: the source cannot be listed.
        DiskFull: there is no room.
    """
    path = folder / BATCH
    if path.exists():
        kept = read_json(path, NotResumable, "batch")
        if not resume:
            raise NotResumable(f"{folder} holds a batch already: go on with --resume, or name another folder.")
        if differs := [name for name, value in asked.items() if kept.get(name) != value]:
            was = ", ".join(f"{name} was {json.dumps(kept.get(name))}" for name in differs)
            raise NotResumable(f"{folder} holds another batch: {was}. Ask for the same, or name another folder.")
        return Plan(folder, int(kept["inputs"]), int(kept["chunk"]))
    with room(folder):
        with whole_file(folder / INPUTS) as part, InputWriter(part) as writer:
            for one in inputs_of(source, column):
                writer.add(one)
        size = size_of_chunks(writer.count)
        with whole_file(path) as part:
            write_json(part, asked | {"inputs": writer.count, "chunk": size})
    return Plan(folder, writer.count, size)


def size_of_chunks(inputs: int) -> int:
    """Return how many inputs a chunk has in a batch of so many."""
    return max(SMALLEST, min(LARGEST, inputs // AT_LEAST))
