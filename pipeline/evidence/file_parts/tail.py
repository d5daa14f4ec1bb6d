"""What lies in front of a picture in its file, and behind its end: pieces, each with where it lies and what it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from pipeline.reading import heif, jpeg, png
from pipeline.reading.kinds import HEAD, container_of, kind_of, picture_start
from pipeline.reading.trailing import ENDS

Sort = Literal["zeros", "picture", "video", "notes", "file", "unknown"]
"""Fill, a picture that may decode, a video, a camera's own notes, another kind of file, and what nobody can name."""
NOT_ZERO = re.compile(rb"[^\0]")
STARTS = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n\x1a\n|PK\x03\x04|\0[\0-\xff]{3}ftyp[a-zA-Z0-9]|"
    rb"%PDF-|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c"
)
"""What begins something by itself in the midst of bytes that cannot be named."""
NOTES = MappingProxyType(
    {
        b"PhotoEditor_Re_Edit_Data": "notes of Samsung's photo editor on what it changed, to undo it",
        b"MotionPhoto_Data": "Samsung's mark of a motion photo",
        b"SEFT": "Samsung's own notes",
        b"LIVE_": "Huawei's mark of a moving picture",
        b"vivo{": "vivo's own notes",
    }
)
"""Names in the midst of bytes, and what writes them."""
VIDEOS = (b"ftyp", b"mpvd")
EDITED = b"PhotoEditor_Re_Edit_Data"
REST_OF_PNG = "the rest of a longer PNG that was written over: what it showed may be recoverable (CVE-2023-21036)"
MOST_PIECES = 60
MOST_SEARCHED = 4_000_000


@dataclass(frozen=True)
class Piece:
    """Some bytes of a file that belong to no picture that is shown.

    Attributes:
        sort: of what kind.
        words: what it is, as in "58 bytes, {words}".
        start: where it begins in the file.
        data: its bytes.
        telling: it tells of an edit by itself.
    """

    sort: Sort
    words: str
    start: int
    data: bytes = field(repr=False)
    telling: bool = False


def pieces(data: bytes) -> tuple[tuple[Piece, ...], bool]:
    """Return what lies in front of a picture and behind it, and whether its end could be told."""
    start = picture_start(data[:HEAD])
    picture = data[start:] if start else data
    container = container_of(picture[:HEAD])
    end = ENDS[container](picture) if container in ENDS else None
    before = (_piece(data, 0, start),) if start else ()
    return (*before, *(_behind(data, start + end) if end is not None else ())), end is not None


def _behind(data: bytes, at: int) -> Iterator[Piece]:
    """Yield the pieces from a place on, in their order; the last one holds whatever is left."""
    for _ in range(MOST_PIECES):
        if at >= len(data):
            return
        first = _first(data, at)
        if first > at:
            yield Piece("zeros", "all zero: they fill a block", at, data[at:first])
            at = first
            continue
        end = _end(data, at)
        yield _piece(data, at, end)
        at = end
    if at < len(data):
        yield Piece("unknown", "left unlooked at, behind very many pieces", at, data[at:])


def _first(data: bytes, at: int) -> int:
    """Return where something begins behind the zeros at a place; the size of a video's first box begins with zeros."""
    begin = NOT_ZERO.search(data, at)
    if begin is None:
        return len(data)
    first = begin.start()
    boxes = [data.find(kind, first + 1, first + 8) for kind in VIDEOS]
    return max(at, max(boxes) - 4) if max(boxes) >= 0 else first


def _end(data: bytes, at: int) -> int:
    """Return where the piece at a place ends: where its own form says, or where something else begins."""
    head = data[at : at + 12]
    if head[:3] == b"\xff\xd8\xff":
        return jpeg.end_of(data, at) or len(data)
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return at + (png.end_of(data[at:]) or len(data) - at)
    if head[4:8] in VIDEOS:
        return _end_of_boxes(data, at)
    following = STARTS.search(data, at + 1, at + MOST_SEARCHED)
    return following.start() if following and head[:2] != b"PK" else len(data)


def _end_of_boxes(data: bytes, at: int) -> int:
    """Return where the boxes of a video, or of a HEIF picture, end."""
    end = at
    for kind, _, stop in heif.boxes(data, at, len(data)):
        if not kind.isalnum() or stop > len(data):
            break
        end = stop
    return end if end > at else len(data)


def _piece(data: bytes, start: int, end: int) -> Piece:
    body = data[start:end]
    container = container_of(body[:HEAD])
    if container:
        return Piece("picture", f"a {container} picture", start, body)
    if body[4:8] in VIDEOS:
        return Piece("video", "a video (motion photo)", start, body)
    note = next((name for name in NOTES if name in body[:MOST_SEARCHED] or name in body[-HEAD:]), b"")
    if note:
        return Piece("notes", NOTES[note], start, body, telling=note == EDITED)
    if body.endswith(b"IEND\xaeB\x60\x82"):
        return Piece("unknown", REST_OF_PNG, start, body, telling=True)
    kind = kind_of(body[:HEAD])
    if kind is not None and len(body) > 16:
        return Piece("file", kind.name, start, body)
    return Piece("unknown", f"of an unknown kind, beginning with {_say_bytes(body)}", start, body)


def _say_bytes(body: bytes) -> str:
    """Return the first bytes in hex, and as text."""
    head = body[:16]
    letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in head)
    return f"{head.hex(' ')} (“{letters}”)"
