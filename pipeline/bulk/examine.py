"""`python -m pipeline examine`: many photos, one line each, in input order; a failing one never stops the rest."""

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pipeline.attempt import attempt, each
from pipeline.bulk.lines import Earlier, Record, Results, earlier_rows, unwritten
from pipeline.bulk.places import free_places, is_device
from pipeline.bulk.summary import Summary
from pipeline.cascade import Cascade, examine, examine_many, load_cascade
from pipeline.errors import TriageError, Unexpected
from pipeline.examination import Examination
from pipeline.intake import SUBFOLDERS, Account, Item, Named, named_in, read_path
from pipeline.photo import Photo
from pipeline.pictures.overlay import overlay_png
from pipeline.records import failure, named

TOGETHER = 16
"""Photos examined together: enough to fill a batch, few enough to hold memory flat."""

TOGETHER_BYTES = 200_000_000
"""Pixels and files held for examining together; a group ends with the photo that passes it."""

BROKEN_OFF = "not everything was looked at"

GROUP = 1000
"""Things in a group at most: what is left out holds nothing, and there may be any number of it."""


@dataclass(frozen=True)
class Order:
    """What is asked of one call.

    Attributes:
        paths: files, folders and archives, as the user wrote them.
        recursive: whether to look into folders of folders.
        heatmaps: folder for overlays; None for none.
        form: one of `pipeline.bulk.lines.FORMS`.
        out: file for the results; None for the screen.
        release: by name; "" for the default.
        resume: whether to go on with what `out` holds.
        partial: whether to examine what decodes of photos that are cut short.
        summary: file for the call's account; None for beside `out`, if that is given.
    """

    paths: tuple[str, ...]
    recursive: bool = False
    heatmaps: Path | None = None
    form: str = "jsonl"
    out: Path | None = None
    release: str = ""
    resume: bool = False
    partial: bool = False
    summary: Path | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """What was asked, as it is kept in the summary."""
        asked = asdict(self) | {"paths": [Named(path).shown for path in self.paths]}
        return {name: Named(str(value)).shown if isinstance(value, Path) else value for name, value in asked.items()}

    @property
    def account_file(self) -> Path | None:
        """Where the account is kept; a device for results has none beside it."""
        if self.summary or not self.out or is_device(self.out):
            return self.summary
        return self.out.with_name(f"{self.out.name}.summary.json")


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


def run(order: Order) -> int:
    """Examine what was named and write the results; return the exit code.

    It is 0 where all was examined or left out, 1 where some was refused, and 2 where there was nothing to examine or
    the results could not be written.

    Raises:
        TriageError: the release cannot be used, or there is no place for results: nothing is examined then.
    """
    files = [file for path in order.paths for file in named_in(path, order.recursive)]
    files = free_places((order.out, order.account_file), order.heatmaps, files)
    cascade = load_cascade(order.release)
    earlier, account, code = _earlier(order, cascade.release.name), Account(), 2
    for folder in filter(None, (order.heatmaps, *(file and file.parent for file in (order.out, order.account_file)))):
        _make(folder)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what is done is accounted for
    summary = Summary(cascade.release.name, order.arguments)
    if not _keep(summary, account, order):  # what a kill leaves says that it is not complete
        return code
    try:
        with Results(order.out, order.form, earlier.size) as results:
            for record in records(order, files, cascade, account, earlier):
                results.write(record)
        earlier.drop_redone()
        summary.complete = account.adds_up
        if account.examined or account.refused:
            code = 1 if account.refused else 0
        else:
            deeper = "; try --recursive" if SUBFOLDERS in account.left_out else ""
            _say(f"error: there are no photos in what was named{deeper}")
    except TriageError as problem:
        _say(f"error: {problem}")
    finally:
        code = code if _keep(summary, account, order) else 2
        if not summary.complete:
            _say("not everything was looked at; run the same with --resume to go on" if order.out else BROKEN_OFF)
        _say(account.sentence())
    return code


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _earlier(order: Order, release: str) -> Earlier:
    return earlier_rows(order.out, order.form, release, order.partial) if order.out and order.resume else Earlier()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise unwritten(folder, problem) from problem


def _keep(summary: Summary, account: Account, order: Order) -> bool:
    """Write the summary, if it is asked for; tell, and say, whether that failed."""
    if (path := order.account_file) is None:
        return True
    try:
        summary.write(path, account)
    except OSError as problem:
        _say(f"error: {unwritten(path, problem)}")
        return False
    return True


