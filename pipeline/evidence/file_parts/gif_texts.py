"""Comments and XMP packets of a GIF (GIF89a; XMP part 3), block by block."""

from collections.abc import Iterator

PACKET = b"\x0bXMP DataXMP"
PACKET_END = b"\x01\xff\xfe\xfd"
"""What begins the run of bytes behind a packet, by which readers of blocks get over it."""
MOST_BLOCKS = 200_000
MOST_COMMENTS = 100


def blocks(data: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return the packets and the comments of a GIF, as far as its blocks can be followed."""
    packets: list[bytes] = []
    comments: list[bytes] = []
    for kind, start, end in _extensions(data):
        if kind == 0xFE and len(comments) < MOST_COMMENTS:
            comments.append(b"".join(_pieces(data, start)))
        elif kind == 0xFF and data.startswith(PACKET, start):
            begin = start + len(PACKET)
            stop = data.find(PACKET_END, begin, end)
            packets.append(data[begin : stop if stop >= 0 else end])
    return tuple(packets), tuple(comments)


def _extensions(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield label, and where the blocks begin and end, of each extension up to the trailer."""
    at = 13 + _palette(data[10:11])
    for _ in range(MOST_BLOCKS):
        kind = data[at : at + 1]
        if kind == b"!" and at + 2 < len(data):
            end = _after(data, at + 2)
            yield data[at + 1], at + 2, end
            at = end
        elif kind == b",":
            at = _after(data, at + 11 + _palette(data[at + 9 : at + 10]))
        else:
            return


def _after(data: bytes, at: int) -> int:
    """Return the place behind the blocks that begin at a place."""
    for _ in range(MOST_BLOCKS):
        size = data[at] if at < len(data) else 0
        at += 1 + size
        if not size:
            break
    return at


def _pieces(data: bytes, at: int) -> Iterator[bytes]:
    """Yield the bytes of the blocks that begin at a place."""
    for _ in range(MOST_BLOCKS):
        size = data[at] if at < len(data) else 0
        if not size:
            return
        yield data[at + 1 : at + 1 + size]
        at += 1 + size


def _palette(flags: bytes) -> int:
    """Return the bytes of the palette that follows a GIF's flags."""
    return 3 << (flags[0] % 8 + 1) if flags and flags[0] & 0x80 else 0
