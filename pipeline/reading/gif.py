"""GIF, block by block (GIF89a): where it ends, and how large its later frames make it."""

from dataclasses import dataclass

from pipeline.errors import UnreadablePhoto
from pipeline.reading.refusals import TOO_MANY_PARTS
from pipeline.reading.source import Source

MOST_BLOCKS = 2_000_000


@dataclass(frozen=True)
class Walk:
    """What following the blocks shows: where the trailer ends, None where there is none, and the frames' extent."""

    end: int | None
    extent: tuple[int, int]


def source_of(data: bytes) -> Source:
    """Look through a GIF; decoders enlarge the picture where a later frame reaches beyond it.

    Raises:
        UnreadablePhoto: it is made of so many parts that a decoder would take minutes.
    """
    return Source(data, "GIF", extent=walk_blocks(data).extent)


def end_of(data: bytes) -> int | None:
    """Return where a GIF ends, after its trailer; None where it has none."""
    return walk_blocks(data).end


def walk_blocks(data: bytes) -> Walk:
    """Follow the blocks to the trailer, or as far as they can be followed.

    Raises:
        UnreadablePhoto: there are more than any program writes.
    """
    at, inside, width, height = 13 + _palette(data[10:11]), False, 0, 0
    for _ in range(MOST_BLOCKS):
        kind = data[at : at + 1]
        if inside:
            inside = kind not in (b"\0", b"")
            at += 1 + sum(kind)
        elif kind == b",":
            left, top, across, down = (int.from_bytes(data[at + one : at + one + 2], "little") for one in (1, 3, 5, 7))
            width, height = max(width, left + across), max(height, top + down)
            at, inside = at + 11 + _palette(data[at + 9 : at + 10]), True
        elif kind == b"!":
            at, inside = at + 2, True
        else:
            return Walk(at + 1 if kind == b";" else None, (width, height))
    raise UnreadablePhoto(TOO_MANY_PARTS)


def _palette(flags: bytes) -> int:
    """Return the bytes of the palette that follows a GIF's flags."""
    return 3 << (flags[0] % 8 + 1) if flags and flags[0] & 0x80 else 0