def records(order: Order, files: list[Named], cascade: Cascade, account: Account, earlier: Earlier) -> Iterator[Record]:
    """Yield one record a photo in input order; what comes in, and each record that was taken on, is accounted for.

    Args:
        order: what is asked.
        files: what was named, and what lies in folders that were.
        cascade: what judges.
        account: counts.
        earlier: the rows that there are already; what they tell of is passed over, and counts.
    """
    with tqdm(total=len(files), unit="file", file=sys.stderr, disable=None) as bar:
        for group in _ahead(_groups(files, order.partial, earlier.lacks, bar)):
            for read in group:
                account.receive(read.item)
                if read.item.known:
                    account.finish(earlier.code(read.item.name), read.item.count)
            for item, record in _examined(group, cascade, order.heatmaps):
                yield record
                account.finish(record.get("error", {}).get("code", ""), item.count)
            bar.set_postfix(photos=account.examined, failed=account.refused.total())
            group.clear()  # so that it is not held while the next is read
    account.unnamed = earlier.unasked


def _ahead(groups: Iterator[list[Read]]) -> Iterator[list[Read]]:
    """Yield groups; reading goes on in a thread while one is worked on, unless that one is large."""
    with ThreadPoolExecutor(1) as reader:
        upcoming = reader.submit(next, groups, None)
        while (group := upcoming.result()) is not None:
            large = sum(read.size for read in group) > TOGETHER_BYTES
            upcoming = upcoming if large else reader.submit(next, groups, None)
            yield group
            upcoming = reader.submit(next, groups, None) if large else upcoming


def _groups(files: list[Named], partial: bool, wanted: Callable[[str], bool], bar: "tqdm[Any]") -> Iterator[list[Read]]:
    group, photos, held = list[Read](), 0, 0
    for file in files:
        for item in each(file.shown, read_path(file, wanted)):
            read = _read(Item(file.shown, error=item) if isinstance(item, Unexpected) else item, partial)
            group.append(read)
            photos, held = photos + (read.photo is not None), held + read.size
            if photos == TOGETHER or len(group) == GROUP or held > TOGETHER_BYTES:
                yield group
                group, photos, held = [], 0, 0
        bar.update()
    if group:
        yield group


def _read(item: Item, partial: bool = False) -> Read:
    if item.error or item.left_out or item.known:
        return Read(item, error=item.error)
    try:
        photo = attempt(item.name, Photo.read, item.data, partial=partial)
    except TriageError as problem:
        return Read(replace(item, data=b""), error=problem.bare())
    return Read(item, photo) if isinstance(photo, Photo) else Read(replace(item, data=b""), error=photo)


def _examined(group: list[Read], cascade: Cascade, heatmaps: Path | None) -> Iterator[tuple[Item, Record]]:
    """Yield each item that has a result, with its record."""
    since = time.perf_counter()
    photos = [(read.item.name, read.photo) for read in group if read.photo]
    found = iter(_judged(photos, cascade, heatmaps is not None))
    ms = round((time.perf_counter() - since) * 1000 / max(1, len(photos)))
    for read in group:
        if read.photo or read.error:
            outcome = read.error or next(found)
            record = _found(read.item, outcome, heatmaps)
            spent = {} if "error" in record else {"ms": ms}
            yield read.item, named(read.item.name, read.item.raw_name) | record | spent


def _found(item: Item, outcome: Examination | TriageError, heatmaps: Path | None) -> Record:
    """Return the record of what was found, its maps written; of what cannot be told as a record, that it cannot."""
    record = attempt(item.name, _told, outcome, heatmaps) if isinstance(outcome, Examination) else outcome
    if isinstance(record, Unexpected):
        _say(record.trace)
    return {"error": failure(record, item.count)} if isinstance(record, TriageError) else record


def _told(examination: Examination, heatmaps: Path | None) -> Record:
    record = examination.as_dict()
    json.dumps(record)
    if heatmaps:
        _write_maps(examination, heatmaps)
    return record


def _judged(photos: list[tuple[str, Photo]], cascade: Cascade, heatmaps: bool) -> Sequence[Examination | Unexpected]:
    """Examine photos together; where one of them meets something unexpected each by itself, so that it stays alone."""
    together = attempt("a group", examine_many, [photo for _, photo in photos], cascade, heatmaps)
    if isinstance(together, Unexpected):
        return [attempt(name, examine, photo, cascade, heatmaps) for name, photo in photos]
    return together


def _write_maps(examination: Examination, folder: Path) -> None:
    """Write each face's overlay, named by the photo's hash: a photo's own name is never used as a path."""
    for number, face in enumerate(examination.faces):
        for heatmap in face.heatmaps:
            name = f"{examination.photo.sha256[:16]}-face{number + 1}-{heatmap.stage}-{heatmap.label}.png"
            overlay = overlay_png(examination.photo, heatmap, remarks=examination.notes)
            try:
                (folder / name).write_bytes(overlay)
            except OSError as problem:
                raise unwritten(folder, problem) from problem
