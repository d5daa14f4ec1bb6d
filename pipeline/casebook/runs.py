"""A run: what was handed over together, and what was found. Kept on disk line by line, so a kill loses nothing.

<home>/originals/ab/abcd…        original bytes by SHA-256
<home>/runs/<id>/run.json        when, which release, with heatmaps or not
<home>/runs/<id>/inputs.jsonl    one line a photo handed over
<home>/runs/<id>/results.jsonl   one line a photo examined, in the order of finishing
<home>/runs/<id>/kept/<n>.npz    landmarks and maps;  <n>.jpg: a thumbnail
"""

import io
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from models.release import read_release
from pipeline.casebook.originals import Originals
from pipeline.casebook.stored import pack, unpack
from pipeline.errors import TriageError, UnknownName
from pipeline.examination import Examination
from pipeline.intake import Item
from pipeline.photo import Photo
from pipeline.settings import settings

THUMBNAIL = 320


@dataclass(frozen=True)
class Input:
    """One thing handed over: its place in the run, its name for showing, and its hash ("" where it was refused)."""

    index: int
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class RunFacts:
    """What a run is called and how it examines."""

    id: str
    created: str
    release: str
    heatmaps: bool


class Run:
    """A run on disk. Appending is safe from several threads of one process."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self._folder, self._originals, self._lock = folder, originals, Lock()
        self._count: int | None = None
        self.facts = RunFacts(**json.loads((folder / "run.json").read_text(encoding="utf-8")))

    @property
    def id(self) -> str:
        """The run's id, as it stands in the page's address."""
        return self.facts.id

    def add(self, item: Item) -> Input:
        """Take one thing in: keep its bytes, or its error as its result."""
        sha256 = "" if item.error else self._originals.keep(item.data)
        with self._lock:
            if self._count is None:
                self._count = len(_lines(self._folder / "inputs.jsonl"))
            entry = Input(self._count, item.name, sha256, len(item.data))
            _append(self._folder / "inputs.jsonl", asdict(entry))
            self._count += 1
        if item.error:
            self.fail(entry, item.error)
        return entry

    def inputs(self) -> list[Input]:
        """Return everything handed over, in order."""
        return [Input(**line) for line in _lines(self._folder / "inputs.jsonl")]

    def results(self) -> list[dict[str, Any]]:
        """Return the records of what is done, in the order of finishing, each with `index`, `name` and `ms`."""
        return _lines(self._folder / "results.jsonl")

    def pending(self) -> list[Input]:
        """Return what is not done yet, in order."""
        done = {record["index"] for record in self.results()}
        return [entry for entry in self.inputs() if entry.index not in done]

    def original(self, entry: Input) -> bytes:
        """Return the untouched bytes of an input."""
        return self._originals.read(entry.sha256)

    def finish(self, entry: Input, examination: Examination, ms: float) -> dict[str, Any]:
        """Keep an examination; return its record."""
        record, arrays = pack(examination)
        kept = self._folder / "kept"
        kept.mkdir(exist_ok=True)
        np.savez(kept / f"{entry.index}.npz", **arrays)  # type: ignore[arg-type]
        (kept / f"{entry.index}.jpg").write_bytes(thumbnail(examination.photo))
        return self._record(entry, record | {"ms": round(ms)})

    def fail(self, entry: Input, problem: TriageError) -> dict[str, Any]:
        """Keep why an input could not be examined; return its record."""
        return self._record(entry, {"error": {"code": problem.code, "message": str(problem)}})

    def _record(self, entry: Input, found: dict[str, Any]) -> dict[str, Any]:
        record = {"index": entry.index, "name": entry.name, "sha256": entry.sha256, "bytes": entry.bytes} | found
        with self._lock:
            _append(self._folder / "results.jsonl", record)
        return record

    def thumbnail(self, index: int) -> Path | None:
        """Return the thumbnail's file, or None where there is none."""
        path = self._folder / "kept" / f"{index}.jpg"
        return path if path.is_file() else None

    def examination(self, record: dict[str, Any]) -> Examination:
        """Return a finished examination as it was made, from its record; nothing is scored again.

        Raises:
            UnreadablePhoto: the original is gone or altered.
            UnknownName: the release that made it is no longer here.
        """
        photo = Photo.read(self._originals.read(record["sha256"]))
        with np.load(self._folder / "kept" / f"{record['index']}.npz") as file:
            arrays = dict(file)
        return unpack(record, arrays, photo, read_release(record["release"]))


class Runs:
    """All runs under a home folder."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home or settings().home
        self._originals = Originals(self._home / "originals")

    def create(self, release: str, heatmaps: bool = True) -> Run:
        """Start an empty run with a release's name."""
        now = time.gmtime()
        run_id = f"{time.strftime('%Y%m%d-%H%M%S', now)}-{secrets.token_hex(4)}"
        folder = self._home / "runs" / run_id
        folder.mkdir(parents=True)
        facts = RunFacts(run_id, time.strftime("%Y-%m-%dT%H:%M:%SZ", now), release, heatmaps)
        (folder / "part.json").write_text(json.dumps(asdict(facts)), encoding="utf-8")
        (folder / "part.json").replace(folder / "run.json")
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

    def _folders(self) -> Iterator[Path]:
        home = self._home / "runs"
        return (path for path in home.glob("*") if (path / "run.json").is_file())


def thumbnail(photo: Photo) -> bytes:
    """Return a small JPEG of a photo, without any of its metadata."""
    small = Image.fromarray(photo.rgb)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a+b") as file:
        _drop_cut_line(file)
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def _drop_cut_line(file: BinaryIO) -> None:
    """Drop a last line that a kill cut short: the next one would be written on to it, and both be lost."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    if size and file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def _lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file; a last line that a kill cut short does not count."""
    if not path.is_file():
        return []
    whole = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in whole if line.strip()]
