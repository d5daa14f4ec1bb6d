"""Photos with metadata made on the spot: EXIF blocks put together by hand, XMP, IPTC, PNG texts, and hostile ones."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SPACES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpGImg": "http://ns.adobe.com/xap/1.0/g/img/",
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "GImage": "http://ns.google.com/photos/1.0/image/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}
IMAGE, EXIF, GPS, SMALL = 0, 0x8769, 0x8825, 1
Tags = dict[int, tuple[int, int, bytes]]
"""Number of a tag to its form, its count, and its bytes, little endian."""


def scene(height: int = 96, width: int = 128, seed: int = 1) -> np.ndarray:
    """Return smooth, asymmetric colour with some structure, (H, W, 3) uint8."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (7, 9, 3), np.uint8))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


def saved(rgb: np.ndarray | Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    (rgb if isinstance(rgb, Image.Image) else Image.fromarray(rgb)).save(buffer, form, **options)
    return buffer.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Put segments right behind a JPEG's first marker."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """Put chunks right behind a PNG's header."""
    return png[:33] + b"".join(chunks) + png[33:]


def text(value: str | bytes) -> tuple[int, int, bytes]:
    data = (value.encode() if isinstance(value, str) else value) + b"\0"
    return 2, len(data), data


def short(*values: int) -> tuple[int, int, bytes]:
    return 3, len(values), struct.pack(f"<{len(values)}H", *values)


def long(*values: int) -> tuple[int, int, bytes]:
    return 4, len(values), struct.pack(f"<{len(values)}I", *values)


def fractions(*pairs: tuple[int, int]) -> tuple[int, int, bytes]:
    return 5, len(pairs), b"".join(struct.pack("<2I", *pair) for pair in pairs)


def plain(data: bytes) -> tuple[int, int, bytes]:
    return 7, len(data), data


def exif_block(
    image: Tags | None = None, exif: Tags | None = None, gps: Tags | None = None, thumbnail: bytes = b""
) -> bytes:
    """Return an EXIF block, little endian, from its byte order mark on."""
    image = dict(image or {})
    for pointer, tags in ((EXIF, exif), (GPS, gps)):
        if tags:
            image[pointer] = long(0)
    small: Tags = {0x0201: long(0), 0x0202: long(len(thumbnail))} if thumbnail else {}
    directories = [image, *(tags for tags in (exif, gps, small) if tags)]
    starts, at = [], 8
    for tags in directories:
        starts.append(at)
        at += 2 + 12 * len(tags) + 4 + sum(len(data) + len(data) % 2 for _, _, data in tags.values() if len(data) > 4)
    following = iter(starts[1:])
    for pointer, tags in ((EXIF, exif), (GPS, gps)):
        if tags:
            image[pointer] = long(next(following))
    if small:
        small[0x0201] = long(at)
    out = struct.pack("<2sHI", b"II", 42, 8)
    for number, (tags, start) in enumerate(zip(directories, starts, strict=True)):
        last = starts[-1] if small and number == 0 else 0
        out += _directory(image if number == 0 else tags, start, last)
    return out + thumbnail


def _directory(tags: Tags, start: int, following: int) -> bytes:
    head, aside = struct.pack("<H", len(tags)), b""
    place = start + 2 + 12 * len(tags) + 4
    for tag, (form, count, data) in sorted(tags.items()):
        value = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", place + len(aside))
        aside += data + b"\0" * (len(data) % 2) if len(data) > 4 else b""
        head += struct.pack("<HHI", tag, form, count) + value
    return head + struct.pack("<I", following) + aside


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def xmp(attributes: dict[str, str] | None = None, inside: str = "") -> bytes:
    """Return a packet whose description has attributes, and elements inside."""
    spaces = " ".join(f'xmlns:{name}="{space}"' for name, space in SPACES.items())
    from xml.sax.saxutils import quoteattr

    values = " ".join(f"{name}={quoteattr(value)}" for name, value in (attributes or {}).items())
    description = f'<rdf:Description rdf:about="" {spaces} {values}>{inside}</rdf:Description>'
    rdf = f'<rdf:RDF xmlns:rdf="{RDF}">{description}</rdf:RDF>'
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta>'
    return b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>' + packet.encode() + b'<?xpacket end="w"?>'


def xmp_segment(packet: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def records(*entries: tuple[int, str]) -> bytes:
    """Return IPTC records of the application record, in UTF-8."""
    out = b"\x1c\x01\x5a\0\x03\x1b%G"
    for number, value in entries:
        data = value.encode()
        out += b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(data)) + data
    return out


def resource(number: int, data: bytes) -> bytes:
    """Return a Photoshop image resource without a name."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


def photoshop_segment(*resources: bytes) -> bytes:
    return segment(0xED, b"Photoshop 3.0\0" + b"".join(resources))


def iptc_segment(*entries: tuple[int, str]) -> bytes:
    return photoshop_segment(resource(0x0404, records(*entries)))


JPEG = saved(scene(), quality=92)
PNG = saved(scene(), "PNG")
