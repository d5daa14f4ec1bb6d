"""A zip archive's list of files, read so that one damaged or odd entry hides no other.

Python's own reader gives up the whole archive where one name is no UTF-8, one entry has no name or one field is out of
range; archives that phones, cameras and old programs write have such entries.
"""

import io
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from pipeline.errors import UnsafeArchive
from pipeline.intake.sorting import like_photo
from pipeline.reading.kinds import HEAD, is_picture, kind_of

LOCAL, LISTED, END, SPLIT = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\7\x08"
ZIP_STARTS = (LOCAL, END, SPLIT, b"PK00")
"""First bytes of a zip: a file, no file, and the marks of one that was split or might have been."""

BEHIND = (LISTED, END, b"PK\6\6", b"PK\5\5", b"")
"""What may follow an entry of the list: another one, an end record of three kinds, or nothing."""

ONE_PART = "This is one part of a split archive: join its parts first, then hand it over again."

END_SIZE, LISTED_SIZE = 22, 46
LONGEST_COMMENT = 65_535
LONGEST_LIST = 32 << 20
"""Bytes of a list that are read: some 500,000 entries."""

TELL_LINKS = (3, 19)
"""Systems whose entries say in their upper attributes whether they are links: Unix and macOS."""

UTF8, ENCRYPTED = 0x800, 0x1 | 0x40 | 0x2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as an archive's list tells of it.

    Attributes:
        name: as it is shown.
        raw_name: the name's own bytes where `name` is a guess at them; else empty.
        flags, method: how it is packed.
        crc: of the unpacked bytes.
        packed, size: bytes, packed and unpacked, as the list claims.
        places: where its header may lie in the file, likeliest first.
        link, folder: whether it is one.
        damage: why there is no more to know of it; "" where it is whole.
        count: lines of the list that it stands for: damaged ones that follow each other are one.
    """

    name: str
    raw_name: bytes = b""
    flags: int = 0
    method: int = 0
    crc: int = 0
    packed: int = 0
    size: int = 0
    places: tuple[int, ...] = ()
    link: bool = False
    folder: bool = False
    damage: str = ""
    count: int = 1


DAMAGED_LINE = Entry("", damage="its line in the archive's list is damaged")


@dataclass(frozen=True)
class _ListPlace:
    """Where the list of files lies: its first byte and its length; `shift` is what stands before the archive."""

    start: int
    length: int
    shift: int


def is_zip(name: str, data: bytes) -> bool:
    """Tell whether bytes are a zip archive, see `is_zip_file`; one named like a picture is never one."""
    return not like_photo(name) and is_zip_file(data[:HEAD], io.BytesIO(data))


def is_zip_file(head: bytes, file: BinaryIO) -> bool:
    """Tell whether a file is a zip archive: by its first bytes, or, as a program that unpacks itself, by its end.

    Args:
        head: the file's first bytes.
        file: the same file; it can be read from any place.
    """
    if head[:4] in ZIP_STARTS:
        return True
    kind = kind_of(head)
    if is_picture(head) or (kind and kind.picture):
        return False
    try:
        place = _place_of(file)
    except UnsafeArchive:
        return True
    return place is not None and place.length > 0


def entries_of(file: BinaryIO) -> Iterator[Entry]:
    """Yield an archive's entries in the order of its list; a damaged one has its `damage`, and the rest follows.

    Raises:
        UnsafeArchive: there is no list, or the file is one part of several.
    """
    place = _place_of(file)
    if place is None:
        file.seek(0)
        if file.read(4) == SPLIT:
            raise UnsafeArchive(ONE_PART)
        raise UnsafeArchive("The zip archive is damaged: its list of files is missing. Get it again, or pack it again.")
    file.seek(place.start)
    listed = file.read(min(place.length, LONGEST_LIST))
    return _entries(listed, place.shift, place.length)


def _entries(listed: bytes, shift: int, length: int) -> Iterator[Entry]:
    at, damaged = 0, 0
    while at < len(listed):
        entry, at = _entry(listed, at, shift)
        if entry.damage:
            damaged += 1
            continue
        if damaged:
            yield _damaged_lines(damaged)
        yield entry
        damaged = 0
    if damaged:
        yield _damaged_lines(damaged)
    if len(listed) < length:
        yield Entry("", damage="the list of files is longer than is read")


def _entry(listed: bytes, at: int, shift: int) -> tuple[Entry, int]:
    """Return the entry at a place and where the next one begins: behind damage, at the next mark of one."""
    fixed, following = listed[at : at + LISTED_SIZE], listed.find(LISTED, at + 4)
    following = following if following > 0 else len(listed)
    if fixed[:4] == LISTED and len(fixed) == LISTED_SIZE:
        name_end = at + LISTED_SIZE + int.from_bytes(fixed[28:30], "little")
        extra_end = name_end + int.from_bytes(fixed[30:32], "little")
        end = extra_end + int.from_bytes(fixed[32:34], "little")
        fits = end <= len(listed) and listed[end : end + 4] in BEHIND
        if fits or end + LISTED_SIZE <= following:  # else its lengths are wrong, and not the next one's mark
            extra = dict(_extra(listed[name_end:extra_end]))
            return _parse_entry(fixed, listed[at + LISTED_SIZE : name_end], extra, shift), end
    return DAMAGED_LINE, following


def _damaged_lines(count: int) -> Entry:
    damage = DAMAGED_LINE.damage if count == 1 else f"{count:,} lines of its list that follow each other are damaged"
    return replace(DAMAGED_LINE, damage=damage, count=count)


def _parse_entry(fixed: bytes, raw: bytes, extra: dict[int, bytes], shift: int) -> Entry:
    made_by, flags, method = fixed[5], *struct.unpack("<HH", fixed[8:12])
    crc, packed, size = struct.unpack("<III", fixed[16:28])
    mode, offset = struct.unpack("<H", fixed[40:42])[0], struct.unpack("<I", fixed[42:46])[0]
    size, packed, offset = _large(extra.get(1, b""), size, packed, offset)
    name, sure = _decode(raw, flags, extra.get(0x7075, b""))
    return Entry(
        name,
        raw_name=b"" if sure else raw,
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        places=(offset + shift, offset) if shift else (offset,),
        link=made_by in TELL_LINKS and stat.S_ISLNK(mode),
        folder=size == 0 and name.endswith(("/", "\\")),
    )


def _extra(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of an entry's further fields, as far as they are whole."""
    at = 0
    while at + 4 <= len(block):
        number, length = struct.unpack("<HH", block[at : at + 4])
        yield number, block[at + 4 : at + 4 + length]
        at += 4 + length


