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
from pipeline.bulk.forms import ResultRecord
from pipeline.bulk.lines import Earlier, Results, earlier_rows, write_error
from pipeline.bulk.places import free_places, is_device, map_name
from pipeline.bulk.summary import Summary
from pipeline.cascade import examine, examine_many
from pipeline.errors import TriageError, Unexpected
from pipeline.examination import Examination
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.intake import SUBFOLDERS, Account, Item, Named, named_in, read_path
from pipeline.photo import Photo
from pipeline.pictures.overlay import overlay, overlay_png
from pipeline.records import begin_record, failure
from pipeline.storage.whole import write_whole

TOGETHER = 16
"""Photos examined together: enough to fill a batch, few enough to hold memory flat."""

TOGETHER_BYTES = 200_000_000
"""Pixels and files held for examining together; a group ends with the photo that passes it."""

BROKEN_OFF = "not everything was looked at"

GROUP = 1000
"""Things in a group at most: what is left out holds nothing, and there may be any number of it."""


@dataclass(frozen=True)
class Call:
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
class ReadItem:
    """An item whose bytes were decoded, or why not."""

    item: Item
    photo: Photo | None = None
    error: TriageError | None = None

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return len(self.item.data) + (self.photo.rgb.nbytes if self.photo else 0)


def run(call: Call) -> int:
    """Examine what was named and write the results; return the exit code.

    It is 0 where all was examined or left out, 1 where some was refused, and 2 where there was nothing to examine or
    the results could not be written.

    Raises:
        TriageError: before the first photo: the release cannot be used, or the results have no place.
    """
    files = [file for path in call.paths for file in named_in(path, call.recursive)]
    files = free_places((call.out, call.account_file), call.heatmaps, files)
    cascade = load_cascade(call.release)
    earlier, account, code = _earlier(call, cascade.release.name), Account(), 2
    for folder in filter(None, (call.heatmaps, *(file and file.parent for file in (call.out, call.account_file)))):
        _make(folder)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what is done is accounted for
    summary = Summary(cascade.release.name, call.arguments)
    if not _keep(summary, account, call):  # what a kill leaves says that it is not complete
        return code
    try:
        with Results(call.out, call.form, earlier.size) as results:
            for record in records(call, files, cascade, account, earlier):
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
        code = code if _keep(summary, account, call) else 2
        if not summary.complete:
            _say("not everything was looked at; run the same with --resume to go on" if call.out else BROKEN_OFF)
        _say(account.sentence())
    return code


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _earlier(call: Call, release: str) -> Earlier:
    return earlier_rows(call.out, call.form, release, call.partial) if call.out and call.resume else Earlier()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise write_error(folder, problem) from problem


def _keep(summary: Summary, account: Account, call: Call) -> bool:
    """Write the summary, if it is asked for; tell, and say, whether that failed."""
    if (path := call.account_file) is None:
        return True
    try:
        summary.write(path, account)
    except OSError as problem:
        _say(f"error: {write_error(path, problem)}")
        return False
    return True


def records(
    call: Call, files: list[Named], cascade: Cascade, account: Account, earlier: Earlier
) -> Iterator[ResultRecord]:
    """Yield one record a photo in input order; what comes in, and each record that was taken on, is accounted for.

    Args:
        call: what is asked.
        files: what was named, and what lies in folders that were.
        cascade: what judges.
        account: counts.
        earlier: the rows that there are already; what they tell of is passed over, and counts.
    """
    with tqdm(total=len(files), unit="file", file=sys.stderr, disable=None) as bar:
        for group in _ahead(grouped(_items(files, earlier.lacks, bar), call.partial)):
            for read in group:
                account.receive(read.item)
                if read.item.known:
                    account.finish(earlier.code(read.item.name), read.item.count)
            for item, record in examine_group(group, cascade, call.heatmaps):
                yield record
                account.finish(record.get("error", {}).get("code", ""), item.count)
            bar.set_postfix(photos=account.examined, failed=account.refused.total())
            group.clear()  # so that it is not held while the next is read
    account.unnamed = earlier.unasked


