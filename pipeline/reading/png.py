"""PNG, chunk by chunk (PNG specification, third edition): what decoders trip over is left out of a copy.

Text of any size, a colour profile over a megabyte and wrong checksums beside the picture make Pillow refuse a file
that every browser shows. The chunks that hold pixels stay as they are.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pipeline.errors import UnreadablePhoto
from pipeline.reading.coding import SRGB, Chromaticities, Coding, coding_of, mixing
from pipeline.reading.refusals import TOO_MANY_PARTS
from pipeline.reading.source import BROKEN_PROFILE, Source

MOST_CHUNKS = 250_000
MOST_TEXT = 1_000_000
"""Bytes to which a text or profile may unpack in what the decoder is given; it refuses a little more."""
MOST_TEXTS = 32_000_000
MOST_PROFILE = 16_000_000
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
SIZES = MappingProxyType({b"gAMA": 4, b"cHRM": 32, b"pHYs": 9, b"sRGB": 1, b"cICP": 4, b"acTL": 8, b"fcTL": 26})
"""Bytes of the chunks whose size is fixed; any other size is damage."""
TOO_LARGE = f"colour profile unpacks to over {MOST_PROFILE // 1_000_000} MB, too large: colours shown without it"
USUAL_GAMMA = 0.45455


class Chunk(NamedTuple):
    """One chunk of a file: its four letters, where it lies, whether all of it is there and its checksum right."""

    kind: bytes
    start: int
    end: int
    sound: bool
    whole: bool

    @property
    def body(self) -> slice:
        """Where its data lie in the file."""
        return slice(self.start + 8, max(self.start + 8, self.end - 4))

    @property
    def aside(self) -> bool:
        """Whether a picture can be shown without it."""
        return self.kind[:1].islower()


def source_of(data: bytes) -> Source:
    """Look through a PNG and return what its decoder is to be given.

    Raises:
        UnreadablePhoto: it is made of so many chunks that a decoder would take minutes.
    """
    chunks = tuple(_chunks(data))
    if len(chunks) == MOST_CHUNKS:
        raise UnreadablePhoto(TOO_MANY_PARTS)
    damaged = {chunk for chunk in chunks if chunk.aside and _is_damaged(chunk)}
    sound = [chunk for chunk in chunks if chunk not in damaged]
    profile, held_back, note = _profile(data, sound)
    left_out = damaged | _heavy_texts(data, sound) | ({held_back} if held_back else set())
    mended = _mendable(data, chunks)
    coding = _coding({chunk.kind: data[chunk.body] for chunk in sound if chunk.kind in SIZES}, note or profile)
    return Source(
        data=_join_chunks(data, chunks, left_out, mended) if left_out or mended else data,
        container="PNG",
        notes=tuple(filter(None, (_say_damaged(damaged), _say_mended(mended), note))),
        profile=profile,
        claims_profile=any(chunk.kind == b"iCCP" for chunk in chunks) and not note,
        coding=coding,
        coding_first=any(chunk.kind == b"cICP" for chunk in sound),
        deep=coding is not None and data[24:25] == b"\x10" and not any(chunk.kind == b"acTL" for chunk in chunks),
        cut=not chunks or not chunks[-1].whole or chunks[-1].kind != b"IEND",
    )


def end_of(data: bytes) -> int | None:
    """Return where a PNG ends, after its IEND chunk; None where there is none."""
    return next((chunk.end for chunk in _chunks(data) if chunk.kind == b"IEND"), None)


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks up to IEND, the file's end, or what is no chunk."""
    at, view = 8, memoryview(data)
    for _ in range(MOST_CHUNKS):
        kind = data[at + 4 : at + 8]
        if len(kind) < 4 or not kind.isalpha():
            return
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        whole = end <= len(data)
        sound = whole and zlib.crc32(view[at + 4 : end - 4]) == int.from_bytes(view[end - 4 : end], "big")
        yield Chunk(kind, at, min(end, len(data)), sound, whole)
        at = end
        if kind == b"IEND":
            return


def _is_damaged(chunk: Chunk) -> bool:
    return not chunk.sound or chunk.end - chunk.start - 12 != SIZES.get(chunk.kind, chunk.end - chunk.start - 12)


def _say_damaged(damaged: set[Chunk]) -> str:
    names = sorted({chunk.kind.decode("ascii") for chunk in damaged if chunk.whole})[:6]
    return f"damaged parts that hold no pixels were left out: {', '.join(names)}" if names else ""


def _join_chunks(data: bytes, chunks: Sequence[Chunk], left_out: set[Chunk], mended: set[Chunk]) -> bytes:
    """Return a copy without some chunks, and with new checksums for others."""
    parts = [data[:8]]
    for chunk in chunks:
        if chunk in mended:
            parts.append(data[chunk.start : chunk.end - 4])
            parts.append(zlib.crc32(parts[-1][4:]).to_bytes(4, "big"))
        elif chunk not in left_out:
            parts.append(data[chunk.start : chunk.end])
    if chunks[-1].kind != b"IEND":
        parts.append(data[chunks[-1].end :])
    return b"".join(parts)


