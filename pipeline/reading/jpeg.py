"""JPEG, marker by marker (ITU-T T.81): where the picture ends, what lies in front and behind, a height told late."""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.errors import UnreadablePhoto
from pipeline.reading.refusals import TOO_MANY_PARTS
from pipeline.reading.source import Source

SOI, EOI, SOS, DNL, APP2 = 0xD8, 0xD9, 0xDA, 0xDC, 0xE2
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame's header: tables aside."""
ALONE = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers that no length follows."""
BEGIN = re.compile(rb"\xff{1,1000}([^\xff])")
"""A marker; fill bytes may stand before any."""
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""What ends coded data: stuffed zeros and restart marks lie in them."""
PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
PROFILE = b"ICC_PROFILE\0"
MOST_FILL = 1000
MOST_SEGMENTS = 200_000


class Segment(NamedTuple):
    """One marker and the bytes that belong to it, `start` being that of its 0xFF."""

    marker: int
    start: int
    end: int


def source_of(data: bytes) -> Source:
    """Look through a JPEG and return what its decoder is to be given.

    Raises:
        UnreadablePhoto: it is made of so many parts that a decoder would take minutes.
    """
    parts = list(segments(data))
    after = parts[-1].end if parts else 2
    if len(parts) >= MOST_SEGMENTS or data[after : after + MOST_FILL] == b"\xff" * MOST_FILL:
        raise UnreadablePhoto(TOO_MANY_PARTS)
    frame = next((part for part in parts if part.marker in FRAMES), None)
    scans = [part for part in parts if part.marker == SOS]
    profiled = any(part.marker == APP2 and data[part.start + 4 : part.start + 16] == PROFILE for part in parts)
    progressive = frame is not None and frame.marker in PROGRESSIVE
    late = _late_height(data, frame, parts)
    return Source(
        data if late is None else late,
        "JPEG",
        () if late is None else ("the picture's height is told at its end (DNL) and was taken from there",),
        frames=1,
        claims_profile=profiled,
        scans=max(len(scans), 1 + progressive),
        cut=not parts or (parts[-1].marker != EOI and parts[-1].end >= len(data)),
    )


def _late_height(data: bytes, frame: Segment | None, parts: list[Segment]) -> bytes | None:
    """Return a copy with the height in its frame's header that is told after the first scan; None where it is there."""
    if frame is None or data[frame.start + 5 : frame.start + 7] != b"\0\0":
        return None
    late = next((part for part in parts if part.marker == DNL and part.end - part.start == 6), None)
    if late is None:
        return None
    return data[: frame.start + 5] + data[late.start + 4 : late.start + 6] + data[frame.start + 7 :]


def close_jpeg(data: bytes) -> bytes:
    """Return a JPEG that is cut short up to its last whole part, with an end: its decoder fills what is missing."""
    whole = max((part.end for part in segments(data) if part.end <= len(data)), default=2)
    return data[:whole] + b"\xff\xd9"


def segments(data: bytes, start: int = 0) -> Iterator[Segment]:
    """Yield the segments of the JPEG at `start` up to its end, or as far as they can be followed."""
    at = start
    for _ in range(MOST_SEGMENTS):
        begin = BEGIN.match(data, at)
        if begin is None:
            return
        marker, at = begin[1][0], begin.end() - 2
        if marker in ALONE or marker == EOI:
            end = at + 2
        elif at + 4 <= len(data):
            end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        else:
            return
        if marker == SOS:
            marker_at = MARKER.search(data, end)
            end = marker_at.start() if marker_at else max(end, len(data))
        yield Segment(marker, at, end)
        if marker == EOI:
            return
        at = end


def end_of(data: bytes, start: int = 0) -> int | None:
    """Return where the JPEG at `start` ends, after its EOI marker; None where it has none."""
    return next((segment.end for segment in segments(data, start) if segment.marker == EOI), None)
