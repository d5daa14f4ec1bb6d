"""TIFF, directory by directory (TIFF 6.0, TIFF/EP, DNG).

Camera raw is refused, thumbnails are passed over, and a page is chosen.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import UnreadablePhoto
from pipeline.reading.coding import Coding
from pipeline.reading.kinds import RAW
from pipeline.reading.refusals import refusal
from pipeline.reading.source import Source
from pipeline.reading.upright import TURNED, TURNS

NEW_SUBFILE, SUBFILE, WIDTH, HEIGHT, PHOTOMETRIC, ORIENTATION = 254, 255, 256, 257, 262, 274
SUB_IFDS, FORMAT, PROFILE, DNG = 330, 339, 34675, 50706
STRIPS, STRIP_SIZES, TILES, TILE_SIZES = 273, 279, 324, 325
ASKED = frozenset((NEW_SUBFILE, SUBFILE, WIDTH, HEIGHT, PHOTOMETRIC, ORIENTATION, SUB_IFDS, FORMAT, PROFILE, DNG))
PLACES = frozenset((STRIPS, STRIP_SIZES, TILES, TILE_SIZES))
SENSOR = (32803, 34892)
"""Photometric interpretations of camera raw: colour filter array, linear raw."""
RGB, FLOAT = 2, 3
LETTERS: Mapping[int, str] = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
MOST_ENTRIES, LEAST_ENTRIES, MOST_VALUES, MOST_PLACES = 1_000_000, 8, 64, 1_000_000
"""What is looked at in one file, one tag, one page's places: directories can be made to overlap and never to end."""
PASSED_OVER = "reduced copies of the picture in the file were passed over: its full-size page was examined"
ONLY_COPIES = "the file says that it holds no more than a reduced copy of a picture"
ONLY_A_COPY = "The file's full-size page is missing, only a reduced copy is there. Get the original again."
BROKEN = "what follows the first frame or page is damaged: only the first was examined"


@dataclass(frozen=True)
class Page:
    """One directory: where it lies, and the values of its tags that are whole numbers."""

    start: int
    tags: Mapping[int, tuple[int, ...]]

    def first(self, tag: int, otherwise: int = 0) -> int:
        """Return the first value of a tag."""
        return self.tags.get(tag, (otherwise,))[0]

    @property
    def is_full_size(self) -> bool:
        """Whether it is neither a reduced copy nor a mask of another page."""
        return not self.first(NEW_SUBFILE) & 0b101 and self.first(SUBFILE) != 2

    @property
    def is_raw(self) -> bool:
        """Whether it holds what a sensor saw, or belongs to a file that does."""
        return self.first(PHOTOMETRIC) in SENSOR or DNG in self.tags

    @property
    def has_float_colours(self) -> bool:
        """Whether it has three channels of floating point, which Pillow does not read."""
        return self.first(PHOTOMETRIC) == RGB and self.first(FORMAT) == FLOAT


def source_of(data: bytes, frame: int) -> Source:
    """Look through a TIFF and return what its decoder is to be given to show the page `frame`, from 0.

    Raises:
        UnreadablePhoto: it is a camera raw file, whose thumbnail must not be judged for it.
    """
    reader = Reader(data)
    chain = list(reader.chain())
    under = [page for above in chain for page in reader.under(above)]
    if any(page.is_raw for page in (*chain, *under)):
        raise UnreadablePhoto(refusal(RAW))
    whole = [page for page in chain if page.is_full_size] or [page for page in under if page.is_full_size]
    if chain and not whole and reader.broken:
        raise UnreadablePhoto(ONLY_A_COPY)
    pages = whole or chain
    if not 0 <= frame < len(pages):
        return Source(data, "TIFF", frames=max(1, len(pages)), cut=reader.broken)
    notes = [] if all(page.is_full_size for page in chain) else [PASSED_OVER if whole else ONLY_COPIES]
    notes += [BROKEN] if reader.broken and not frame else []
    return _source_of_page(reader, pages, frame, tuple(notes), chain[0])


def _source_of_page(reader: "Reader", pages: Sequence[Page], frame: int, notes: tuple[str, ...], first: Page) -> Source:
    page = pages[frame]
    source = Source(
        data=reader.data if page is first else reader.beginning_with(page),
        container="TIFF",
        notes=notes,
        frames=1 if reader.broken else len(pages),
        cut=reader.end_of(page) > len(reader.data),
    )
    return _of_floats(source, page) if page.has_float_colours else source


