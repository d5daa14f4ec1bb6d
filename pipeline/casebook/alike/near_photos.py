"""Near duplicates of a photo among many, as it is, turned, mirrored or cropped; and the groups that a set falls into.

A photo's fingerprint is a perceptual hash of 64 bits and a grey thumb. Near are those whose hashes differ in at most
`NEAR_BITS` bits and whose thumbs correlate by at least `ALIKE`; both limits, and why, stand in
`pipeline.manifest.duplicates`. All hashes are compared: 100 000 in about a millisecond.

What this cannot find: photos turned by other angles than quarters, stretched parts, cuts of less than half a side, and
cuts whose sides relate by a fifth otherwise than the whole photo's. A cut is found from the wider photo only, never the
other way round. Two moments of one sitting may pass for near, and so may two blank walls: what is near is to be seen
by eye, or laid on one another by `pipeline.examining.against_original`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
import pandas as pd

from pipeline.face import Box
from pipeline.manifest.duplicates import ALIKE, NEAR_BITS, correlations, join_groups, near_pairs
from pipeline.manifest.file_facts import THUMB, fingerprint, fingerprint_of_grey, grey_of, small_of

AS_IT_IS, PART = "as it is", "a part of it"
WAYS = (
    AS_IT_IS,
    "turned by 90°",
    "turned by 180°",
    "turned by 270°",
    "mirrored",
    "mirrored, then turned by 90°",
    "mirrored, then turned by 180°",
    "mirrored, then turned by 270°",
)
"""The eight symmetries of a rectangle; turns are counter-clockwise."""
STEP = 0.04
"""Share of a side by which parts shrink and move: a hash bears half of that.

