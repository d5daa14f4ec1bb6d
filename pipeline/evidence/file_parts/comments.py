"""Fields of EXIF and XMP that hold free text: descriptions, titles, comments (Exif 3.0, 4.6.6; tags of Windows)."""

from collections.abc import Iterator
from types import MappingProxyType

from pipeline.evidence.file_parts.exif_tags import EXIF, IMAGE, decoded
from pipeline.evidence.file_parts.metadata import Metadata

USER_COMMENT = 0x9286
CODINGS = MappingProxyType({b"ASCII\0\0\0": "", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp", b"\0" * 8: ""})
"""First eight bytes of a user comment to the coding of the rest; "" is UTF-8 or Latin-1."""
WINDOWS = MappingProxyType({0x9C9B: "title", 0x9C9C: "comment", 0x9C9E: "keywords", 0x9C9F: "subject"})
WINDOWS_AUTHOR = 0x9C9D
TAGS = MappingProxyType(
    {
        "EXIF ImageDescription": (IMAGE, 0x010E),
        "EXIF ImageTitle": (EXIF, 0xA436),
        "EXIF Make": (IMAGE, 0x010F),
        "EXIF Model": (IMAGE, 0x0110),
    }
)
PROPERTIES = ("dc:title", "dc:description", "exif:UserComment", "photoshop:Headline", "photoshop:Credit")


def comments(data: Metadata) -> Iterator[tuple[str, str]]:
    """Yield name and text of the fields into which programs write whatever they like."""
    yield from ((name, text) for name, place in TAGS.items() if (text := data.exif.text(*place)))
    if comment := user_comment(data):
        yield "EXIF UserComment", comment
    for tag, name in WINDOWS.items():
        if text := windows_text(data, tag):
            yield f"Windows {name}", text
    for path in PROPERTIES:
        yield from ((f"XMP {path}", one.value) for one in data.properties(path))


def user_comment(data: Metadata) -> str:
    """Return the user comment, decoded as its first bytes say; "" where there is none."""
    block = data.exif.block(EXIF, USER_COMMENT) or data.exif.text(EXIF, USER_COMMENT).encode("utf-8", "replace")
    coding = CODINGS.get(block[:8])
    if coding is None:
        return decoded(block)
    if coding == "utf-16":
        return _utf16(block[8:])
    return block[8:].decode(coding, "replace").strip("\0 ") if coding else decoded(block[8:])


def _utf16(block: bytes) -> str:
    """Return a text in UTF-16 of either byte order: the one in which more of its first bytes are zeros wins."""
    if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return block.decode("utf-16", "replace").strip("\0 ")
    big = block[:400:2].count(0) >= block[1:400:2].count(0)
    return block.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\0 ")


def windows_text(data: Metadata, tag: int) -> str:
    """Return the text of a tag that Windows writes in UTF-16; "" where there is none."""
    return data.exif.block(IMAGE, tag).decode("utf-16-le", "replace").strip("\0 ")
