"""HEIF and AVIF, box by box (ISO/IEC 23008-12): what the primary picture's own properties say of turn and colour."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.reading.coding import Coding, coding_of
from pipeline.reading.source import Source

MOST_BOXES = 20_000
TURN_BOXES = (b"irot", b"imir")
Box = tuple[bytes, int, int]
"""Four letters, and where its body begins and ends."""


@dataclass(frozen=True)
class Properties:
    """What the boxes say of the primary picture: that it is turned when shown, and the code points of its colours."""

    turned: bool
    colours: tuple[int, int] | None


def source_of(data: bytes) -> Source:
    """Look through a HEIF or AVIF file and return what its decoder is to be given: its own bytes, and its colours."""
    own = properties(data)
    coding = coding_of(*own.colours) if own and own.colours else None
    avif = data[8:12] in (b"avif", b"avis")
    ends = [end for _, _, end in boxes(data, 0, len(data))]
    return Source(
        data,
        "HEIF",
        coding=coding,
        deep=_is_hdr(coding) and not avif,
        unturned=own is not None and not own.turned,
        cut=not ends or ends[-1] > len(data),
    )


def _is_hdr(coding: Coding | None) -> bool:
    return coding is not None and coding.curve in ("pq", "hlg")


def end_of(data: bytes) -> int | None:
    """Return where the last box that holds the picture ends; a video in a box of its own (`mpvd`) lies behind it."""
    end = None
    for kind, start, stop in boxes(data, 0, len(data)):
        if kind == b"mpvd" or not kind.isalnum():
            return start - 8
        end = stop
    return end


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places; one that is larger than its room is the last, and ends where it says."""
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        body = start + 8
        if size == 1 and start + 16 <= end:
            size, body = struct.unpack(">Q", data[start + 8 : start + 16])[0], start + 16
        stop = start + size if size else end
        if stop < body:
            return
        yield kind, body, stop
        start = stop


def properties(data: bytes) -> Properties | None:
    """Return what the primary picture's properties say; None where the boxes cannot be followed."""
    try:
        meta = _inside(data, (0, len(data)), b"meta", skip=4)
        primary = _primary(data, _inside(data, meta, b"pitm"))
        shared = _inside(data, meta, b"iprp")
        every = list(boxes(data, *_inside(data, shared, b"ipco")))
        own = [every[index - 1] for index in _property_numbers(data, _inside(data, shared, b"ipma"), primary) if index]
    except (LookupError, struct.error):
        return None
    return Properties(any(kind in TURN_BOXES for kind, _, _ in own), _colours(data, own))


def _inside(data: bytes, room: tuple[int, int], kind: bytes, skip: int = 0) -> tuple[int, int]:
    """Return where the body of the first box of a kind lies in a room.

    Raises:
        LookupError: there is none.
    """
    for name, start, end in boxes(data, *room):
        if name == kind:
            return start + skip, min(end, len(data))
    raise LookupError(kind)


def _primary(data: bytes, room: tuple[int, int]) -> int:
    version, _, short, *_ = struct.unpack(">B3sHH", data[room[0] : room[0] + 6] + b"\0\0")
    return int(short if version == 0 else struct.unpack(">I", data[room[0] + 4 : room[0] + 8])[0])


def _property_numbers(data: bytes, room: tuple[int, int], item: int) -> list[int]:
    """Return the numbers, from 1, of an item's properties in the order of their container."""
    flags, at = struct.unpack(">II", data[room[0] : room[0] + 8]), room[0] + 8
    wide_item, wide_index = flags[0] >> 24 > 0, flags[0] & 1
    for _ in range(min(flags[1], MOST_BOXES)):
        size = 4 if wide_item else 2
        name, count = int.from_bytes(data[at : at + size], "big"), data[at + size]
        at += size + 1
        step = 2 if wide_index else 1
        if name == item:
            mask = 0x7FFF if wide_index else 0x7F
            return [int.from_bytes(data[one : one + step], "big") & mask for one in range(at, at + count * step, step)]
        at += count * step
    raise LookupError(item)


def _colours(data: bytes, every: list[Box]) -> tuple[int, int] | None:
    """Return primaries and transfer of the first nclx among properties."""
    for kind, start, _ in every:
        if kind == b"colr" and data[start : start + 4] == b"nclx":
            primaries, transfer = struct.unpack(">HH", data[start + 4 : start + 8])
            return primaries, transfer
    return None