def _large(field: bytes, *small: int) -> tuple[int, ...]:
    """Return sizes and offset, each from the field of 64-bit numbers where 32 bits do not hold it."""
    numbers = []
    for value in small:
        if value == 0xFFFFFFFF and len(field) >= 8:
            value, field = int.from_bytes(field[:8], "little"), field[8:]
        numbers.append(value)
    return tuple(numbers)


def _decode(raw: bytes, flags: int, unicode_path: bytes) -> tuple[str, bool]:
    """Return a name, and whether it is certain. Without a mark, what is valid UTF-8 is hardly ever anything else."""
    if len(unicode_path) > 5 and unicode_path[:5] == b"\1" + struct.pack("<I", zlib.crc32(raw)):
        raw, flags = unicode_path[5:], UTF8
    try:
        name, sure = raw.decode("utf-8"), True
    except UnicodeDecodeError:
        name, sure = (raw.decode("utf-8", "replace") if flags & UTF8 else raw.decode("cp437")), False
    return name.replace("\0", "\N{REPLACEMENT CHARACTER}") or "(no name)", sure and b"\0" not in raw


def _place_of(file: BinaryIO) -> _ListPlace | None:
    """Return where the list of files lies; None where there is no list.

    Raises:
        UnsafeArchive: the file is one part of several.
    """
    length = file.seek(0, io.SEEK_END)
    start = max(0, length - LONGEST_COMMENT - END_SIZE - 20)
    file.seek(start)
    tail = file.read(length - start)
    at = tail.rfind(END)
    while at >= 0:
        end = tail[at : at + END_SIZE]
        last = at + END_SIZE + int.from_bytes(end[20:22], "little") == len(tail)
        if (place := _read_end(file, tail[max(0, at - 20) : at], end, start + at, last)) is not None:
            return place
        at = tail.rfind(END, 0, at)
    return None


def _read_end(file: BinaryIO, before: bytes, end: bytes, at: int, last: bool) -> _ListPlace | None:
    """Return the list that an end record describes; None where there is none.

    Args:
        file: the archive.
        before: what stands before the record: there may be a pointer to one of 64-bit numbers.
        end: the record.
        at: its place.
        last: whether the file ends with it and its comment: then what it says of parts is believed.
    """
    if len(end) < END_SIZE:
        return None
    disk, first_disk, _, count, size, offset = struct.unpack("<HHHHII", end[4:20])
    if before[:4] == b"PK\6\7" and (large := _end64(file, before, at)):
        disk, first_disk, count, size, offset, at = large
    if last and 0 < disk < 0xFFFF and first_disk <= disk:
        raise UnsafeArchive(ONE_PART)
    for begins in (at - size, offset):
        if _listed_at(file, begins) or (count and begins == offset == at - size):
            return _ListPlace(begins, at - begins, begins - offset)
    return _ListPlace(at, 0, 0) if count == size == 0 else None


def _listed_at(file: BinaryIO, place: int) -> bool:
    if place < 0:
        return False
    file.seek(place)
    return file.read(4) == LISTED


def _end64(file: BinaryIO, locator: bytes, at: int) -> tuple[int, int, int, int, int, int] | None:
    """Return disk, first disk, count, size, offset and place of the record that large archives have before their end.

    It lies where its locator says or, where something stands before the archive, right before that.
    """
    for place in (struct.unpack("<Q", locator[8:16])[0], at - 20 - 56):
        if not 0 <= place < at:
            continue
        file.seek(place)
        record = file.read(56)
        if len(record) == 56 and record[:4] == b"PK\6\6":
            disk, first_disk, _, count, size, offset = struct.unpack("<IIQQQQ", record[16:56])
            return disk, first_disk, count, size, offset, place
    return None
