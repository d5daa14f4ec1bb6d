"""Which programs say that they wrote a photo's file, and where they say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.evidence.file_parts.blocks import COMMENT_NAME, GIF_COMMENT_NAME, SEGMENT_NAME
from pipeline.evidence.file_parts.exif_tags import EXIF, IMAGE
from pipeline.evidence.file_parts.known_software import Program, programs
from pipeline.evidence.file_parts.metadata import Metadata

TAGS = MappingProxyType(
    {
        "EXIF Software": (IMAGE, 0x0131),
        "EXIF ProcessingSoftware": (IMAGE, 0x000B),
        "EXIF RAWDevelopingSoftware": (EXIF, 0xA43A),
        "EXIF ImageEditingSoftware": (EXIF, 0xA43B),
        "EXIF MetadataEditingSoftware": (EXIF, 0xA43C),
    }
)
PROPERTIES = (
    "xmp:CreatorTool",
    "tiff:Software",
    "x:xmptk",
    "crs:Version",
    "GIMP:Version",
    "xmpMM:History/stEvt:softwareAgent",
)
PREFIXES = MappingProxyType({"GIMP:": "GIMP", "darktable:": "darktable", "crs:": "Camera Raw"})
"""Properties that a program keeps to itself, by which it is known without a name."""
FACEBOOK = "FBMD"
PROGRAM, VERSION, INSTRUCTIONS = 65, 70, 40
DUCKY = "Adobe Photoshop, Save for Web (JPEG segment “Ducky”)"


@dataclass(frozen=True)
class Writer:
    """A field that names what wrote the file, its text, and the known programs in it."""

    field: str
    text: str
    programs: tuple[Program, ...]


def writers(data: Metadata) -> tuple[Writer, ...]:
    """Return the fields that name a program, each text once a field."""
    pairs = dict.fromkeys((field, text.strip()) for field, text in _fields(data) if text.strip())
    return tuple(Writer(field, text, programs(text)) for field, text in pairs)


def _fields(data: Metadata) -> Iterator[tuple[str, str]]:
    yield from ((name, data.exif.text(*place)) for name, place in TAGS.items())
    for path in PROPERTIES:
        before = "Camera Raw " if path == "crs:Version" else "GIMP " if path == "GIMP:Version" else ""
        yield from ((f"XMP {path}", before + one.value) for one in data.properties(path))
    for prefix, name in PREFIXES.items():
        if any(one.path.startswith(prefix) for one in data.xmp):
            yield f"XMP {prefix}…", name
    yield "IPTC originating program", f"{data.entry(PROGRAM)} {data.entry(VERSION)}"
    if data.entry(INSTRUCTIONS).startswith(FACEBOOK):
        yield "IPTC special instructions", f"Facebook ({data.entry(INSTRUCTIONS)[:60]})"
    yield from _of_texts(data)


def _of_texts(data: Metadata) -> Iterator[tuple[str, str]]:
    for text in data.texts:
        if text.name.casefold() == "software":
            yield text.title, text.value
        elif text.name == SEGMENT_NAME:
            yield text.name, DUCKY
        elif text.name in (COMMENT_NAME, GIF_COMMENT_NAME) and programs(text.value):
            yield text.name, text.value
