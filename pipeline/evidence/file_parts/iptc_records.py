"""IPTC-IIM 4.2 records and the Photoshop image resources that hold them (Adobe, Photoshop File Formats)."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.evidence.file_parts.exif_tags import decoded

RECORDS, THUMBNAIL, OLD_THUMBNAIL = 0x0404, 0x040C, 0x0409
THUMBNAIL_HEAD = 28
"""Bytes in front of a thumbnail's JPEG."""
UTF8 = b"\x1b%G"
MOST_RESOURCES, MOST_RECORDS = 1000, 2000
NAMES = MappingProxyType(
    {
        5: "Title",
        7: "Edit status",
        10: "Urgency",
        15: "Category",
        20: "Supplemental category",
        22: "Fixture identifier",
        25: "Keyword",
        40: "Special instructions",
        55: "Date created",
        60: "Time created",
        62: "Digital creation date",
        63: "Digital creation time",
        65: "Originating program",
        70: "Program version",
        80: "By-line",
        85: "By-line title",
        90: "City",
        92: "Sublocation",
        95: "Province or state",
        101: "Country",
        103: "Original transmission reference",
        105: "Headline",
        110: "Credit",
        115: "Source",
        116: "Copyright notice",
        118: "Contact",
        120: "Caption",
        122: "Writer of the caption",
    }
)
"""Data sets of the application record, by number; others are passed over."""


@dataclass(frozen=True)
class Entry:
    """One data set of the application record: its number, and its text."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """What the standard calls it."""
        return NAMES[self.number]


def resources(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of the image resources in a block, as far as they can be followed."""
    at = 0
    for _ in range(MOST_RESOURCES):
        if block[at : at + 4] not in (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR") or at + 7 > len(block):
            return
        number, name = int.from_bytes(block[at + 4 : at + 6], "big"), block[at + 6]
        start = at + 6 + (name + 2) // 2 * 2 + 4
        size = int.from_bytes(block[start - 4 : start], "big")
        yield number, block[start : start + size]
        at = start + size + size % 2


def entries(block: bytes) -> Iterator[Entry]:
    """Yield the records that have a name, as far as they can be followed."""
    at, coding = 0, ""
    for _ in range(MOST_RECORDS):
        if block[at : at + 1] != b"\x1c" or at + 5 > len(block):
            return
        record, number, size = block[at + 1], block[at + 2], int.from_bytes(block[at + 3 : at + 5], "big")
        if size & 0x8000:  # more than a picture's record can need
            return
        value = block[at + 5 : at + 5 + size]
        if (record, number) == (1, 90):
            coding = "utf-8" if value == UTF8 else ""
        elif record == 2 and number in NAMES and value:
            yield Entry(number, value.decode(coding, "replace") if coding else decoded(value))
        at += 5 + size


def thumbnail(block: bytes) -> bytes:
    """Return the JPEG that Photoshop keeps to show in lists; empty where there is none."""
    for number, data in resources(block):
        if number in (THUMBNAIL, OLD_THUMBNAIL) and data[THUMBNAIL_HEAD : THUMBNAIL_HEAD + 2] == b"\xff\xd8":
            return data[THUMBNAIL_HEAD:]
    return b""
