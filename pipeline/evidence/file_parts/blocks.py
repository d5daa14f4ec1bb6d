"""Where files keep what they say of their picture: EXIF, XMP and IPTC blocks and texts, taken out of each container."""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from PIL import Image

from pipeline.evidence.file_parts import exif_tags, gif_texts, png_texts
from pipeline.evidence.file_parts.texts import Text
from pipeline.reading import jpeg
from pipeline.reading.kinds import HEAD, container_of, picture_start
from pipeline.reading.opening import FORMATS
from pipeline.reading.refusals import DAMAGE

APP0, APP1, APP12, APP13, COMMENT = 0xE0, 0xE1, 0xEC, 0xED, 0xFE
EXIF, XMP, MORE_XMP = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
RESOURCES, DUCKY = b"Photoshop 3.0\0", b"Ducky"
COMMENT_NAME, GIF_COMMENT_NAME, SEGMENT_NAME = "JPEG comment", "GIF comment", "JPEG segment"
MOST_CHUNKS = 10_000


@dataclass(frozen=True)
class Blocks:
    """The blocks of a file, as they stand there.

    Attributes:
        exif: TIFF structures from their byte order mark on, without a header of their own.
        xmp: packets.
        resources: Photoshop's image resources.
        iptc: records that stand by themselves.
        texts: chunks and comments.
        small: JPEGs to show in lists, beside those that other blocks hold.
    """

    exif: tuple[bytes, ...] = field(default=(), repr=False)
    xmp: tuple[bytes, ...] = field(default=(), repr=False)
    resources: tuple[bytes, ...] = field(default=(), repr=False)
    iptc: tuple[bytes, ...] = field(default=(), repr=False)
    texts: tuple[Text, ...] = field(default=(), repr=False)
    small: tuple[bytes, ...] = field(default=(), repr=False)


def blocks_of(data: bytes) -> Blocks:
    """Return the blocks of a photo's file; of a kind that holds none, or a damaged one, what is there."""
    picture, container = picture_in(data)
    return TAKE[container](picture) if container in TAKE else Blocks()


def picture_in(data: bytes) -> tuple[bytes, str]:
    """Return a file from where its picture begins, and the container it is in."""
    start = picture_start(data[:HEAD])
    picture = data[start:] if start else data
    return picture, container_of(picture[:HEAD])


def bare_exif(block: bytes) -> bytes:
    """Return an EXIF block from its byte order mark on; some writers put headers in front, even two."""
    return re.sub(rb"\A(?:Exif\0[\0\xff]?)+", b"", block)


def _of_jpeg(data: bytes) -> Blocks:
    bodies: dict[int, list[bytes]] = {}
    for part in jpeg.segments(data):
        if part.marker in (APP0, APP1, APP12, APP13, COMMENT):
            bodies.setdefault(part.marker, []).append(data[part.start + 4 : part.end])
    app1, resources = bodies.get(APP1, []), bodies.get(APP13, [])
    small = [body[6:] for body in bodies.get(APP0, []) if body.startswith(b"JFXX\0\x10")]
    texts = [Text(COMMENT_NAME, exif_tags.decoded(body)) for body in bodies.get(COMMENT, [])]
    texts += [Text(SEGMENT_NAME, DUCKY.decode()) for body in bodies.get(APP12, []) if body.startswith(DUCKY)]
    return Blocks(
        exif=tuple(bare_exif(body) for body in app1 if body.startswith(EXIF)),
        xmp=(*_without(app1, XMP), *_joined(_without(app1, MORE_XMP))),
        resources=tuple(filter(None, [b"".join(_without(resources, RESOURCES))])),
        texts=tuple(texts),
        small=tuple(small),
    )


def _without(bodies: list[bytes], head: bytes) -> list[bytes]:
    return [body.removeprefix(head) for body in bodies if body.startswith(head)]


def _joined(pieces: list[bytes]) -> Iterator[bytes]:
    """Yield the packets that were too large for one segment, each from its pieces in their order (XMP part 3)."""
    packets: dict[bytes, dict[int, bytes]] = {}
    for piece in pieces:
        packets.setdefault(piece[:32], {})[int.from_bytes(piece[36:40], "big")] = piece[40:]
    for parts in packets.values():
        yield b"".join(parts[place] for place in sorted(parts))


def _of_png(data: bytes) -> Blocks:
    exif, texts = png_texts.blocks(data)
    profiles = {text.name: png_texts.profile(text.value) for text in texts if text.name.startswith(png_texts.PROFILE)}
    kinds = {name.removeprefix(png_texts.PROFILE).strip().lower(): body for name, body in profiles.items()}
    app1 = kinds.get("app1", b"")
    in_text = (kinds.get("exif", b""), app1 if app1.startswith(EXIF) else b"")
    packets = [text.value.encode("utf-8", "replace") for text in texts if text.name == png_texts.PACKET]
    packets += [kinds.get("xmp", b""), *_without([app1], XMP)]
    resources = kinds.get("8bim", b"") or kinds.get("iptc", b"")
    return Blocks(
        exif=tuple(map(bare_exif, filter(None, (*exif, *in_text)))),
        xmp=tuple(filter(None, packets)),
        resources=(resources,) if resources.startswith(b"8BIM") else (),
        iptc=(resources,) if resources.startswith(b"\x1c") else (),
        texts=tuple(text for text in texts if text.name not in profiles and text.name != png_texts.PACKET),
    )


def _of_webp(data: bytes) -> Blocks:
    chunks = [(data[at : at + 4], data[at + 8 : at + 8 + size]) for at, size in riff_chunks(data)]
    return Blocks(
        exif=tuple(bare_exif(body) for kind, body in chunks if kind == b"EXIF"),
        xmp=tuple(body for kind, body in chunks if kind == b"XMP "),
    )


def riff_chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each chunk of a WebP begins, and how many bytes its body has."""
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    for _ in range(MOST_CHUNKS):
        if at + 8 > end:
            return
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield at, size
        at += 8 + size + size % 2


def _of_gif(data: bytes) -> Blocks:
    packets, comments = gif_texts.blocks(data)
    return Blocks(xmp=packets, texts=tuple(Text(GIF_COMMENT_NAME, exif_tags.decoded(body)) for body in comments))


def _of_tiff(data: bytes) -> Blocks:
    tags = exif_tags.read_exif(data)
    inside = {tag: tags.block(exif_tags.IMAGE, tag) for tag in exif_tags.BULKY}
    return Blocks(
        exif=(data,),
        xmp=tuple(filter(None, [inside[exif_tags.XMP]])),
        resources=tuple(filter(None, [inside[exif_tags.RESOURCES]])),
        iptc=tuple(filter(None, [inside[exif_tags.IPTC]])),
    )


def _of_heif(data: bytes) -> Blocks:
    image = header_of(data)
    exif, xmp = (image.info.get(name) or b"" if image else b"" for name in ("exif", "xmp"))
    return Blocks(exif=tuple(filter(None, [bare_exif(exif)])), xmp=tuple(filter(None, [xmp])))


def header_of(picture: bytes) -> Image.Image | None:
    """Return an image that is opened and not decoded; None where its header is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which is what is looked at here
            return Image.open(io.BytesIO(picture), formats=FORMATS)
    except DAMAGE:
        return None


TAKE: Mapping[str, Callable[[bytes], Blocks]] = MappingProxyType(
    {"JPEG": _of_jpeg, "PNG": _of_png, "WEBP": _of_webp, "GIF": _of_gif, "TIFF": _of_tiff, "HEIF": _of_heif}
)