def _of_floats(source: Source, page: Page) -> Source:
    """Return the source of a page that Pillow does not open; what decodes it turns it upright as well."""
    size, orientation = (page.first(WIDTH), page.first(HEIGHT)), page.first(ORIENTATION, 1)
    return replace(
        source,
        notes=(*source.notes, TURNED) if orientation in TURNS else source.notes,
        coding=_linear(page),
        stand_in=size if orientation < 5 else size[::-1],
        deep=True,
    )


def _linear(page: Page) -> Coding:
    """Return what floating point colours mean by custom: light, of sRGB's primaries."""
    unprofiled = ", without their colour profile" if PROFILE in page.tags else ""
    return Coding(f"floating point colours were taken as linear light{unprofiled}", None, 1.0)


class Reader:
    """Follows a TIFF's directories, each once, in either byte order, classic or BigTIFF.

    Attributes:
        data: the file's bytes.
        broken: the chain of pages did not end as it should; known once it was followed.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.broken = False
        self._order = "<" if data[:2] == b"II" else ">"
        self._big = data[2:4] in (b"+\0", b"\0+")
        self._word, self._size = ("Q", 8) if self._big else ("I", 4)
        self._seen: set[int] = set()
        self._left = MOST_ENTRIES

    def chain(self) -> Iterator[Page]:
        """Yield the pages in their order."""
        try:
            start = self._number(self._word, self._size)
            while start and start not in self._seen:
                page, start = self._page(start)
                yield page
        except struct.error:
            self.broken = True

    def under(self, page: Page) -> Iterator[Page]:
        """Yield the pages that lie under a page, where raw files and pyramids keep theirs."""
        for start in page.tags.get(SUB_IFDS, ()):
            if start not in self._seen:
                try:
                    yield self._page(start)[0]
                except struct.error:
                    continue

    def beginning_with(self, page: Page) -> bytes:
        """Return a copy of the file whose first page is another."""
        head = self.data[: self._size] + struct.pack(self._order + self._word, page.start)
        return head + self.data[len(head) :]

    def end_of(self, page: Page) -> int:
        """Return where the last of a page's pixels ends."""
        try:
            tags = dict(self._entries(self._room(page.start), PLACES, MOST_PLACES))
        except struct.error:
            return 0
        starts, sizes = (TILES, TILE_SIZES) if TILES in tags else (STRIPS, STRIP_SIZES)
        return max(map(sum, zip(tags.get(starts, ()), tags.get(sizes, ()), strict=False)), default=0)

    def _number(self, letter: str, at: int) -> int:
        """Return the number at a place; struct.error where it lies outside the file."""
        if not 0 <= at < len(self.data):
            raise struct.error("a place outside the file")
        return int(struct.unpack_from(self._order + letter, self.data, at)[0])

    def _page(self, start: int) -> tuple[Page, int]:
        """Return the page at a place, and the place of the next; 0 after the last."""
        self._seen.add(start)
        room = self._room(start)
        return Page(start, dict(self._entries(room, ASKED, MOST_VALUES))), self._number(self._word, room.stop)

    def _room(self, start: int) -> range:
        """Return the places of a directory's entries."""
        head, step, letter = (8, 20, "Q") if self._big else (2, 12, "H")
        count = self._number(letter, start)
        self._left -= count + LEAST_ENTRIES
        if self._left < 0:
            raise struct.error("more directories than any camera writes")
        return range(start + head, start + head + step * count, step)

    def _entries(self, room: range, asked: frozenset[int], most: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield those tags of a directory that are asked for; a tag that is there but holds no numbers as (0,)."""
        for at in room:
            tag = self._number("H", at)
            if tag in asked:
                yield tag, self._values(at, most) or (0,)

    def _values(self, at: int, most: int) -> tuple[int, ...]:
        """Return the whole numbers of the entry at a place; none where it holds others, too many, or lies outside."""
        kind, count = self._number("H", at + 2), self._number(self._word, at + 4)
        if kind not in LETTERS or not 0 < count <= most:
            return ()
        form, place = f"{self._order}{count}{LETTERS[kind]}", at + 4 + self._size
        if struct.calcsize(form) > self._size:
            place = self._number(self._word, place)
        whole = place + struct.calcsize(form) <= len(self.data)
        return struct.unpack_from(form, self.data, place) if whole else ()
