"""`FirstSave`: the trace of an earlier JPEG in the coefficients of a later one, on the same grid of blocks.

Saving twice rounds each coefficient twice: to multiples of the first table's step, then of the second's. Where these
steps differ, the histogram of the values has gaps and peaks in a rhythm that one rounding does not leave (Lukáš &
Fridrich, 2003; Popescu & Farid, 2004). How the histogram would look after one rounding, and after two with each
possible first step, is worked out from the same picture cropped by four pixels: there the values are nearly as they
were before any rounding (Lukáš & Fridrich, 2003). The step under which the values are likeliest is taken (Bianchi &
Piva, 2012, who also map the likelihood over the blocks).
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from scipy.special import ndtr

from pipeline.evidence.pixels.block_dct import LOW, MODES, low_coefficients, stride_for
from pipeline.reading.jpeg_quality import roundest, scaled_tables

MOST_BLOCKS = 200_000
"""Blocks that are looked at: all of a photo of 12 megapixels."""
CROP = 4
"""Pixels by which the picture is cropped: half a block."""
HIGHEST = 30
"""Largest multiple of the second step that is counted."""
STEPS = np.arange(1, 101)
"""First steps that are tried."""
QUALITIES = np.arange(10, 101)
"""IJG qualities whose tables are tried."""
ROUNDING = 0.4
"""Standard deviation of a coefficient from rounding pixels and changing colours between the two savings."""
HALF = 2
"""Bins of the cropped picture's histogram a level: edges fall on each half, where rounding changes."""
WINDOW = 7
"""Blocks along the square over which the trace is averaged."""
FEWEST_AROUND = 12
"""Coefficients in such a square under which nothing is known of it."""


ALIKE = 1e-6
"""Nats between two tables whose low steps are the same."""
LEAST_GAIN, LEAST_TOTAL = 0.006, 150.0
"""Gain a coefficient, and of all together, in nats, from which on an IJG table counts as found."""
LEAST_AGREEMENT, FEWEST_MODES, FEWEST_OF_MODE = 0.75, 6, 50
"""Share of the coefficients whose own best step must be the table's, how many there must be, and of how many values."""
LEAST_FREE_GAIN, LEAST_FREE_TOTAL = 0.08, 500.0
"""The same of another table: each step is free there, so more is asked for."""
MOST_SHORT, MOST_SHORT_SHARE = 0.02, 0.1
"""How far the best IJG table may fall short of free steps, in nats and as a share, to be taken for the one."""
LEAST_OF_MODE, FEWEST_FREE_MODES = 0.02, 8
"""Gain of a coefficient with such a table, and how many of the 14 must have it."""
MOST_EVEN, MOST_OF_ONE_LEVEL = 0.5, 0.25
"""Shares of blocks without detail, and of pixels of the commonest level, over which a picture is taken for a drawing:
its repeated shapes make a rhythm of their own."""


@dataclass(frozen=True, eq=False)
class FirstSave:
    """What the coefficients tell of an earlier saving.

    Attributes:
        table: whose table explains them: "IJG", "another", or "" where one rounding explains them as well.
        quality: IJG quality of the table that fits best.
        gain: by how much two roundings with it explain a coefficient better than one, in nats, mean of all but zeros.
        free_gain: the same with the best step for each of `MODES`, whatever table that makes.
        steps: these steps; that of the second saving where none is better.
        counts: (14, 30) int, how often each of `MODES` is 1, 2, … steps from zero.
        once: (14, 30) float, how often it would be after one rounding.
        stride: blocks from one that was looked at to the next, in each direction.
        trace: (n, m) float32, the gain with the best steps around each block; NaN where too few coefficients tell it.
    """

    table: Literal["IJG", "another", ""]
    quality: int
    gain: float
    free_gain: float
    steps: tuple[int, ...]
    counts: np.ndarray
    once: np.ndarray
    stride: int
    trace: np.ndarray


