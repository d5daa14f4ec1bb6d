"""Texts in a PNG's chunks (PNG, third edition, 11.3.3), and the profiles that ImageMagick keeps in them."""

import re
import zlib
from collections.abc import Iterator

from pipeline.evidence.file_parts.exif_tags import decoded
from pipeline.evidence.file_parts.texts import Text

PACKET = "XML:com.adobe.xmp"
PROFILE = "Raw profile type "
TIME = "tIME"
MOST_CHUNKS = 100_000
MOST_TEXTS = 500
MOST_BYTES = 32_000_000
"""To how many bytes the texts of one file are unpacked, together."""
HEX = re.compile(r"\s*\w+\s+\d+\s+([0-9a-fA-F\s]*)")


def blocks(data: bytes) -> tuple[tuple[bytes, ...], tuple[Text, ...]]:
    """Return the EXIF blocks and the texts of a PNG; a `tIME` chunk is a text, too, written as EXIF writes dates."""
    exif, texts, left = [], [], MOST_BYTES
    for kind, body in chunks(data):
        if kind == b"eXIf":
            exif.append(body)
        elif kind == b"tIME" and len(body) == 7:
            year, rest = int.from_bytes(body[:2], "big"), tuple(body[2:])
            texts.append(Text(TIME, "{:04}:{:02}:{:02} {:02}:{:02}:{:02}".format(year, *rest)))
        elif kind in (b"tEXt", b"zTXt", b"iTXt") and len(texts) < MOST_TEXTS and left > 0:
            text, size = _text(kind, body, left)
            left -= size
            texts.append(text)
    return tuple(exif), tuple(texts)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and body of the chunks up to IEND or to what is no chunk; checksums do not matter here."""
    at = 8
    for _ in range(MOST_CHUNKS):
        kind, size = data[at + 4 : at + 8], int.from_bytes(data[at : at + 4], "big")
        if len(kind) < 4 or not kind.isalpha() or kind == b"IEND":
            return
        yield kind, data[at + 8 : at + 8 + size] if kind != b"IDAT" else b""
        at += 12 + size


def _text(kind: bytes, body: bytes, left: int) -> tuple[Text, int]:
    """Return a text and the bytes that it has unpacked."""
    keyword, _, rest = body.partition(b"\0")
    name, packed = decoded(keyword[:79]), kind == b"zTXt"
    if packed:
        rest = rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    whole = True
    if packed:
        rest, whole = _unpack(rest, left)
    return Text(name, decoded(rest), whole), len(rest)


def _unpack(packed: bytes, most: int) -> tuple[bytes, bool]:
    """Return the first `most` bytes of what zlib packed, and whether they are all."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, most)
    except zlib.error:
        return b"", False
    return text, unpacker.eof


def profile(text: str) -> bytes:
    """Return the bytes of a profile that is written in hex behind its name and size; none of what is no such text."""
    match = HEX.match(text)
    digits = "".join(match[1].split()) if match else ""
    return bytes.fromhex(digits[: len(digits) // 2 * 2])
