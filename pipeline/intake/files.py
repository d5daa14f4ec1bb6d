"""From a file, or what was uploaded, to named bytes: itself, or the photos in it where it is a zip archive."""

import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import BinaryIO

from pipeline.errors import PhotoTooLarge, TriageError, UnreadablePhoto
from pipeline.intake.archive import unzip
from pipeline.intake.folders import Named
from pipeline.intake.item import Item
from pipeline.intake.sorting import (
    DEVICE,
    SYSTEM_FILE,
    is_made_up,
    is_system,
    kind_left_out,
    like_archive,
    like_photo,
    refusal_of,
)
from pipeline.intake.zip_directory import is_zip_file
from pipeline.reading.kinds import HEAD
from pipeline.settings import settings

STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Where a shell hands over the output of another program."""

SHORT_DEVICES = ("/dev/zero", "/dev/null")
"""Devices that keep nobody waiting."""


def everything(name: str) -> bool:
    """Want whatever there is."""
    return True


def unpack_file(
    name: str, data: bytes, outright: bool = True, wanted: Callable[[str], bool] = everything
) -> Iterator[Item]:
    """Yield what a handed-over file holds: itself, or the photos in it where it is a zip archive.

    Every refusal is an item with its error; the rest goes on.

    Args:
        name: as the user knows it.
        data: the file's bytes.
        outright: whether the user chose this very file; else, as part of a folder, it may be left out.
        wanted: whether a photo of this name is wanted; what is not is not unpacked.
    """
    if not outright and is_system(name):
        yield Item(name, left_out=SYSTEM_FILE)
    else:
        yield from _items_in(Item(name), io.BytesIO(data), outright, wanted)


def read_path(named: Named, wanted: Callable[[str], bool] = everything) -> Iterator[Item]:
    """Yield what a file holds, see `unpack_file`; one that cannot be read or is too large is an item with its error."""
    raw = b"" if named.shown == named.path else os.fsencode(named.path)
    item = Item(named.shown, raw_name=raw, count=named.count)
    if named.left_out:
        yield replace(item, left_out=named.left_out)
    elif named.error:
        yield _refuse(item, named.error, wanted)
    else:
        try:
            if _endless(named):
                yield _device(item, named.outright, wanted)
                return
            with open(named.path, "rb") as file:  # noqa: PTH123  # a path is not more than its text here
                yield from _items_in(item, file, named.outright, wanted)
        except OSError as problem:
            message = f"The file could not be opened: {problem.strerror or problem}."
            yield _refuse(item, UnreadablePhoto(message), wanted)


def _endless(named: Named) -> bool:
    """Tell whether a path leads to what may never end, or never begin: a device, a pipe, what the system makes up.

    Standard input is waited for, whoever names it by its own path knows why; a folder is told when it is opened.

    Raises:
        OSError: there is nothing at that path.
    """
    mode = os.stat(named.path).st_mode  # noqa: PTH116
    if named.outright and (named.path in SHORT_DEVICES if stat.S_ISCHR(mode) else named.path.startswith(STREAMS)):
        return False
    if stat.S_ISDIR(mode):
        return False
    return not stat.S_ISREG(mode) or is_made_up(os.path.realpath(named.path))


def _device(item: Item, outright: bool, wanted: Callable[[str], bool]) -> Item:
    if not outright:
        return replace(item, left_out=DEVICE)
    message = "It is a device or a pipe and no file: save the photo and name the file."
    return _refuse(item, UnreadablePhoto(message), wanted)


def _refuse(item: Item, problem: TriageError, wanted: Callable[[str], bool]) -> Item:
    return replace(item, error=problem.bare()) if wanted(item.name) else replace(item, known=True)


def _items_in(item: Item, file: BinaryIO, outright: bool, wanted: Callable[[str], bool]) -> Iterator[Item]:
    """Yield what an open file holds; of one that is left out no more than its beginning is read."""
    limit = settings().max_megabytes * 1_000_000  # read no further: a device has no size and no end
    if not file.seekable():
        file = io.BytesIO(file.read(limit + 1))
    head = file.read(HEAD)
    if (outright or like_archive(item.name)) and not like_photo(item.name) and is_zip_file(head, file):
        yield from unzip(item.name, file, wanted)
    elif not outright and (kind := kind_left_out(PurePath(item.name).name, head)):
        yield replace(item, left_out=kind)
    elif not wanted(item.name):
        yield replace(item, known=True)
    else:
        file.seek(0)
        yield _whole(item, file.read(limit + 1), limit)


def _whole(item: Item, data: bytes, limit: int) -> Item:
    if len(data) <= limit:
        return replace(item, data=data)
    message = f"The file has more than {limit / 1e6:.0f} MB, the most that is read."
    return replace(item, error=refusal_of(data[:HEAD]) or PhotoTooLarge(message))
