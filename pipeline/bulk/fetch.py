"""From a batch's inputs to named bytes: files, entries of archives, and what lies in a store behind an address.

What is taken, refused or left out is decided by `pipeline.intake` alone. An archive's entries are read forward by each
process that has some of them, whatever comes between, so that its list is gone through once.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import groupby
from typing import BinaryIO

from fsspec.core import url_to_fs

from pipeline.attempt import attempt, each
from pipeline.bulk.inputs import Input
from pipeline.errors import TriageError, Unexpected, UnreadablePhoto
from pipeline.intake import Item, read_path, unpack_file
from pipeline.intake.archive import BROKEN_ZIP, unzip
from pipeline.intake.files import everything
from pipeline.intake.sorting import like_photo, suffix_of
from pipeline.intake.zip_directory import entries_of, is_zip_file
from pipeline.reading.kinds import HEAD
from pipeline.settings import settings

AHEAD = 16
"""Photos of a store that are fetched ahead, by as many threads: an answer takes longer than its bytes."""

GONE = "It is no longer in the archive, which was another one when the batch began."
WEB = ("http://", "https://")


def items_of(inputs: Sequence[Input]) -> Iterator[tuple[int, Item]]:
    """Yield what inputs hold, each with its input's number, in order: at least one item an input.

    The one exception are entries beyond the most that is taken of an archive: one refusal stands for all of them, and
    counts them.
    """
    for archive, run in groupby(inputs, lambda one: one.address if one.entry >= 0 else None):
        several = list(run)
        if archive is not None:
            yield from _entries(archive, several)
            continue
        for one, held in _fetched(several):
            name = f"input {one.number}"
            for item in each(name, _items(one, held)):
                found = Item(one.written or one.shown, error=item) if isinstance(item, Unexpected) else item
                yield one.number, _as_written(one, found)


def _entries(address: bytes, several: Sequence[Input]) -> Iterator[tuple[int, Item]]:
    """Yield what an archive's entries hold; after a fault it is opened again, as the next call opens it too."""
    left = list(several)
    while left:
        last = left[-1].number
        for number, item in _Archives.at(address, left[0]).items(left):
            if isinstance(item.error, Unexpected):  # what reads it has ended there
                _Archives.forget()
                last = number
            yield number, item
        left = [one for one in left if one.number > last]


def _as_written(one: Input, item: Item) -> Item:
    """Return an item by the name that a list gives it."""
    if not one.written or not item.name.startswith(one.shown):
        return replace(item, name=one.written) if one.error and one.written else item
    return replace(item, name=one.written + item.name.removeprefix(one.shown))


def _items(one: Input, held: bytes | TriageError | None) -> Iterator[Item]:
    if held is None:
        yield from read_path(one.named)
    elif isinstance(held, TriageError):
        yield Item(one.shown, error=held.bare())
    elif suffix_of(one.shown) == ".zip":
        with open_input(one) as file:
            head = file.read(HEAD)
            whole = is_zip_file(head, file)
            if whole:
                yield from unzip(one.shown, file, everything)
        if not whole:
            yield from unpack_file(one.shown, read_address(one.address.decode()), one.outright)
    else:
        yield from unpack_file(one.shown, held, one.outright)


def _fetched(inputs: Sequence[Input]) -> Iterator[tuple[Input, bytes | TriageError | None]]:
    """Yield inputs with what a store holds of them; None for those that lie here, which are read as they come."""
    if not any(map(_is_fetched, inputs)):
        yield from ((one, None) for one in inputs)
        return
    with ThreadPoolExecutor(AHEAD) as pool:
        flying: deque[tuple[Input, Future[bytes | TriageError] | None]] = deque()
        for one in inputs:
            flying.append((one, pool.submit(_bytes_of, one) if _is_fetched(one) else None))
            if len(flying) == AHEAD:
                first, coming = flying.popleft()
                yield first, coming.result() if coming else None
        for first, coming in flying:
            yield first, coming.result() if coming else None


def _is_fetched(one: Input) -> bool:
    return one.remote and not one.left_out and not one.error


def _bytes_of(one: Input) -> bytes | TriageError:
    if suffix_of(one.shown) == ".zip":  # read from any place, not whole
        return b""
    try:
        return attempt(one.shown, read_address, one.address.decode("utf-8", "surrogateescape"))
    except TriageError as problem:
        return problem


