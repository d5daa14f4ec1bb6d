"""`Metadata`: all that a photo's file says of it in EXIF, XMP, IPTC and texts, read once for all signals."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from pipeline.evidence.file_parts import exif_tags, iptc_records
from pipeline.evidence.file_parts.blocks import Blocks, blocks_of
from pipeline.evidence.file_parts.exif_tags import ExifTags
from pipeline.evidence.file_parts.iptc_records import Entry
from pipeline.evidence.file_parts.texts import Text
from pipeline.evidence.file_parts.xmp_packet import Property, read_xmp
from pipeline.photo import Photo

ITEM = re.compile(r"\[\d+\]")
SEVERAL = "the file holds {count} EXIF blocks, where one is usual: the first is shown"


@dataclass(frozen=True)
class Metadata:
    """What a file says of its picture.

    Attributes:
        exif: of the first block that can be read.
        xmp: properties of all packets.
        iptc: entries of the application record.
        texts: chunks of a PNG and comments.
        small: JPEGs kept to show in lists, with what holds them.
        notes: what was damaged, or is there twice.
    """

    exif: ExifTags = field(default_factory=ExifTags)
    xmp: tuple[Property, ...] = ()
    iptc: tuple[Entry, ...] = ()
    texts: tuple[Text, ...] = ()
    small: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the blocks that are there."""
        there = {"EXIF": self.exif.values, "XMP": self.xmp, "IPTC": self.iptc, "texts": self.texts}
        return tuple(name for name, block in there.items() if block)

    def properties(self, *paths: str) -> Iterator[Property]:
        """Yield the XMP properties at some paths, which leave out the numbers of items."""
        yield from (one for one in self.xmp if ITEM.sub("", one.path) in paths)

    def property(self, path: str) -> str:
        """Return the first XMP property at a path; "" where there is none."""
        return next((one.value for one in self.properties(path)), "")

    def entry(self, number: int) -> str:
        """Return the first IPTC entry of a number; "" where there is none."""
        return next((one.text for one in self.iptc if one.number == number), "")


_READ: "WeakKeyDictionary[Photo, Metadata]" = WeakKeyDictionary()


def metadata_of(photo: Photo) -> Metadata:
    """Return what a photo's file says of it; nothing is raised of damaged blocks, notes tell of them."""
    known = _READ.get(photo)
    if known is None:
        known = _READ[photo] = _read(blocks_of(photo.data))
    return known


def _read(blocks: Blocks) -> Metadata:
    exifs = [exif_tags.read_exif(block) for block in blocks.exif]
    exif = next((one for one in exifs if one.values), exifs[0] if exifs else ExifTags())
    packets = [read_xmp(packet) for packet in blocks.xmp]
    xmp = tuple(one for properties, _ in packets for one in properties)
    several = SEVERAL.format(count=len(exifs)) if len(exifs) > 1 else ""
    notes = (exif_tags.DAMAGED if exif.damaged else "", several, *(note for _, note in packets))
    return Metadata(
        exif=exif,
        xmp=xmp,
        iptc=tuple(_entries(blocks)),
        texts=blocks.texts,
        small=tuple((name, data) for name, data in _small(blocks, exif) if data),
        notes=tuple(dict.fromkeys(filter(None, notes))),
    )


def _entries(blocks: Blocks) -> Iterator[Entry]:
    for block in blocks.resources:
        for number, data in iptc_records.resources(block):
            if number == iptc_records.RECORDS:
                yield from iptc_records.entries(data)
    for block in blocks.iptc:
        yield from iptc_records.entries(block)


def _small(blocks: Blocks, exif: ExifTags) -> Iterator[tuple[str, bytes]]:
    """Yield the JPEGs that are kept to show in lists."""
    yield "EXIF", exif.thumbnail
    for block in blocks.resources:
        yield "Photoshop", iptc_records.thumbnail(block)
    for data in blocks.small:
        yield "JFIF", data