def _ahead(groups: Iterator[list[ReadItem]]) -> Iterator[list[ReadItem]]:
    """Yield groups; reading goes on in a thread while one is worked on, unless that one is large."""
    with ThreadPoolExecutor(1) as reader:
        upcoming = reader.submit(next, groups, None)
        while (group := upcoming.result()) is not None:
            large = sum(read.size for read in group) > TOGETHER_BYTES
            upcoming = upcoming if large else reader.submit(next, groups, None)
            yield group
            upcoming = reader.submit(next, groups, None) if large else upcoming


def _items(files: list[Named], wanted: Callable[[str], bool], bar: "tqdm[Any]") -> Iterator[Item]:
    for file in files:
        for item in each(file.shown, read_path(file, wanted)):
            yield Item(file.shown, error=item) if isinstance(item, Unexpected) else item
        bar.update()


def grouped(items: Iterator[Item], partial: bool) -> Iterator[list[ReadItem]]:
    """Decode items and yield them in groups that are examined together: few enough to hold memory flat.

    Args:
        items: in order.
        partial: whether what decodes of photos that are cut short is taken.
    """
    group, photos, held = list[ReadItem](), 0, 0
    for item in items:
        read = _read(item, partial)
        group.append(read)
        photos, held = photos + (read.photo is not None), held + read.size
        if photos == TOGETHER or len(group) == GROUP or held > TOGETHER_BYTES:
            yield group
            group, photos, held = [], 0, 0
    if group:
        yield group


def _read(item: Item, partial: bool = False) -> ReadItem:
    if item.error or item.left_out or item.known:
        return ReadItem(item, error=item.error)
    try:
        photo = attempt(item.name, Photo.read, item.data, partial=partial)
    except TriageError as problem:
        return ReadItem(replace(item, data=b""), error=problem.bare())
    return ReadItem(item, photo) if isinstance(photo, Photo) else ReadItem(replace(item, data=b""), error=photo)


def examine_group(
    group: list[ReadItem], cascade: Cascade, heatmaps: Path | None
) -> Iterator[tuple[Item, ResultRecord]]:
    """Yield each item that has a result, with its record.

    Args:
        group: what was read.
        cascade: what judges.
        heatmaps: folder for overlays; None for none.
    """
    since = time.perf_counter()
    photos = [(read.item.name, read.photo) for read in group if read.photo]
    outcomes = iter(_examine_together(photos, cascade, heatmaps is not None))
    ms = round((time.perf_counter() - since) * 1000 / max(1, len(photos)))
    for read in group:
        if read.photo or read.error:
            outcome = read.error or next(outcomes)
            record = _record_of(read.item, outcome, heatmaps)
            spent = {} if "error" in record else {"ms": ms}
            yield read.item, begin_record(read.item.name, read.item.raw_name) | record | spent


def _record_of(item: Item, outcome: Examination | TriageError, heatmaps: Path | None) -> ResultRecord:
    """Return the record of what was found, its maps written; of what cannot be told as a record, that it cannot."""
    record = attempt(item.name, _record_of_verdict, outcome, heatmaps) if isinstance(outcome, Examination) else outcome
    if isinstance(record, Unexpected):
        _say(record.trace)
    return {"error": failure(record, item.count)} if isinstance(record, TriageError) else record


def _record_of_verdict(examination: Examination, heatmaps: Path | None) -> ResultRecord:
    record = examination.as_dict()
    json.dumps(record)
    if heatmaps:
        _write_maps(examination, heatmaps)
    return record


def _examine_together(
    photos: list[tuple[str, Photo]], cascade: Cascade, heatmaps: bool
) -> Sequence[Examination | Unexpected]:
    """Examine photos together; where one of them meets something unexpected each by itself, so that it stays alone."""
    together = attempt("a group", examine_many, [photo for _, photo in photos], cascade, heatmaps)
    if isinstance(together, Unexpected):
        return [attempt(name, examine, photo, cascade, heatmaps) for name, photo in photos]
    return together


def _write_maps(examination: Examination, folder: Path) -> None:
    """Write each face's overlay."""
    for number, face in enumerate(examination.faces):
        for heatmap in face.heatmaps:
            name = map_name(examination.photo.sha256, number + 1, heatmap.stage, heatmap.label)
            painted = overlay(examination.photo, heatmap)
            data = overlay_png(painted, heatmap, examination.photo.sha256, examination.notes)
            try:
                write_whole(folder / name, data)
            except OSError as problem:
                raise write_error(folder, problem) from problem
