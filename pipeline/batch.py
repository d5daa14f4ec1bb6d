"""`python -m pipeline examine`: many photos, one line each, in input order; a failing one never stops the rest."""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from pipeline.cascade import Cascade, examine_many, load_cascade
from pipeline.errors import TriageError
from pipeline.examination import Examination
from pipeline.intake import Item, paths_in, read_path
from pipeline.overlay import overlay_png
from pipeline.photo import Photo
from pipeline.records import COLUMNS, flat

TOGETHER = 16
"""Photos examined together: enough to fill a batch, few enough to hold memory flat."""

TOGETHER_BYTES = 200_000_000
"""Pixels and files held for examining together; a group ends with the photo that passes it."""

Writer = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Read:
    """An item whose bytes were decoded, or why not."""

    item: Item
    photo: Photo | None = None
    error: TriageError | None = None

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return len(self.item.data) + (self.photo.rgb.nbytes if self.photo else 0)


def run(paths: list[Path], recursive: bool, heatmaps: Path | None, form: str, out: Path | None, release: str) -> int:
    """Examine paths and write the results; return the exit code: 0, 1 where some inputs failed, 2 for nothing to do."""
    cascade = load_cascade(release)
    files = [file for path in paths for file in paths_in(path, recursive)]
    if not files:
        print("error: there are no photos in what was named; try --recursive", file=sys.stderr)
        return 2
    if heatmaps:
        heatmaps.mkdir(parents=True, exist_ok=True)
    failed = 0
    with _opened(out) as stream, tqdm(total=len(files), unit="file", file=sys.stderr, disable=None) as bar:
        write = WRITERS[form](stream)
        for number, record in enumerate(records(files, cascade, heatmaps, bar)):
            failed += "error" in record
            write(record)
            bar.set_postfix(photos=number + 1, failed=failed)
    return 1 if failed else 0


class _opened:
    """The output file, or standard output, which is left open."""

    def __init__(self, path: Path | None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="") if path else None

    def __enter__(self) -> IO[str]:
        return self._file or sys.stdout

    def __exit__(self, *_: object) -> None:
        (self._file or sys.stdout).flush()
        if self._file:
            self._file.close()


def records(files: list[Path], cascade: Cascade, heatmaps: Path | None, bar: "tqdm[Any]") -> Iterator[dict[str, Any]]:
    """Yield one record a photo in input order; reading goes on in a thread while the networks run."""
    with ThreadPoolExecutor(1) as reader:
        groups = _groups(files, bar)
        upcoming = reader.submit(next, groups, None)
        while (group := upcoming.result()) is not None:
            large = _held(group) > TOGETHER_BYTES  # then the next is read only when this one is done with
            upcoming = upcoming if large else reader.submit(next, groups, None)
            yield from _examined(group, cascade, heatmaps)
            group = None
            upcoming = reader.submit(next, groups, None) if large else upcoming


def _held(group: list[Read]) -> int:
    return sum(read.size for read in group)


def _groups(files: list[Path], bar: "tqdm[Any]") -> Iterator[list[Read]]:
    group: list[Read] = []
    for file in files:
        for item in read_path(file):
            group.append(_read(item))
            if len(group) == TOGETHER or _held(group) > TOGETHER_BYTES:
                yield group
                group = []
        bar.update()
    if group:
        yield group


def _read(item: Item) -> Read:
    if item.error:
        return Read(item, error=item.error)
    try:
        return Read(item, Photo.read(item.data))
    except TriageError as problem:
        return Read(Item(item.name), error=problem.bare())


def _examined(group: list[Read], cascade: Cascade, heatmaps: Path | None) -> Iterator[dict[str, Any]]:
    since = time.perf_counter()
    photos = [read.photo for read in group if read.photo is not None]
    done = iter(examine_many(photos, cascade, heatmaps is not None))
    ms = round((time.perf_counter() - since) * 1000 / max(1, len(photos)))
    for read in group:
        if read.error:
            problem = read.error
            yield {"path": read.item.name, "error": {"code": problem.code, "message": str(problem)}}
            continue
        examination = next(done)
        if heatmaps:
            _write_maps(examination, heatmaps)
        yield {"path": read.item.name} | examination.as_dict() | {"ms": ms}


def _write_maps(examination: Examination, folder: Path) -> None:
    """Write each face's overlay, named by the photo's hash: a photo's own name is never used as a path."""
    for number, face in enumerate(examination.faces):
        for heatmap in face.heatmaps:
            name = f"{examination.photo.sha256[:16]}-face{number + 1}-{heatmap.stage}-{heatmap.label}.png"
            (folder / name).write_bytes(overlay_png(examination.photo, heatmap))


def _jsonl(stream: IO[str]) -> Writer:
    return lambda record: print(json.dumps(record, ensure_ascii=False), file=stream, flush=True)


def _csv(stream: IO[str]) -> Writer:
    writer = csv.DictWriter(stream, COLUMNS)
    writer.writeheader()
    return lambda record: writer.writerow(flat(record))


def _table(stream: IO[str]) -> Writer:
    print(f"{'verdict':<13} {'p_edited':>8} {'p_deepfake':>10} {'faces':>5}  path", file=stream)

    def write(record: dict[str, Any]) -> None:
        shown = "".join(c if c.isprintable() else "�" for c in record["path"])
        if "error" in record:
            print(f"{'error':<13} {'':>8} {'':>10} {'':>5}  {shown}: {record['error']['message']}", file=stream)
            return
        scores = [_two_digits(record["p_edited"]), _two_digits(record["p_deepfake"])]
        cells = f"{record['verdict']:<13} {scores[0]:>8} {scores[1]:>10} {len(record['faces']):>5}"
        print(f"{cells}  {shown}{_because(record)}", file=stream)

    return write


def _two_digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _because(record: dict[str, Any]) -> str:
    return f"  ({', '.join(record['reasons'])})" if record["reasons"] else ""


WRITERS: dict[str, Callable[[IO[str]], Writer]] = {"jsonl": _jsonl, "csv": _csv, "table": _table}
