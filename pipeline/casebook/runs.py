"""A run: what was handed over together, and what was found. Kept on disk line by line, so a kill loses nothing::

<home>/originals/ab/abcd…        original bytes by SHA-256
<home>/runs/<id>/run.json        when, which release, with heatmaps or not
<home>/runs/<id>/taking.json     how many files are being taken in; gone once they are
<home>/runs/<id>/inputs.jsonl    one line a photo handed over
<home>/runs/<id>/left_out.jsonl  one line a thing handed over that is no photo and not named like one
<home>/runs/<id>/results.jsonl   one line a photo examined, in the order of finishing; of several the last counts
<home>/runs/<id>/kept/<n>.npz    landmarks and maps;  <n>-<revision>.npz: examined again;  <n>.jpg: a thumbnail
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from models.release import read_release
from pipeline.casebook.json_lines import append_line, read_lines
from pipeline.casebook.kept_arrays import KeptArrays
from pipeline.casebook.stored import pack, unpack
from pipeline.errors import DamagedRun, TriageError, UnknownName, UnreadablePhoto
from pipeline.examination import Examination
from pipeline.intake import Account, Item
from pipeline.photo import Photo
from pipeline.records import failure
from pipeline.settings import settings
from pipeline.storage.clock import stamp
from pipeline.storage.objects import Originals
from pipeline.storage.read_json import read_json
from pipeline.storage.whole import write_whole

_LOCK = Lock()
_LOCKS: dict[Path, "RLock"] = {}


@dataclass(frozen=True)
class Input:
    """One thing handed over.

    Attributes:
        index: its place in the run.
        name: for showing.
        sha256: of its bytes; "" where it was refused.
        bytes: how many it has.
        count: how many things it stands for.
        name_bytes: the name's own bytes in hex, where the name is a guess at them.
    """

    index: int
    name: str
    sha256: str
    bytes: int
    count: int = 1
    name_bytes: str = ""


@dataclass(frozen=True)
class RunFacts:
    """What a run is called and how it examines."""

    id: str
    created: str
    release: str
    heatmaps: bool

    @classmethod
    def read(cls, folder: Path) -> "RunFacts":
        """Read the facts of the run in a folder.

        Raises:
            DamagedRun: its file cannot be read, or lacks some of them.
        """
        data = read_json(folder / "run.json", DamagedRun, "run")
        names = [field.name for field in fields(cls)]
        if absent := [name for name in names if name not in data]:
            raise DamagedRun(f"{folder / 'run.json'} does not say {' and '.join(absent)} of the run.")
        return cls(**{name: data[name] for name in names})


class Run:
    """A run on disk. Appending is safe from several threads of one process, also through several `Run`s."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self._folder, self._originals, self._lock = folder, originals, _lock_of(folder)
        self._count: int | None = None
        self._kept = KeptArrays(folder / "kept")
        self.facts = RunFacts.read(folder)

    @property
    def id(self) -> str:
        """The run's id, as it stands in the page's address."""
        return self.facts.id

    def begin_taking(self, sources: int) -> None:
        """Note how many files are to be taken in; the note stays until `end_taking`, also through a kill."""
        write_whole(self._folder / "taking.json", json.dumps({"sources": sources}).encode())

    def end_taking(self) -> None:
        """Note that all files are taken in."""
        (self._folder / "taking.json").unlink(missing_ok=True)

    @property
    def taking(self) -> int:
        """How many files there were to take in, where that has not come to its end; else 0."""
        path = self._folder / "taking.json"
        return int(read_json(path, DamagedRun, "run").get("sources", 0)) if path.is_file() else 0

    def add(self, item: Item) -> Input | None:
        """Take one thing in: keep its bytes, or its error as its result; None for what is left out, which is noted."""
        if item.left_out:
            with self._lock:
                line = {"name": item.name, "kind": item.left_out, "count": item.count}
                append_line(self._folder / "left_out.jsonl", line)
            return None
        sha256 = "" if item.error else self._originals.keep(item.data)
        with self._lock:
            if self._count is None:
                self._count = len(read_lines(self._folder / "inputs.jsonl"))
            entry = Input(self._count, item.name, sha256, len(item.data), item.count, item.raw_name.hex())
            append_line(self._folder / "inputs.jsonl", asdict(entry))
            self._count += 1
        if item.error:
            self.fail(entry, item.error)
        return entry

    def inputs(self) -> list[Input]:
        """Return everything handed over, in order."""
        return [Input(**line) for line in read_lines(self._folder / "inputs.jsonl")]

    def left_out(self) -> list[dict[str, Any]]:
        """Return what was handed over and left out, in order, each with `name`, `kind` and `count`."""
        return read_lines(self._folder / "left_out.jsonl")

    def results(self) -> list[dict[str, Any]]:
        """Return the records of what is done, in the order of finishing, each with `index`, `name` and `ms`.

        Of a photo that was examined again it is the last one.
        """
        last: dict[int, dict[str, Any]] = {}
        for record in read_lines(self._folder / "results.jsonl"):
            last.pop(record["index"], None)
            last[record["index"]] = record
        return list(last.values())

    def pending(self) -> list[Input]:
        """Return what is not done yet, in order."""
        done = {record["index"] for record in self.results()}
        return [entry for entry in self.inputs() if entry.index not in done]

    def account(self) -> Account:
        """Return the account of everything handed over so far."""
        account, inputs = Account(), {entry.index: entry for entry in self.inputs()}
        for entry in inputs.values():
            account.receive(Item(entry.name, count=entry.count))
        for line in self.left_out():
            account.receive(Item(line["name"], left_out=line["kind"], count=line["count"]))
        for record in self.results():
            account.finish(record.get("error", {}).get("code", ""), inputs[record["index"]].count)
        return account

    def original(self, entry: Input) -> bytes:
        """Return the untouched bytes of an input."""
        return self._originals.read(entry.sha256)

    def finish(self, entry: Input, examination: Examination, ms: float) -> dict[str, Any]:
        """Keep an examination, beside any earlier one of the same photo; return its record."""
        record, arrays = pack(examination)
        with self._lock:
            revision = self._kept.write(entry.index, arrays, examination.photo)
            again = {"revision": revision} if revision else {}
            return self._record(entry, record | {"ms": round(ms)} | again)

    def fail(self, entry: Input, problem: TriageError) -> dict[str, Any]:
        """Keep why an input could not be examined; return its record."""
        return self._record(entry, {"error": failure(problem, entry.count)})

    def _record(self, entry: Input, facts: dict[str, Any]) -> dict[str, Any]:
        record = {"index": entry.index, "name": entry.name, "sha256": entry.sha256, "bytes": entry.bytes}
        record |= ({"name_bytes": entry.name_bytes} if entry.name_bytes else {}) | facts
        with self._lock:
            append_line(self._folder / "results.jsonl", record)
        return record

    def forget(self, sha256: str) -> None:
        """Remove what is kept of a photo beside its record: its small picture, landmarks and maps."""
        for entry in self.inputs():
            if entry.sha256 == sha256:
                self._kept.remove(entry.index)

    def thumbnail(self, index: int) -> Path | None:
        """Return the thumbnail's file, or None where there is none."""
        return self._kept.thumbnail(index)

    def examination(self, record: dict[str, Any]) -> Examination:
        """Return a finished examination as it was made, from its record; nothing is scored again.

        Raises:
            UnreadablePhoto: the original is gone or altered.
            UnknownName: the release that made it is no longer here.
        """
        data = self._originals.read(record["sha256"])
        photo = Photo.read(data, partial=record.get("partial", False), frame=record.get("frame", 0))
        if (photo.width, photo.height) != (record["width"], record["height"]):
            raise UnreadablePhoto(
                f"The photo was examined at {record['width']} × {record['height']} pixels and is now decoded at "
                f"{photo.width} × {photo.height}, as TELLTALE_MAX_MEGAPIXELS was changed: set it back."
            )
        arrays = self._kept.read(record["index"], record.get("revision", 0))
        return unpack(record, arrays, photo, read_release(record["release"]))