def find_first_save(pixels: np.ndarray, table: np.ndarray) -> FirstSave | None:
    """Look for an earlier saving of a JPEG; None where no coefficient differs from zero.

    Args:
        pixels: (h, w) uint8, the luminance as decoded, on its own grid, at least 16 pixels a side.
        table: (8, 8) int, its quantisation table.
    """
    stride = stride_for(pixels, MOST_BLOCKS)
    multiples, histograms = _multiples(pixels, table, stride), _cropped_histograms(pixels, table, stride)
    seconds = np.array([int(table[mode]) for mode in MODES])
    singles = np.stack([_single(*pair) for pair in zip(histograms, seconds, strict=True)])
    logs = np.stack([_likelihoods(*each) for each in zip(histograms, seconds, singles, strict=True)])
    counts = np.stack(
        [np.bincount(values, minlength=HIGHEST + 2)[1:-1] for values in multiples.reshape(len(MODES), -1)]
    )
    total = int(counts.sum())
    if not total:
        return None
    gains = np.einsum("msk,mk->ms", logs, counts)
    best, by_quality = gains.argmax(axis=1), _by_quality(gains)
    quality = roundest(QUALITIES[by_quality > by_quality.max() - ALIKE].tolist())
    steps = np.where(gains.max(axis=1) > 0, STEPS[best], seconds)
    gain, free_gain = float(by_quality.max() / total), float(np.maximum(gains.max(axis=1), 0).sum() / total)
    drawn = (multiples > 0).any(axis=0).mean() < 1 - MOST_EVEN or _commonest(pixels) > MOST_OF_ONE_LEVEL
    broad = _is_broad(gains.max(axis=1), counts.sum(axis=1))
    return FirstSave(
        _which_table(gain, free_gain, total, _agrees(quality, steps, seconds, counts), broad and not drawn),
        quality,
        gain,
        free_gain,
        tuple(steps.tolist()),
        counts,
        np.exp(singles) * counts.sum(axis=1, keepdims=True),
        stride,
        _trace(multiples, np.stack([logs[mode, at] for mode, at in enumerate(best)])),
    )


def _which_table(
    gain: float, free_gain: float, total: int, agrees: bool, trusted: bool
) -> Literal["IJG", "another", ""]:
    if gain >= LEAST_GAIN and gain * total >= LEAST_TOTAL and agrees:
        return "another" if free_gain - gain > max(MOST_SHORT, MOST_SHORT_SHARE * free_gain) else "IJG"
    return "another" if free_gain >= LEAST_FREE_GAIN and free_gain * total >= LEAST_FREE_TOTAL and trusted else ""


def _agrees(quality: int, steps: np.ndarray, seconds: np.ndarray, counts: np.ndarray) -> bool:
    """Tell whether the coefficients, each by itself, find the steps of a quality's table; 1 leaves no rhythm."""
    firsts = np.array([scaled_tables()[quality - 1].reshape(8, 8)[mode] for mode in MODES])
    telling = (firsts != seconds) & (firsts > 1) & (counts.sum(axis=1) >= FEWEST_OF_MODE)
    return bool(telling.sum() >= FEWEST_MODES and (steps == firsts)[telling].mean() >= LEAST_AGREEMENT)


def _is_broad(gains: np.ndarray, counts: np.ndarray) -> bool:
    """Tell whether most coefficients gain by themselves: a few that gain much are a shape that repeats."""
    return bool((gains / np.maximum(counts, 1) >= LEAST_OF_MODE)[counts >= FEWEST_OF_MODE].sum() >= FEWEST_FREE_MODES)


def _commonest(pixels: np.ndarray) -> float:
    """Return the share of a picture's commonest level."""
    return float(np.bincount(pixels[::2, ::2].ravel(), minlength=256).max() / pixels[::2, ::2].size)


def _multiples(pixels: np.ndarray, table: np.ndarray, stride: int) -> np.ndarray:
    """Return how many steps each coefficient of each block is from zero, (14, n, m) uint8, `HIGHEST` + 1 at most."""
    levels = np.abs(low_coefficients(pixels, stride)) / table[:LOW, :LOW]
    small = np.minimum(np.rint(levels), HIGHEST + 1).astype(np.uint8)
    return np.stack([small[:, :, v, u] for v, u in MODES])


