"""What a batch's SOURCE is: a folder, an archive, a list, one photo, here or at an address; listed without being read.

Folders are looked into at any depth, in the order of their names, and what is not a file is told apart by
`pipeline.intake`'s own rule. Of a folder no more is held than what lies in the one that is being listed.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fsspec
from fsspec.core import url_to_fs

from pipeline.bulk.inputs import Input
from pipeline.bulk.lists import ENDINGS, listed_in
from pipeline.errors import BadSource, TriageError, UnreadablePhoto
from pipeline.intake.archive import BROKEN_ZIP
from pipeline.intake.folders import Named, is_folder, named_of  # the one rule for what lies in a folder
from pipeline.intake.sorting import SYSTEM_FILE, is_system, like_photo, suffix_of
from pipeline.intake.zip_directory import entries_of, is_zip_file
from pipeline.reading.kinds import HEAD

LOCAL = ("file://", "local://")


@dataclass(frozen=True)
class Source:
    """A source by its kind.

    Attributes:
        place: an absolute path, or an address that fsspec knows.
        kind: "folder", "archive", "list" or "photo".
        remote: whether it is an address.
    """

    place: str
    kind: str
    remote: bool = False


def source_of(text: str) -> Source:
    """Tell what a source is.

    Args:
        text: as the user wrote it.

    Raises:
        BadSource: there is nothing there, or no such address is known.
    """
    place, remote = _place_of(text)
    if remote:
        return _remote_source(place)
    path = Path(place)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as problem:
        raise BadSource(f"There is nothing at {text}: {getattr(problem, 'strerror', '') or problem}.") from problem
    if stat.S_ISDIR(mode):
        return Source(str(path), "folder")
    return Source(str(path), _kind_of_file(path.name))


def gone(text: str) -> Source:
    """Return a source that is no longer there: its place, as it was when it was."""
    place, remote = _place_of(text)
    return Source(place, "", remote)


def _place_of(text: str) -> tuple[str, bool]:
    """Return an absolute path, or an address that fsspec knows; and whether it is an address."""
    for mark in LOCAL:
        text = text.removeprefix(mark)
    return (text, True) if "://" in text else (str(Path(text).absolute()), False)


def _kind_of_file(name: str) -> str:
    suffix = suffix_of(name)
    return "list" if suffix in ENDINGS else "archive" if suffix == ".zip" else "photo"


def _remote_source(text: str) -> Source:
    try:
        files, path = url_to_fs(text, use_listings_cache=False)
        if files.isfile(path):
            return Source(text, _kind_of_file(path), remote=True)
        if files.isdir(path):
            return Source(text, "folder", remote=True)
    except (OSError, ValueError, ImportError) as problem:
        raise BadSource(f"{text} cannot be reached: {problem}.") from problem
    raise BadSource(f"There is nothing at {text}.")


def inputs_of(source: Source, column: str = "") -> Iterator[Input]:
    """Yield what a source names, without reading a photo.

    Args:
        source: from `source_of`.
        column: of a list, the one that holds paths; "" for one that is called as such columns are.

    Raises:
        BadSource: a list cannot be read, or its column is not known; an address cannot be listed.
    """
    address = source.place.encode() if source.remote else os.fsencode(source.place)
    if source.kind == "list":
        yield from listed_in(source.place, source.remote, column)
    elif source.kind == "folder":
        yield from _remote_folder(source.place) if source.remote else _folder(source.place)
    elif source.kind == "archive":
        yield from _entries(Input(address, source.remote, outright=True))
    else:
        yield Input(address, source.remote, outright=True)


def _folder(top: str) -> Iterator[Input]:
    """Yield everything under a folder, depth first, each folder's in the order of its names."""
    waiting = [_listing(top)]
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        entry = waiting[-1].pop()  # what was looked at is held no longer: it has its facts with it
        if isinstance(entry, Named):
            yield Input.of(entry)
        elif not is_folder(entry):
            named = named_of(entry)
            expand = suffix_of(entry.name) == ".zip" and not named.left_out
            yield from _entries(Input.of(named)) if expand else (Input.of(named),)
        elif is_system(f"{entry.name}/"):
            if count := sum(len(files) for _, _, files in os.walk(entry.path)):
                yield Input.of(Named(entry.path, False, SYSTEM_FILE, count))
        else:
            waiting.append(_listing(entry.path))


def _listing(folder: str) -> "list[os.DirEntry[str] | Named]":
    """Return what lies in a folder, the last first; of one that cannot be opened why."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name, reverse=True)
    except OSError as problem:
        message = f"The folder could not be opened: {problem.strerror or problem}."
        return [Named(folder, error=UnreadablePhoto(message))]
    return [*found]


def _remote_folder(top: str) -> Iterator[Input]:
    files, root = url_to_fs(top, use_listings_cache=False)
    waiting = [iter(_remote_listing(files, root, top))]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
            continue
        if isinstance(entry, Input):
            yield entry
            continue
        address = f"{top.rstrip('/')}{entry['name'][len(root.rstrip('/')) :].rstrip('/')}"
        found = Input(address.encode("utf-8", "surrogateescape"), remote=True)
        if entry["type"] != "directory":
            yield from _entries(found) if suffix_of(address) == ".zip" else (found,)
        elif is_system(f"{address.rsplit('/', 1)[-1]}/"):
            if count := len(files.find(entry["name"])):
                yield replace(found, left_out=SYSTEM_FILE, count=count)
        else:
            waiting.append(iter(_remote_listing(files, entry["name"], address)))


def _remote_listing(files: fsspec.AbstractFileSystem, folder: str, address: str) -> list[Any]:
    """Return what lies in a folder of a store by name, without the mark that stands for the folder itself."""
    try:
        found = [one for one in files.ls(folder, detail=True) if one["name"].rstrip("/") != folder.rstrip("/")]
    except OSError as problem:
        message = f"The folder could not be opened: {problem}."
        return [Input(address.encode("utf-8", "surrogateescape"), remote=True, error=message)]
    return sorted(found, key=lambda one: one["name"].rstrip("/"))


def _entries(archive: Input) -> Iterator[Input]:
    """Yield an archive's entries, each an input of its own, so that all cores share one archive.

    What is no archive after all, or cannot be listed, stays one input: why is said when it is read.
    """
    count = 0 if like_photo(archive.shown) else _count_entries(archive)
    for entry in range(count):
        yield Input(archive.address, archive.remote, entry, count, archive.outright)
    if not count:
        yield archive


def _count_entries(archive: Input) -> int:
    try:
        path = archive.address.decode() if archive.remote else os.fsdecode(archive.address)
        with fsspec.open(path, "rb") if archive.remote else open(path, "rb") as file:  # noqa: PTH123
            head = file.read(HEAD)
            return sum(not entry.folder for entry in entries_of(file)) if is_zip_file(head, file) else 0
    except (TriageError, *BROKEN_ZIP):
        return 0
