"""`JpegHeader`: what a JPEG says of its own coding, marker by marker (ITU-T T.81, Annex B)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from pipeline.reading.jpeg import FRAMES, PROGRESSIVE, SOS, Segment, segments

DQT, DHT, DRI, SOF0 = 0xDB, 0xC4, 0xDD, 0xC0
ARITHMETIC = frozenset((0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
LOSSLESS = frozenset((0xC3, 0xC7, 0xCB, 0xCF))
NAMES = {0xD8: "SOI", 0xD9: "EOI", DQT: "DQT", DHT: "DHT", DRI: "DRI", SOS: "SOS", 0xFE: "COM", 0xDC: "DNL"}
PARTS = {
    b"JFIF\0": "JFIF", b"JFXX\0": "JFIF thumbnail", b"Exif\0": "Exif", b"http://ns.adobe.com/xap/1.0/\0": "XMP",
    b"http://ns.adobe.com/xmp/extension/\0": "XMP, continued", b"ICC_PROFILE\0": "colour profile", b"MPF\0": "MPF",
    b"Photoshop 3.0\0": "Photoshop, IPTC", b"Adobe": "Adobe", b"Ducky": "Ducky", b"JP": "JUMBF",
}  # fmt: skip
"""First bytes of an application segment to what it is."""
SAMPLINGS: dict[tuple[float, float], str] = {
    (1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1", (4, 2): "4:1:0",
}  # fmt: skip
MOST_MARKERS = 4000
MOST_TABLES = 100
"""Huffman tables that are kept of a file."""
ZIGZAG = np.array([
    0, 1, 5, 6, 14, 15, 27, 28,       2, 4, 7, 13, 16, 26, 29, 42,      3, 8, 12, 17, 25, 30, 41, 43,
    9, 11, 18, 24, 31, 40, 44, 53,    10, 19, 23, 32, 39, 45, 52, 54,   20, 22, 33, 38, 46, 51, 55, 60,
    21, 34, 37, 47, 50, 56, 59, 61,   35, 36, 48, 49, 57, 58, 62, 63,
])  # fmt: skip
"""Place in zigzag order of what stands row by row (T.81, figure 5)."""


@dataclass(frozen=True)
class Component:
    """One plane of a JPEG: its identifier, samples across and down a unit, and the number of its quantisation table."""

    identifier: int
    across: int
    down: int
    table: int


@dataclass(frozen=True)
class HuffmanTable:
    """One Huffman table: "DC" or "AC", its number, how many codes have each length (16 bytes), what they stand for."""

    kind: str
    number: int
    counts: bytes
    symbols: bytes


@dataclass(frozen=True, eq=False)
class JpegHeader:
    """What a JPEG says of its coding.

    Attributes:
        marker: of its frame, 0xC0 to 0xCF.
        precision: bits a sample.
        width, height: as stored, in pixels.
        components: its planes, the luminance first.
        tables: number to quantisation table, (8, 8) int, the lowest frequency at the top left.
        huffman: its Huffman tables, in the file's order.
        restart: units between two restart markers; 0 where there are none.
        scans: how often it goes over the picture.
        markers: names of its markers in order, application segments by what they hold.
        adobe_transform: colour transform that an Adobe segment tells; None where there is none.
        parts: name to content of its application segments, the first of each.
    """

    marker: int
    precision: int
    width: int
    height: int
    components: tuple[Component, ...]
    tables: dict[int, np.ndarray]
    huffman: tuple[HuffmanTable, ...]
    restart: int
    scans: int
    markers: tuple[str, ...]
    adobe_transform: int | None = None
    parts: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def progressive(self) -> bool:
        """Whether it is stored in passes that refine the whole picture."""
        return self.marker in PROGRESSIVE

    @property
    def has_luminance(self) -> bool:
        """Whether its first plane is luminance: grey, or Y of YCbCr (JFIF 1.02; Adobe TN 5116)."""
        if len(self.components) == 1:
            return True
        stored_as_rgb = [each.identifier for each in self.components] == [*b"RGB"] or self.adobe_transform == 0
        return len(self.components) == 3 and not stored_as_rgb

    @property
    def luminance(self) -> np.ndarray | None:
        """The luminance's quantisation table, (8, 8) int; None where there is no luminance or no table."""
        return self.tables.get(self.components[0].table) if self.has_luminance and self.components else None

    @property
    def chrominance(self) -> np.ndarray | None:
        """The chrominance's quantisation table, (8, 8) int; None where there is none."""
        return self.tables.get(self.components[1].table) if self.has_luminance and len(self.components) > 1 else None

    @property
    def subsampling(self) -> str:
        """Chroma subsampling, "4:2:0" and the like; samples of each plane where it has no such name; "" of grey."""
        if len(self.components) < 2:
            return ""
        first, *others = self.components
        pairs = {(first.across / each.across, first.down / each.down) for each in others if each.across and each.down}
        plain = ", ".join(f"{each.across}×{each.down}" for each in self.components)
        return SAMPLINGS.get(next(iter(pairs)), plain) if len(pairs) == 1 else plain