class Runs:
    """All runs under a home folder."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home or settings().home
        self._originals = Originals(self._home / "originals")

    def create(self, release: str, heatmaps: bool = True) -> Run:
        """Start an empty run with a release's name."""
        at = time.time()
        run_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(at))}-{secrets.token_hex(4)}"
        folder = self._home / "runs" / run_id
        folder.mkdir(parents=True)
        facts = RunFacts(run_id, stamp(at), release, heatmaps)
        write_whole(folder / "run.json", json.dumps(asdict(facts)).encode())
        return Run(folder, self._originals)

    def open(self, run_id: str) -> Run:
        """Open a run by its id.

        Raises:
            UnknownName: there is none; the id comes from the page's address, so it is compared, never joined.
        """
        known = {facts.name: facts for facts in self._folders()}
        if run_id not in known:
            raise UnknownName.among("run", run_id, known)
        return Run(known[run_id], self._originals)

    def newest(self, most: int = 20) -> list[RunFacts]:
        """Return the facts of the newest runs, newest first."""
        folders = sorted(self._folders(), reverse=True)[:most]
        return [Run(folder, self._originals).facts for folder in folders]

    def forget(self, sha256: str) -> None:
        """Remove a photo's bytes from all runs, and what is kept of it beside its records; damaged runs are passed by.

        Args:
            sha256: of its bytes.
        """
        for folder in self._folders():
            with suppress(DamagedRun):
                Run(folder, self._originals).forget(sha256)
        self._originals.remove(sha256)

    def _folders(self) -> Iterator[Path]:
        home = self._home / "runs"
        return (path for path in home.glob("*") if (path / "run.json").is_file())


def _lock_of(folder: Path) -> RLock:
    """Return the one lock of a run's folder in this process: the page and the worker each hold a `Run` of their own."""
    with _LOCK:
        return _LOCKS.setdefault(folder.resolve(), RLock())
