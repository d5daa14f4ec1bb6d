"""What lies behind the end of a picture: more pictures, a video, or bytes that nobody shows."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipeline.reading import gif, heif, jpeg, png

VIDEO_START = re.compile(rb"ftyp(?:mp4|iso|qt  |M4V|3gp|avc|MSNV)")
NOT_ZERO = re.compile(rb"[^\0]")
MOST_PICTURES = 100


def notes(data: bytes, container: str) -> tuple[str, ...]:
    """Say what follows a picture in its file; zeros that only fill a block are not worth a note."""
    end = ENDS[container](data) if container in ENDS else None
    if end is None:
        return ()
    pictures, end = _more_pictures(data, end) if container == "JPEG" else (0, end)
    lines = []
    if pictures:
        which = "a second picture" if pictures == 1 else f"{pictures} more pictures"
        were = "was" if pictures == 1 else "were"
        lines.append(f"{which} in the file (preview, depth or gain map) {were} not examined")
    if NOT_ZERO.search(data, end):
        video = ": a video is attached" if VIDEO_START.search(data, end) else ""
        lines.append(f"{len(data) - end} bytes after the picture's end were not examined{video}")
    return tuple(lines)


def _more_pictures(data: bytes, end: int) -> tuple[int, int]:
    """Count the JPEGs that follow one another from `end`, and return where the last of them ends."""
    for pictures in range(MOST_PICTURES):
        begin = NOT_ZERO.search(data, end)
        if begin is None or data[begin.start() : begin.start() + 3] != b"\xff\xd8\xff":
            return pictures, end
        end = jpeg.end_of(data, begin.start()) or len(data)
    return MOST_PICTURES, end


def _end_of_webp(data: bytes) -> int | None:
    size = int.from_bytes(data[4:8], "little")
    return 8 + size + size % 2


ENDS: Mapping[str, Callable[[bytes], int | None]] = MappingProxyType(
    {"JPEG": jpeg.end_of, "PNG": png.end_of, "WEBP": _end_of_webp, "GIF": gif.end_of, "HEIF": heif.end_of}
)
