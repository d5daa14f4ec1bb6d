"""EXIF, directory by directory (Exif 3.0, TIFF 6.0, BigTIFF): those tags that are shown, whatever the others claim.

Only four directories are followed, each once, and what a tag may hold is bounded: libraries read every tag, and a
small block can be made to hold billions of values that overlap. Maker notes are left alone.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Value = str | bytes | tuple[int, ...] | tuple[float, ...]
"""Text, bytes without a form, whole numbers, or fractions."""
IMAGE, EXIF, GPS, THUMBNAIL = "image", "exif", "gps", "thumbnail"
POINTERS = MappingProxyType({EXIF: 0x8769, GPS: 0x8825})
XMP, IPTC, RESOURCES = 0x02BC, 0x83BB, 0x8649
THUMBNAIL_START, THUMBNAIL_SIZE = 0x0201, 0x0202
MAKER_NOTE, COPYRIGHT = 0x927C, 0x8298
BULKY = frozenset((XMP, IPTC, RESOURCES))
"""Tags of a TIFF file that hold whole blocks of another form."""
SIZES = MappingProxyType({1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
                          129: 1})  # fmt: skip
LETTERS = MappingProxyType({3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q"})
TEXTS, BYTES, FRACTIONS = (2, 129), (1, 7), {5: "I", 10: "i"}
MOST_TAGS = 4000
"""Entries looked at in one directory; cameras write under a hundred."""
MOST_BYTES = 12_000_000
MOST_BULK = 32_000_000
MOST_NUMBERS = 64
DAMAGED = "the EXIF block is damaged: what could be followed of it is shown"


@dataclass(frozen=True)
class ExifTags:
    """What a block holds.

    Attributes:
        values: by directory (`IMAGE`, `EXIF`, `GPS`, `THUMBNAIL`) and number of the tag.
        damaged: something of it could not be followed.
        thumbnail: the JPEG that the second directory points to; empty where there is none.
    """

    values: Mapping[tuple[str, int], Value] = field(default_factory=dict)
    damaged: bool = False
    thumbnail: bytes = field(default=b"", repr=False)

    def text(self, directory: str, tag: int) -> str:
        """Return a tag as text on no more than its own lines; "" where it is not there, or holds none."""
        value = self.values.get((directory, tag), "")
        if isinstance(value, bytes):
            return decoded(value)
        return value if isinstance(value, str) else ", ".join(f"{number:g}" for number in value)

    def numbers(self, directory: str, tag: int) -> tuple[float, ...]:
        """Return a tag's numbers; none where it is not there, or holds none."""
        value = self.values.get((directory, tag), ())
        return tuple(map(float, value)) if isinstance(value, tuple) else ()

    def block(self, directory: str, tag: int) -> bytes:
        """Return a tag's bytes; none where it holds something else."""
        value = self.values.get((directory, tag), b"")
        return value if isinstance(value, bytes) else b""


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8, or else Latin-1, up to the first run of zeros that ends them."""
    data = data.rstrip(b"\0 ")
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return data.decode("latin-1").strip()


def read_exif(data: bytes) -> ExifTags:
    """Read a block from its byte order mark on; a damaged one gives what can be followed, anything else nothing."""
    if data[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return ExifTags({}, damaged=bool(data))
    reader = _Reader(data)
    values: dict[tuple[str, int], Value] = {}
    try:
        first = reader.number(reader.word, reader.size)
        following = reader.into(values, IMAGE, first)
        for name, tag in POINTERS.items():
            place = values.get((IMAGE, tag))
            if isinstance(place, tuple) and place:
                reader.into(values, name, int(place[0]))
        if following:
            reader.into(values, THUMBNAIL, following)
    except struct.error:
        reader.damaged = True
    return ExifTags(values, reader.damaged, _thumbnail(data, values))


def _thumbnail(data: bytes, values: Mapping[tuple[str, int], Value]) -> bytes:
    """Return the bytes of the small JPEG, whole or cut by the block's end."""
    start, size = (values.get((THUMBNAIL, tag)) for tag in (THUMBNAIL_START, THUMBNAIL_SIZE))
    if not (isinstance(start, tuple) and isinstance(size, tuple) and start and size):
        return b""
    piece = data[int(start[0]) : int(start[0]) + int(size[0])] if start[0] > 0 and size[0] > 0 else b""
    return piece if piece[:2] == b"\xff\xd8" else b""


class _Reader:
    """Reads directories; what lies outside the block raises struct.error or marks it as damaged."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.damaged = False
        self._order = "<" if data[:2] == b"II" else ">"
        big = b"+" in data[2:4]
        self.word, self.size = ("Q", 8) if big else ("I", 4)
        self._head, self._step, self._count = (8, 20, "Q") if big else (2, 12, "H")
        self._left = MOST_BYTES
        self._seen: set[int] = set()

    def number(self, letter: str, at: int) -> int:
        """Return the number at a place."""
        if not 0 <= at < len(self.data):
            raise struct.error("a place outside the block")
        return int(struct.unpack_from(self._order + letter, self.data, at)[0])

    def into(self, values: dict[tuple[str, int], Value], name: str, start: int) -> int:
        """Read the directory at a place into the values, and return the place of the next; 0 after the last."""
        if start in self._seen:
            raise struct.error("a directory that was there already")
        self._seen.add(start)
        count = self.number(self._count, start)
        for at in self._places(start, count):
            tag = self.number("H", at)
            value = None if (name, tag) in values or tag == MAKER_NOTE else self._value(at, tag)
            if value is not None:
                values[name, tag] = value
        after = start + self._head + self._step * count
        return self.number(self.word, after) if after < len(self.data) else 0

    def _places(self, start: int, count: int) -> Iterator[int]:
        """Yield the places of a directory's entries, as far as they lie in the block."""
        end = len(self.data) - self._step
        for number in range(min(count, MOST_TAGS)):
            at = start + self._head + self._step * number
            if at > end:
                break
            yield at
        else:
            self.damaged |= count > MOST_TAGS
            return
        self.damaged = True

    def _value(self, at: int, tag: int) -> Value | None:
        """Return what the entry at a place holds; None where it lies outside, or has a form that nobody defined."""
        form, count = self.number("H", at + 2), self.number(self.word, at + 4)
        whole, place = SIZES.get(form, 0) * count, at + 4 + self.size
        if whole > self.size:
            place = self.number(self.word, place)
        if not whole or place + whole > len(self.data):
            self.damaged |= bool(whole)
            return None
        if form in TEXTS or form in BYTES or tag in BULKY:
            return self._bytes(place, whole, tag, form)
        return self._numbers(place, count, form)

    def _bytes(self, place: int, whole: int, tag: int, form: int) -> Value:
        most = MOST_BULK if tag in BULKY else self._left
        piece = self.data[place : place + min(whole, most)]
        self._left -= 0 if tag in BULKY else len(piece)
        if form not in TEXTS or tag in BULKY:
            return piece
        between = b"; " if tag == COPYRIGHT else b"\0"  # of the photographer, and then of the editor
        return decoded(piece.rstrip(b"\0 ").replace(b"\0", between).partition(b"\0")[0])

    def _numbers(self, place: int, count: int, form: int) -> Value:
        count = min(count, MOST_NUMBERS)
        if form in FRACTIONS:
            pairs = struct.unpack_from(f"{self._order}{2 * count}{FRACTIONS[form]}", self.data, place)
            return tuple(over / under if under else 0.0 for over, under in zip(pairs[::2], pairs[1::2], strict=True))
        return struct.unpack_from(f"{self._order}{count}{LETTERS[form]}", self.data, place)