def _cropped_histograms(pixels: np.ndarray, table: np.ndarray, stride: int) -> list[np.ndarray]:
    """Return histograms of the cropped picture's coefficients, without sign, `HALF` bins a level."""
    levels = np.abs(low_coefficients(pixels[CROP:, CROP:], stride))
    histograms = []
    for v, u in MODES:
        most = HALF * ((HIGHEST + 2) * int(table[v, u]) + int(STEPS[-1]))
        bins = np.minimum(levels[:, :, v, u].ravel() * HALF, most - 1).astype(np.int64)
        histograms.append(np.bincount(bins, minlength=most).astype(float))
    return histograms


def _levels(histogram: np.ndarray) -> np.ndarray:
    return (np.arange(len(histogram)) + 0.5) / HALF


def _single(histogram: np.ndarray, second: int) -> np.ndarray:
    """Return the logarithm of how likely each multiple is after one rounding, (`HIGHEST`,) float."""
    once = np.bincount(np.floor(_levels(histogram) / second + 0.5).astype(int), histogram, HIGHEST + 1)
    return _logarithms(once[: HIGHEST + 1])


def _likelihoods(histogram: np.ndarray, second: int, single: np.ndarray) -> np.ndarray:
    """Return how much likelier each first step makes each multiple than a single rounding does.

    Args:
        histogram: of a coefficient before any rounding.
        second: the second step.
        single: from `_single`.

    Returns:
        (100, `HIGHEST`) float: nats, by first step and multiple from 1 on; 0 where the step is the second one's.
    """
    levels, rows = _levels(histogram), np.zeros((len(STEPS), HIGHEST))
    for row, first in zip(rows, STEPS, strict=True):
        if first != second:
            firsts = np.bincount(np.floor(levels / first + 0.5).astype(int), histogram)
            row[:] = _logarithms(firsts @ _second_rounding(len(firsts), int(first), second)) - single
    return rows


def _second_rounding(count: int, first: int, second: int) -> np.ndarray:
    """Return how likely each multiple of the first step becomes each of the second, (count, `HIGHEST` + 1) float."""
    places = (np.arange(count) * first / second)[:, None]
    targets, spread = np.arange(HIGHEST + 1), ROUNDING / second
    up = ndtr((targets + 0.5 - places) / spread) - ndtr((targets - 0.5 - places) / spread)
    down = ndtr((0.5 - targets - places) / spread) - ndtr((-0.5 - targets - places) / spread)
    down[:, 0] = 0
    return up + down


def _logarithms(counts: np.ndarray) -> np.ndarray:
    """Return the logarithm of how likely each multiple but zero is; nothing is quite impossible."""
    shares = counts[1:] / max(counts[1:].sum(), 1e-9)
    near = np.convolve(shares, (0.25, 0.5, 0.25), "same")
    mixed = 0.97 * shares + 0.02 * near + 0.01 / len(shares)
    return np.log(mixed / mixed.sum())


def _by_quality(gains: np.ndarray) -> np.ndarray:
    """Return the gain of each IJG quality's table; a step beyond those tried counts as the last."""
    tables = scaled_tables()[QUALITIES - 1].reshape(-1, 8, 8)
    return np.array([
        sum(gains[mode, min(int(table[place]), len(STEPS)) - 1] for mode, place in enumerate(MODES)) for table in tables
    ])  # fmt: skip


def _trace(multiples: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """Return the mean gain of the coefficients around each block, (n, m) float32, NaN where they are too few."""
    sums, counts = (np.zeros(multiples.shape[1:], np.float32) for _ in range(2))
    for values, row in zip(multiples, logs, strict=True):
        lookup = np.concatenate([[0], row, [0]]).astype(np.float32)
        sums += lookup[values]
        counts += (values > 0) & (values <= HIGHEST)
    around = [cv2.boxFilter(each, -1, (WINDOW, WINDOW), normalize=False) for each in (sums, counts)]
    return np.where(around[1] >= FEWEST_AROUND, around[0] / np.maximum(around[1], 1), np.nan).astype(np.float32)
