"""`BlockGrid`: where the blocks of an earlier JPEG lie in a picture, and how strongly it was compressed.

On its own grid a decompressed JPEG has coefficients near multiples of its table's steps, on every other grid it has not
(Fan & de Queiroz, 2003; Bianchi & Piva, 2012). So each of the 64 places at which a grid can begin is tried with the IJG
tables, and the place counts by how much better multiples explain its coefficients than chance does. The other places
are its measure: what all of them show is the picture's, not a grid's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.evidence.pixels.block_dct import MODES, SIDE, sliding_coefficient
from pipeline.reading.jpeg_quality import roundest, scaled_tables

TILE = 512
"""Pixels along the squares that are looked at of a large picture; a multiple of a block's side."""
MOST_TILES = 8
"""Squares, evenly spread: 2 megapixels."""
QUALITIES = np.arange(20, 98)
"""IJG qualities that are tried: above, steps are 1 and leave no rhythm."""
HIGHEST = 400
"""Coefficients up to which are counted."""
BINS = 8
"""Of the histogram, a level."""
STRAY = 0.1
"""Share of coefficients that follow no rhythm: clipped pixels, edits."""
ALIKE = 1e-9
"""Nats a coefficient between two tables whose low steps are the same."""
FEWEST_MODES, FEWEST_OF_MODE = 6, 50
"""Coefficients that must be able to tell a place by themselves, and of how many values."""
SPREAD, SPREAD_UNDER_JPEG = 0.5, 0.9
"""Standard deviation of coefficients about the multiples: from rounding pixels, and from a later JPEG on its grid."""