def _heavy_texts(data: bytes, chunks: Sequence[Chunk]) -> set[Chunk]:
    """Return the texts that unpack to more than the decoder takes, each or together."""
    heavy, total = set(), 0
    for chunk in chunks:
        if chunk.kind in TEXTS:
            size = _text_size(chunk.kind, data[chunk.body]) if total <= MOST_TEXTS else MOST_TEXT
            total += size
            if size >= MOST_TEXT or total > MOST_TEXTS:
                heavy.add(chunk)
    return heavy


def _text_size(kind: bytes, body: bytes) -> int:
    """Return to how many bytes a text unpacks, counted up to `MOST_TEXT`."""
    _, _, rest = body.partition(b"\0")
    if kind == b"tEXt" or (kind == b"iTXt" and rest[:1] != b"\1"):
        return len(body)
    packed = rest[1:] if kind == b"zTXt" else rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    return len(_unpack(packed, MOST_TEXT) or b"")


def _unpack(packed: bytes, most: int) -> bytes | None:
    """Return the first `most` bytes of what zlib packed; None where it is broken."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return None


def _profile(data: bytes, chunks: Sequence[Chunk]) -> tuple[bytes | None, Chunk | None, str]:
    """Return a profile too large for the decoder, the chunk to hold back, and a note where it is too large for us."""
    chunk = next((chunk for chunk in chunks if chunk.kind == b"iCCP"), None)
    if chunk is None:
        return None, None, ""
    _, _, rest = data[chunk.body].partition(b"\0")
    if rest[:1] != b"\0":
        return None, chunk, ""
    profile = _unpack(rest[1:], MOST_PROFILE + 1) or b""
    if len(profile) > MOST_PROFILE:
        return None, chunk, TOO_LARGE
    if profile and int.from_bytes(profile[:4], "big") != len(profile):  # viewers on libpng show it without, too
        return None, chunk, BROKEN_PROFILE
    return (profile, chunk, "") if len(profile) >= MOST_TEXT else (None, None, "")


def _mendable(data: bytes, chunks: Sequence[Chunk]) -> set[Chunk]:
    """Return pixel chunks whose checksum is wrong though their data unpack whole and pass zlib's own checksum."""
    pixels = [chunk for chunk in chunks if chunk.kind == b"IDAT"]
    wrong = {chunk for chunk in pixels if chunk.whole and not chunk.sound}
    return wrong if wrong and chunks[0].sound and _is_whole(data, chunks[0], pixels) else set()


def _say_mended(mended: set[Chunk]) -> str:
    return "checksum of the pixels' data is wrong, but they unpack whole" if mended else ""


def _is_whole(data: bytes, header: Chunk, pixels: Sequence[Chunk]) -> bool:
    """Tell whether a picture's data unpack to their end; stopped once they are more than the header's size needs."""
    if header.kind != b"IHDR" or header.end - header.start != 25:
        return False
    width, height = struct.unpack(">II", data[16:24])
    left, unpacker = 8 * (width + 8) * (height + 8), zlib.decompressobj()
    try:
        for chunk in pixels:
            packed = data[chunk.body]
            while packed and left > 0:
                left -= len(unpacker.decompress(packed, 1 << 20))
                packed = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return unpacker.eof


def _coding(chunks: dict[bytes, bytes], profile: object) -> Coding | None:
    """Return the coding that the chunks say: cICP before a profile, sRGB or gAMA with cHRM, as the standard orders."""
    if b"cICP" in chunks:
        return coding_of(chunks[b"cICP"][0], chunks[b"cICP"][1])
    if profile or b"sRGB" in chunks or b"gAMA" not in chunks:
        return None
    gamma = int.from_bytes(chunks[b"gAMA"], "big") / 100_000
    if not 0.05 <= gamma <= 5:
        return Coding(f"the file's gamma of {gamma:g} makes no sense: shown without it")
    primaries = _primaries(chunks.get(b"cHRM", b""))
    usual = abs(gamma / USUAL_GAMMA - 1) < 0.05
    if usual and primaries is None:
        return None
    note = f"colours converted from the file's gamma of {gamma:g}{' and primaries' if primaries else ''} to sRGB"
    return Coding(note, primaries, "srgb" if usual else 1 / gamma)


def _primaries(body: bytes) -> Chromaticities | None:
    """Return white, red, green and blue of a cHRM chunk where they are colours, and others than sRGB's."""
    if len(body) != 32:
        return None
    w_x, w_y, r_x, r_y, g_x, g_y, b_x, b_y = (value / 100_000 for value in struct.unpack(">8I", body))
    primaries = (w_x, w_y, r_x, r_y, g_x, g_y, b_x, b_y)
    if max(abs(ours - theirs) for ours, theirs in zip(SRGB, primaries, strict=True)) < 0.01:
        return None
    try:
        return primaries if abs(mixing(primaries)).max() < 4 else None
    except ValueError:
        return None
