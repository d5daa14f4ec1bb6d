"""The photos in a zip archive, one after another: sizes are counted while unpacking, whatever the archive claims."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from pipeline.errors import TriageError, UnsafeArchive
from pipeline.intake.item import Item
from pipeline.intake.sorting import LINK, SYSTEM_FILE, is_system, kind_left_out, like_photo, refusal_of
from pipeline.intake.zip_directory import ENCRYPTED, LOCAL, ZIP_STARTS, Entry, entries_of
from pipeline.reading.kinds import HEAD
from pipeline.settings import settings

CHUNK, PACKED_CHUNK = 1 << 20, 1 << 16
STORED, DEFLATED, AES = 0, 8, 99
SEEN = 10
"""Things looked at in an archive for each file that may be taken of it: most of an export may be no photo."""

BROKEN_ZIP = (OSError, zlib.error, struct.error, ValueError, ArithmeticError, LookupError, EOFError, MemoryError)
"""What reading a damaged archive raises: places out of range, bytes that do not unpack."""

CUT_SHORT = "It could not be unpacked: a part of it is missing. Get the archive again."
DAMAGED = "It could not be unpacked: it is damaged. Get the archive again."


@dataclass
class _Budget:
    """Files and bytes that may still be taken of an archive, by what its list claims.

    Which entries are taken follows from the list alone, so that a call that goes on takes the same as a whole one;
    refused ones count too, they cost the same time.
    """

    files: int
    bytes: int

    @property
    def spent(self) -> bool:
        return self.files <= 0 or self.bytes <= 0

    @property
    def limit(self) -> int:
        """Bytes that the next file may have."""
        return max(0, min(self.bytes, settings().max_megabytes * 1_000_000))


@dataclass
class _Meter:
    """What one entry may still cost: bytes read or unpacked, whichever is more, hardly more than it claims."""

    left: int
    spent: int = 0

    def spend(self, cost: int) -> None:
        """Count what was read or unpacked, whichever is more: packed nothings unpack to no bytes, and cost time."""
        self.left -= cost
        self.spent += cost
        if self.left < 0:
            raise UnsafeArchive(DAMAGED)


def unzip(name: str, file: BinaryIO, wanted: Callable[[str], bool]) -> Iterator[Item]:
    """Yield what a zip archive holds, photos, refusals and what is left out, in the order of its list.

    Nothing is written to disk under an archive's names, so `../` in them leads nowhere.

    Args:
        name: the archive's, shown before each name in it.
        file: the archive; it can be read from any place.
        wanted: whether a thing of this name is wanted; what is not is not unpacked.
    """
    try:
        listed = (entry for entry in entries_of(file) if not entry.folder)  # never held: there may be any number
        first = next(listed, None)
    except TriageError as problem:
        yield _refuse(name, problem, wanted)
        return
    except BROKEN_ZIP as problem:
        reason = getattr(problem, "strerror", "") or "its list of files cannot be read"
        yield _refuse(name, UnsafeArchive(f"The zip archive is damaged: {reason}. Get it again."), wanted)
        return
    if first is None:
        yield _refuse(name, UnsafeArchive("The zip archive holds no files."), wanted)
        return
    most, megabytes = settings().max_zip_files, settings().max_zip_megabytes
    budget, seen = _Budget(most, megabytes * 1_000_000), 0
    for number, entry in enumerate(chain([first], listed)):
        if budget.spent or number >= SEEN * most:
            count = entry.count + sum(more.count for more in listed)
            rest = f"{count:,} files after the first {seen:,} were not looked at"
            why = f"at most {most:,} files and {megabytes:,} MB are taken from one archive"
            yield _refuse(name, UnsafeArchive(f"{rest}: {why}."), wanted, count)
            return
        seen += entry.count
        yield _item(name, file, entry, budget, wanted)


def _refuse(name: str, problem: TriageError, wanted: Callable[[str], bool], count: int = 1) -> Item:
    return Item(name, error=problem.bare(), count=count) if wanted(name) else Item(name, count=count, known=True)


def _item(name: str, file: BinaryIO, entry: Entry, budget: _Budget, wanted: Callable[[str], bool]) -> Item:
    if entry.damage:
        budget.files -= 1
        lost = UnsafeArchive(f"Not all of the zip archive could be read: {entry.damage}.")
        return _refuse(name, lost, wanted, entry.count)
    label = f"{name} › {entry.name}"
    if entry.link or is_system(entry.name):
        return Item(label, left_out=LINK if entry.link else SYSTEM_FILE)
    limit, before, meter = budget.limit, budget.bytes, _Meter(HEAD + PACKED_CHUNK)
    budget.files -= 1
    budget.bytes -= _cost(entry, limit)
    if not wanted(label):
        return Item(label, raw_name=entry.raw_name, known=True)
    try:
        taken = _take(file, entry, limit, meter)
    except (TriageError, *BROKEN_ZIP) as problem:
        refusal = problem if isinstance(problem, TriageError) else UnsafeArchive(DAMAGED)
        return Item(label, error=refusal.bare(), raw_name=entry.raw_name)
    if isinstance(taken, bytes):
        return Item(label, taken, raw_name=entry.raw_name)
    budget.files, budget.bytes = budget.files + 1, before - meter.spent  # there is no row of it: it is read each time
    return Item(label, left_out=taken)


def _cost(entry: Entry, limit: int) -> int:
    """Return the bytes that are counted for an entry, whether or not there is an answer for it already."""
    return 0 if _why_closed(entry) else min(entry.size, limit)


def _why_closed(entry: Entry) -> str:
    """Return why an entry is not unpacked at all; "" where that is tried."""
    if entry.flags & ENCRYPTED or entry.method == AES:
        return "It could not be unpacked, as it is encrypted: unpack it with its password."
    if entry.method not in (STORED, DEFLATED):
        return "It is packed by an unusual method, which cannot be stopped in time: pack it by deflate."
    return ""


def _take(file: BinaryIO, entry: Entry, limit: int, meter: _Meter) -> bytes | str:
    """Return an entry's bytes, or the kind as which it is left out: then no more than its beginning is unpacked.

    Raises:
        UnsafeArchive: it is encrypted, damaged, packed by an unusual method, a zip itself, or grows over the limits.
    """
    if reason := _why_closed(entry):
        raise UnsafeArchive(reason)
    pieces, head = _pieces(file, entry, meter), b""
    while len(head) < HEAD and (piece := next(pieces, b"")):
        head += piece
    if kind := kind_left_out(entry.name, head):
        return kind
    if head[:4] in ZIP_STARTS and not like_photo(entry.name):
        raise UnsafeArchive("It is a zip archive inside a zip archive: unpack it first.")
    if max(entry.size, len(head)) > limit:
        reason = f"It unpacks to more than {limit / 1e6:.0f} MB, the most that is taken."
        raise refusal_of(head) or UnsafeArchive(reason)
    meter.left += entry.size + entry.size // 16
    parts, size = [head], len(head)
    while size <= entry.size and (piece := next(pieces, b"")):
        parts.append(piece)
        size += len(piece)
    data = b"".join(parts)
    if size != entry.size or zlib.crc32(data) != entry.crc:
        raise UnsafeArchive(DAMAGED)
    return data


def _pieces(file: BinaryIO, entry: Entry, meter: _Meter) -> Iterator[bytes]:
    """Yield an entry's unpacked bytes, first `HEAD` of them and then up to a megabyte at a time, never none.

    Raises:
        UnsafeArchive: a part of it is missing, or it grows far beyond what it claims.
    """
    at, method = _start_of(file, entry), _read_stored if entry.method == STORED else _inflate
    return method(file, at, at + entry.packed, meter)


def _read_stored(file: BinaryIO, at: int, end: int, meter: _Meter) -> Iterator[bytes]:
    most = HEAD
    while at < end:
        file.seek(at)
        piece = file.read(min(most, end - at))
        if not piece:
            raise UnsafeArchive(CUT_SHORT)
        meter.spend(len(piece))
        yield piece
        at, most = at + len(piece), CHUNK


def _inflate(file: BinaryIO, at: int, end: int, meter: _Meter) -> Iterator[bytes]:
    unpacker, packed, most = zlib.decompressobj(-zlib.MAX_WBITS), b"", HEAD
    while not unpacker.eof:
        if not packed:
            file.seek(at)
            packed = file.read(min(PACKED_CHUNK, end - at))
            at += len(packed)
        piece, waiting = unpacker.decompress(packed, most), unpacker.unconsumed_tail
        if not piece and not packed:
            raise UnsafeArchive(CUT_SHORT)
        meter.spend(max(len(piece), len(packed) - len(waiting)))
        if piece:
            yield piece
            most = CHUNK
        packed = waiting


def _start_of(file: BinaryIO, entry: Entry) -> int:
    """Return where an entry's bytes begin; what its header says is not compared: the list's checksum decides."""
    for place in entry.places:
        if place < 0:
            continue
        file.seek(place)
        header = file.read(30)
        if header[:4] == LOCAL and len(header) == 30:
            return place + 30 + sum(struct.unpack("<HH", header[26:30]))
    raise UnsafeArchive(CUT_SHORT)