@dataclass(frozen=True)
class BlockGrid:
    """The likeliest grid.

    Attributes:
        left, top: where it begins, 0–7 pixels from the picture's left and top edge.
        quality: IJG quality whose table fits best.
        gain: by how much it explains a coefficient better than chance does, in nats, over what other places do.
        agreement: share of the coefficients that find this place by themselves: all in a photo, few in a drawing.
    """

    left: int
    top: int
    quality: int
    gain: float
    agreement: float

    @property
    def half_aside(self) -> bool:
        """Whether it lies on the picture's own grid or half a block from it, where that one leaves a rhythm too."""
        return self.left % (SIDE // 2) == 0 and self.top % (SIDE // 2) == 0


def find_grid(pixels: np.ndarray, own: bool) -> BlockGrid | None:
    """Look for the grid of an earlier JPEG; None where the picture is too small or has no detail.

    Args:
        pixels: (h, w) uint8, luminance.
        own: the picture is a JPEG, whose own grid begins at its corner: another one is looked for.
    """
    if min(pixels.shape) < 4 * SIDE:
        return None
    gains, counts = _gains(spread_tiles(pixels), SPREAD_UNDER_JPEG if own else SPREAD)
    if not counts.sum(axis=0).min():
        return None
    contrast = _contrast(gains.sum(axis=0) / counts.sum(axis=0)[:, None])
    if own:
        contrast[0] = -np.inf
    place = int(contrast.max(axis=1).argmax())
    best = contrast[place].max()
    quality = roundest(QUALITIES[contrast[place] > best - ALIKE].tolist())
    agreement = _agreement(gains[:, :, quality - int(QUALITIES[0])], counts, place, own)
    top, left = divmod(place, SIDE)
    return BlockGrid(left, top, quality, float(best), agreement)


def _gains(tiles: list[np.ndarray], spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what each quality explains of a coefficient at a place, (14, 64, 78), and of how many, (14, 64)."""
    tables = scaled_tables()[QUALITIES - 1].reshape(-1, SIDE, SIDE)
    gains, counts = np.zeros((len(MODES), SIDE * SIDE, len(QUALITIES))), np.zeros((len(MODES), SIDE * SIDE))
    for number, mode in enumerate(MODES):
        histograms = np.sum([_histograms(tile, mode) for tile in tiles], axis=0)
        steps = tables[:, mode[0], mode[1]].tolist()
        by_step = {step: _rhythm(step, spread) for step in set(steps)}
        gains[number] = histograms @ np.stack([by_step[step] for step in steps], axis=1)
        counts[number] = histograms[:, 2 * BINS :].sum(axis=1)
    return gains, counts


def _agreement(gains: np.ndarray, counts: np.ndarray, place: int, own: bool) -> float:
    """Return the share of coefficients that, each by itself, find a place the likeliest; 0 where too few can tell.

    Args:
        gains: (14, 64) of one quality.
        counts: (14, 64).
        place: from 0 to 63.
        own: the place at the corner is out of the question.
    """
    means = gains / np.maximum(counts, 1)
    if own:
        means[:, 0] = -np.inf
    telling = (counts[:, place] >= FEWEST_OF_MODE) & gains.any(axis=1)
    return float((means.argmax(axis=1) == place)[telling].mean()) if telling.sum() >= FEWEST_MODES else 0.0


def _contrast(gains: np.ndarray) -> np.ndarray:
    """Return how far the gain of each place, (64, qualities), rises over the median and over its mirrored places.

    What a JPEG's own grid does to other places it does to both sides alike; an earlier grid lies on one of them.
    """
    by_place = gains.reshape(SIDE, SIDE, -1)
    back = -np.arange(SIDE) % SIDE
    floor = np.broadcast_to(np.median(by_place, axis=(0, 1)), by_place.shape).copy()
    for mirrored, same in _mirrors(by_place, back):
        floor = np.where(same, floor, np.maximum(floor, mirrored))
    return (by_place - floor).reshape(gains.shape)


def _mirrors(by_place: np.ndarray, back: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the gains of the places mirrored down, across and both ways, and where that is the same place."""
    still = back == np.arange(SIDE)
    yield by_place[back], np.broadcast_to(still[:, None, None], by_place.shape)
    yield by_place[:, back], np.broadcast_to(still[None, :, None], by_place.shape)
    yield by_place[back][:, back], np.broadcast_to((still[:, None] & still)[..., None], by_place.shape)


def spread_tiles(pixels: np.ndarray) -> list[np.ndarray]:
    """Return the picture, or squares of it evenly spread that begin at a block's corner, of `MOST_TILES` at most."""
    height, width = pixels.shape
    if height * width <= MOST_TILES * TILE**2:
        return [pixels]
    rows = max(1, min(MOST_TILES, round((MOST_TILES * height / width) ** 0.5)))
    columns = max(1, MOST_TILES // rows)
    return [
        pixels[top : top + TILE, left : left + TILE]
        for top in _starts(height, rows)
        for left in _starts(width, columns)
    ]


def _starts(length: int, count: int) -> list[int]:
    """Return where `count` squares begin along a side, evenly spread, at whole blocks."""
    spare = max(0, length - TILE)
    return [int(spare * (at + 0.5) / count) // SIDE * SIDE for at in range(count)]


def _histograms(pixels: np.ndarray, mode: tuple[int, int]) -> np.ndarray:
    """Return for each of the 64 places a histogram of one coefficient without its sign, (64, bins) float."""
    levels = np.abs(sliding_coefficient(pixels, mode)) * BINS
    bins = np.minimum(levels, HIGHEST * BINS).astype(np.int32)
    return np.stack([
        np.bincount(bins[top::SIDE, left::SIDE].ravel(), minlength=HIGHEST * BINS + 1)[:-1]
        for top in range(SIDE) for left in range(SIDE)
    ]).astype(float)  # fmt: skip


@cache
def _rhythm(step: int, spread: float) -> np.ndarray:
    """Return how much better multiples of a step explain each level than chance does, (bins,) float, in nats.

    Levels nearest to zero say nothing, as they are commonest on any grid.
    """
    if step == 1:
        return np.zeros(HIGHEST * BINS)
    levels = (np.arange(HIGHEST * BINS) + 0.5) / BINS
    multiples = np.rint(levels / step)
    off = (levels - multiples * step) / spread
    density = (1 - STRAY) * np.exp(-(off**2) / 2) / (spread * np.sqrt(2 * np.pi)) + STRAY / step
    rhythm = np.where(multiples < 1, 0, np.log(density * step))
    rhythm.setflags(write=False)
    return rhythm