def read_header(data: bytes) -> JpegHeader | None:
    """Read the header of the JPEG at the start of some bytes; None where its frame is missing or cut short."""
    parts = [part for part in islice(segments(data), MOST_MARKERS) if part.end <= len(data)]
    frame = next((part for part in parts if part.marker in FRAMES), None)
    body = data[frame.start + 4 : frame.end] if frame else b""
    if frame is None or len(body) < 6:
        return None
    precision, height, width, count = struct.unpack(">BHHB", body[:6])
    planes = [body[at : at + 3] for at in range(6, min(len(body) - 2, 6 + 3 * count), 3)]
    head = [part for part in parts if part.start < _first_scan(parts)]
    named = {_part_name(data, part): data[part.start + 4 : part.end] for part in reversed(head)}
    adobe = named.get("Adobe", b"")
    intervals = [data[part.start + 4 : part.end] for part in head if part.marker == DRI]
    return JpegHeader(
        frame.marker,
        precision,
        width,
        height,
        tuple(Component(plane[0], plane[1] >> 4, plane[1] & 15, plane[2]) for plane in planes),
        {number: table for part in head if part.marker == DQT for number, table in _tables(data, part)},
        tuple(islice((table for part in parts if part.marker == DHT for table in _huffman(data, part)), MOST_TABLES)),
        int.from_bytes(intervals[-1][:2], "big") if intervals else 0,
        sum(part.marker == SOS for part in parts),
        tuple(_part_name(data, part) for part in parts),
        adobe[11] if len(adobe) > 11 else None,
        {name: body for name, body in named.items() if name in PARTS.values()},
    )


def _first_scan(parts: list[Segment]) -> int:
    return next((part.start for part in parts if part.marker == SOS), parts[-1].end)


def _part_name(data: bytes, part: Segment) -> str:
    if 0xE0 <= part.marker <= 0xEF:
        body = data[part.start + 4 : min(part.end, part.start + 44)]
        return next((name for start, name in PARTS.items() if body.startswith(start)), f"APP{part.marker - 0xE0}")
    if part.marker in FRAMES:
        return f"SOF{part.marker - SOF0}"
    return NAMES.get(part.marker, f"0x{part.marker:02X}")


def _tables(data: bytes, part: Segment) -> Iterator[tuple[int, np.ndarray]]:
    """Yield number and table, (8, 8) int, of a DQT segment (T.81, B.2.4.1)."""
    at = part.start + 4
    while at < part.end:
        wide, number = data[at] >> 4, data[at] & 15
        size = 64 << bool(wide)
        if at + 1 + size > part.end:
            return
        values = np.frombuffer(data, ">u2" if wide else "u1", 64, at + 1).astype(int)
        yield number, values[ZIGZAG].reshape(8, 8)
        at += 1 + size


def _huffman(data: bytes, part: Segment) -> Iterator[HuffmanTable]:
    """Yield the tables of a DHT segment (T.81, B.2.4.2)."""
    at = part.start + 4
    while at + 17 <= part.end:
        counts = data[at + 1 : at + 17]
        end = at + 17 + sum(counts)
        if end > part.end:
            return
        yield HuffmanTable("AC" if data[at] >> 4 else "DC", data[at] & 15, counts, data[at + 17 : end])
        at = end