Measured on 40 photos each: of cuts to 60 % of the sides and more, in the photo's own shape, 95 to 100 % were found, at
50 % 62 %; shrunk, at JPEG quality 70 and up to a tenth narrower or wider 72 to 100 %. Of 50 000 comparisons with other
photos one was near by chance.
"""
SMALLEST_PART = 0.5
"""Share of a side of the smallest parts."""
WORKING = 256
"""Longer side in pixels of the grey picture that parts are cut from."""
BLOCK = 50_000
"""Thumbs that are compared at once."""


@dataclass(frozen=True)
class Fingerprint:
    """By what a photo is known again after scaling and re-encoding.

    Attributes:
        hash: 64-bit perceptual hash (Zauner, 2010; DCT), 0 to 2^64 − 1.
        thumb: (16 · 16,) bytes of the grey picture shrunk, row by row.
    """

    hash: int
    thumb: bytes

    @classmethod
    def of(cls, rgb: np.ndarray) -> Self:
        """Make the fingerprint of (H, W, 3) uint8 RGB, the very one that `FileFacts` has."""
        return cls._read(fingerprint(rgb))

    @classmethod
    def of_hex(cls, phash: str, thumb: bytes) -> Self:
        """Make one of what `FileFacts` holds: 16 hex digits, and the thumb."""
        return cls._read((phash, thumb))

    @property
    def hex(self) -> str:
        """The hash as 16 hex digits, as `FileFacts.phash` has it."""
        return f"{self.hash:016x}"

    @classmethod
    def _read(cls, parts: tuple[str, bytes]) -> Self:
        return cls(int(parts[0], 16), parts[1])


@dataclass(frozen=True)
class Near:
    """A photo near another.

    Attributes:
        place: its row in the index.
        bits: in how many bits the hashes differ, 0 to `NEAR_BITS`.
        correlation: of the thumbs, `ALIKE` to 1.
        way: one of `WAYS`, what the photo asked for must undergo to look like this one; or `PART`.
        window: x0, y0, x1, y1 of the part, in shares of the sides of the photo asked for; None of no part.
    """

    place: int
    bits: int
    correlation: float
    way: str = AS_IT_IS
    window: Box | None = None


class NearPhotos:
    """An index over the fingerprints of many photos."""

    def __init__(self, hashes: np.ndarray, thumbs: np.ndarray) -> None:
        """Hold the fingerprints, without copying them.

        Args:
            hashes: (N,) uint64.
            thumbs: (N, 256) uint8.
        """
        if hashes.dtype != np.uint64 or thumbs.shape != (len(hashes), THUMB**2):
            raise ValueError(f"hashes {hashes.dtype}{hashes.shape} and thumbs {thumbs.shape} do not fit together")
        self._hashes, self._thumbs = hashes, thumbs

    @classmethod
    def of(cls, fingerprints: Sequence[Fingerprint]) -> Self:
        """Make an index over fingerprints; a place is the number of one of them."""
        hashes = np.array([one.hash for one in fingerprints], np.uint64)
        thumbs = np.frombuffer(b"".join(one.thumb for one in fingerprints), np.uint8)
        return cls(hashes, thumbs.reshape(len(fingerprints), THUMB**2))

    def __len__(self) -> int:
        """How many photos there are."""
        return len(self._hashes)

    def near(self, rgb: np.ndarray, parts: bool = False) -> list[Near]:
        """Return the photos near one, nearest first, each once in the way in which it is nearest.

        Args:
            rgb: (H, W, 3) uint8 RGB of the photo asked for. Where it stands in the index itself, it is found too.
            parts: look for cuts of it as well: about 800 comparisons with all photos instead of eight.
        """
        grey = grey_of(rgb)
        best = _nearest(near for way, one in _ways_of(grey) for near in self._hits(one, way))
        if parts:
            rest = _nearest(near for window, one in parts_of(grey) for near in self._hits(one, PART, window))
            best = rest | best  # a whole photo is no part of itself
        return _sorted(best)

    def near_to(self, asked: Fingerprint) -> list[Near]:
        """Return the photos near a fingerprint, nearest first: as they are, neither turned nor mirrored nor cut."""
        return _sorted(_nearest(self._hits(asked, AS_IT_IS)))

    def _hits(self, asked: Fingerprint, way: str, window: Box | None = None) -> Iterator[Near]:
        bits = np.bitwise_count(self._hashes ^ np.uint64(asked.hash))
        places = np.flatnonzero(bits <= NEAR_BITS)
        if not len(places):
            return
        alike = correlations(self._thumbs[places], np.frombuffer(asked.thumb, np.uint8)[None])
        for place, correlation in zip(places.tolist(), alike.tolist(), strict=True):
            if correlation >= ALIKE:
                yield Near(place, int(bits[place]), correlation, way, window)


def _nearest(hits: Iterator[Near]) -> dict[int, Near]:
    """Return of each place the nearest hit; of equal ones the first."""
    best: dict[int, Near] = {}
    for near in hits:
        if near.place not in best or _order(near) < _order(best[near.place]):
            best[near.place] = near
    return best


def _order(near: Near) -> tuple[int, float]:
    return near.bits, -near.correlation


def _sorted(best: dict[int, Near]) -> list[Near]:
    return sorted(best.values(), key=lambda near: (*_order(near), near.place))


def ways_of(rgb: np.ndarray) -> dict[str, Fingerprint]:
    """Return the fingerprints of (H, W, 3) uint8 RGB in each of `WAYS`."""
    return dict(_ways_of(grey_of(rgb)))


def _ways_of(grey: np.ndarray) -> Iterator[tuple[str, Fingerprint]]:
    small = small_of(grey)
    for number, way in enumerate(WAYS):
        turned = np.rot90(small[:, ::-1] if number >= 4 else small, number % 4)
        yield way, Fingerprint.of_hex(*fingerprint_of_grey(np.ascontiguousarray(turned)))


def parts_of(grey: np.ndarray) -> Iterator[tuple[Box, Fingerprint]]:
    """Yield windows of a grey picture, (h, w) uint8, of its own shape, in shares of its sides; and their fingerprints.

    They shrink and move by `STEP` of a side, down to `SMALLEST_PART`: 818.
    """
    height, width = grey.shape
    if max(height, width) > WORKING:
        factor = WORKING / max(height, width)
        height, width = max(1, round(height * factor)), max(1, round(width * factor))
        grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    for share in np.arange(1 - STEP, SMALLEST_PART - STEP / 4, -STEP):
        starts = np.linspace(0, 1 - share, round((1 - share) / STEP + 0.499) + 1)
        for top in starts:
            rows = slice(round(top * height), max(round(top * height) + 1, round((top + share) * height)))
            for left in starts:
                columns = slice(round(left * width), max(round(left * width) + 1, round((left + share) * width)))
                window = (float(left), float(top), float(left + share), float(top + share))
                yield window, Fingerprint.of_hex(*fingerprint_of_grey(np.ascontiguousarray(grey[rows, columns])))


def near_groups(hashes: np.ndarray, thumbs: np.ndarray) -> np.ndarray:
    """Return which photos of a set belong together: near duplicates, and near duplicates of these.

    Photos of one hash are joined to the first of them whose thumb is alike, and the first ones compared by
    `pipeline.manifest.duplicates.near_pairs`, so that a thousand copies of one photo hide nothing.

    Args:
        hashes: (N,) uint64.
        thumbs: (N, 256) uint8.

    Returns:
        (N,) int: each photo's group, named after the smallest place in it.
    """
    if not len(hashes):
        return np.empty(0, np.int64)
    _, first, number = np.unique(hashes, return_index=True, return_inverse=True)
    heads = first[number]
    same = np.flatnonzero((heads != np.arange(len(hashes))) & _alike(thumbs, heads))
    pairs = first[near_pairs(hashes[first], thumbs[first])].reshape(-1, 2)
    links = np.concatenate([pairs, np.stack([heads[same], same], axis=1)])
    names = [f"{place:012}" for place in range(len(hashes))]
    table = pd.DataFrame({"group": names, "pair": "", "sha256": ""})
    return join_groups(table, links).astype(np.int64).to_numpy()


def _alike(thumbs: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """Tell of each thumb whether it is alike its head's, (N,) bool."""
    blocks = (slice(start, start + BLOCK) for start in range(0, len(heads), BLOCK))
    return np.concatenate([correlations(thumbs[block], thumbs[heads[block]]) >= ALIKE for block in blocks])