def read_address(address: str) -> bytes:
    """Return the bytes behind an address; not more than one above the limit, so that more are refused.

    Raises:
        UnreadablePhoto: it cannot be reached, or there is nothing.
    """
    limit = settings().max_megabytes * 1_000_000
    try:
        files, path = url_to_fs(address)
        if address.startswith(WEB):  # a server may give all of it, whatever part is asked for
            with files.open(path, "rb", block_size=0) as file:
                return _read_stream(file, limit + 1)
        return bytes(files.cat_file(path, start=0, end=limit + 1))
    except (OSError, ImportError, ValueError) as problem:
        reason = getattr(problem, "strerror", "") or " ".join(str(problem).split())[:200] or type(problem).__name__
        raise UnreadablePhoto(f"The file could not be opened: {reason}.") from problem


def _read_stream(file: BinaryIO, most: int) -> bytes:
    """Return a stream's first bytes; it gives them in pieces, as they come."""
    data = bytearray()
    while len(data) < most and (piece := file.read(min(1 << 20, most - len(data)))):
        data += piece
    return bytes(data)


def open_input(one: Input) -> BinaryIO:
    """Return an open file of an input, which can be read from any place.

    Raises:
        OSError: it is not there.
    """
    if not one.remote:
        return open(os.fsdecode(one.address), "rb")  # noqa: PTH123
    files, path = url_to_fs(one.address.decode("utf-8", "surrogateescape"))
    file: BinaryIO = files.open(path, "rb")
    return file


class _Archive:
    """An archive whose entries are read forward."""

    def __init__(self, first: Input) -> None:
        self.name = first.shown
        self._low, self._high, self._at = 0, 0, 0
        self._last: Item | None = None
        self._file = open_input(first)
        with ExitStack() as on_failure:
            on_failure.callback(self._file.close)
            budgeted = [entry.size for entry in entries_of(self._file) if not entry.folder]
            on_failure.pop_all()
        limits = settings().max_zip_files, settings().max_zip_megabytes * 1_000_000
        self._exact = len(budgeted) > limits[0] or sum(budgeted) > limits[1]
        self._items: Iterator[Item | Unexpected] = each(self.name, unzip(self.name, self._file, self._wanted))

    def _wanted(self, name: str) -> bool:
        """Want what is asked for; near the limits also all that may be left out, as that counts for none."""
        return self._low <= self._at < self._high or (self._exact and not like_photo(name))

    def close(self) -> None:
        self._file.close()

    def passed(self, entry: int) -> bool:
        """Tell whether an entry lies behind."""
        return entry < self._at

    def items(self, several: Sequence[Input]) -> Iterator[tuple[int, Item]]:
        self._low, self._high = several[0].entry, several[-1].entry + 1
        numbers = {one.entry: one.number for one in several}
        while self._at < self._high:
            item = next(self._items, None)
            if item is None:
                break
            if isinstance(item, Unexpected):  # perhaps on the way to what is asked for: each try has one answer
                first = next(number for entry, number in numbers.items() if entry >= self._at)
                yield first, Item(self.name, error=item)
                return
            at, self._at, self._last = self._at, self._at + 1, replace(item, data=b"")
            if at in numbers:
                yield numbers[at], item
        for entry in range(max(self._at, self._low), self._high):
            if entry >= self._covered():
                yield numbers[entry], Item(self.name, error=UnreadablePhoto(GONE))

    def _covered(self) -> int:
        """Return up to which entry there is an answer: the refusal of the rest stands for all that it counts."""
        last = self._last
        if last is None or last.name != self.name:
            return self._at
        return self._at - 1 + last.count


class _Unopened:
    """An archive that cannot be opened: each entry says so."""

    def __init__(self, name: str, why: TriageError) -> None:
        self._name, self._why = name, why

    def items(self, several: Sequence[Input]) -> Iterator[tuple[int, Item]]:
        yield from ((one.number, Item(self._name, error=self._why)) for one in several)


def _opened(first: Input) -> _Archive | _Unopened:
    try:
        return _Archive(first)
    except (TriageError, ImportError, *BROKEN_ZIP) as problem:
        reason = getattr(problem, "strerror", "") or problem
        return _Unopened(first.shown, UnreadablePhoto(f"The file could not be opened: {reason}."))


class _Archives:
    """The archive that this process has open: work comes archive by archive."""

    open: tuple[bytes, _Archive] | None = None

    @classmethod
    def at(cls, address: bytes, first: Input) -> _Archive | _Unopened:
        """Return the archive, open at or before an entry."""
        if cls.open and cls.open[0] == address and not cls.open[1].passed(first.entry):
            return cls.open[1]
        cls.forget()
        archive = attempt(first.shown, _opened, first)
        if isinstance(archive, _Archive):
            cls.open = (address, archive)
        return _Unopened(first.shown, archive) if isinstance(archive, Unexpected) else archive

    @classmethod
    def forget(cls) -> None:
        """Close the archive that is open, so that the next entry opens it again."""
        if cls.open:
            with suppress(OSError):
                cls.open[1].close()
            cls.open = None
