"""From a file's bytes to what a decoder is given of them, by the kind that its first bytes tell."""

from dataclasses import replace
from types import MappingProxyType

from pipeline.errors import UnreadablePhoto
from pipeline.reading import gif, heif, jpeg, png, tiff, trailing
from pipeline.reading.kinds import HEAD, container_of, kind_of, picture_start
from pipeline.reading.refusals import refusal
from pipeline.reading.source import Source

SOURCE_OF = MappingProxyType(
    {"JPEG": jpeg.source_of, "PNG": png.source_of, "HEIF": heif.source_of, "GIF": gif.source_of}
)


def source_of(data: bytes, frame: int) -> Source:
    """Look through a file and return what its decoder is to be given to show one frame or page, from 0.

    Raises:
        UnreadablePhoto: it is of a kind that is not read; the message names it and says what to do.
    """
    start = picture_start(data[:HEAD])
    picture = data[start:] if start else data
    container = container_of(picture[:HEAD])
    if not container:
        raise UnreadablePhoto(refusal(kind_of(data[:HEAD])))
    source = _look_through(picture, container, frame)
    stray = f"a {container} begins after {start} bytes that do not belong to it: it was read from there"
    before = (stray,) if start else ()
    return replace(source, notes=(*before, *source.notes, *trailing.notes(picture, container)))


def _look_through(data: bytes, container: str, frame: int) -> Source:
    if container == "TIFF":
        return tiff.source_of(data, frame)
    if container in SOURCE_OF:
        return SOURCE_OF[container](data)
    size = {"WEBP": slice(4, 8), "BMP": slice(2, 6)}.get(container)
    stated = int.from_bytes(data[size], "little") + 8 * (container == "WEBP") if size else 0
    return Source(data, container, cut=stated > len(data))
