"""Exact and near duplicates, found by an index over perceptual hashes, and the groups that they make.

Near: the 64-bit hashes differ in at most ten bits and the thumbs correlate. Candidates come from multi-index hashing
(Norouzi et al., CVPR 2012): of four bands of 16 bits one must agree but for two bits, so each photo meets a few others,
not all. Both limits were set by eye on CIPLAB and DFDC: most of what they join is a photo and an edit of it, or two
moments of one sitting; a pair of strangers joined costs nothing but a coarser group.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

NEAR_BITS = 10
"""With four bands and two bits of tolerance in each, pairs up to eleven bits apart are sure to be met."""

FLIPS = tuple(sum(1 << bit for bit in bits) for count in range(3) for bits in combinations(range(16), count))

ALIKE = 0.93
"""Correlation of the thumbs from which two photos are the same picture."""

MOST_ALIKE = 64
"""Photos of one band's value that are compared; a value that more share tells nothing (a blank wall)."""

BLOCK = 200_000


def near_pairs(hashes: np.ndarray, thumbs: np.ndarray) -> np.ndarray:
    """Return the pairs of near duplicates, (P, 2) int with the smaller index first, sorted.

    Args:
        hashes: (N,) uint64 perceptual hashes.
        thumbs: (N, T) uint8 grey thumbs.
    """
    blocks = [np.empty((0, 2), np.int64)]
    for pairs in _candidates(hashes):
        bits = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]])
        pairs = pairs[bits <= NEAR_BITS]
        blocks.append(pairs[correlations(thumbs[pairs[:, 0]], thumbs[pairs[:, 1]]) >= ALIKE])
    return np.unique(np.concatenate(blocks), axis=0)


def _candidates(hashes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield blocks of (P, 2) index pairs whose hashes agree in a band but for two bits."""
    for band in range(4):
        values = ((hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF)).astype(np.int64)
        order = np.argsort(values, kind="stable")
        ranked = values[order]
        for flip in FLIPS:
            yield from _meetings(values, order, ranked, flip)


def _meetings(values: np.ndarray, order: np.ndarray, ranked: np.ndarray, flip: int) -> Iterator[np.ndarray]:
    """Yield pairs of photos whose band's values differ by exactly `flip`."""
    wanted = values ^ flip
    first, last = np.searchsorted(ranked, wanted), np.searchsorted(ranked, wanted, side="right")
    counts = np.where(last - first > MOST_ALIKE, 0, last - first)
    for start in range(0, len(values), BLOCK // 4):
        part = slice(start, start + BLOCK // 4)
        left = np.repeat(np.arange(len(values))[part], counts[part])
        within = np.arange(len(left)) - np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
        right = order[np.repeat(first[part], counts[part]) + within]
        keep = left < right
        yield np.stack([left[keep], right[keep]], axis=1)


def correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return (P,) Pearson correlations of rows of (P, T) uint8; flat thumbs count as alike where they are equal."""
    one, two = (part.astype(np.float32) - part.mean(axis=1, keepdims=True) for part in (first, second))
    scale = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    flat = scale < 1e-3
    correlation = (one * two).sum(axis=1) / np.where(flat, 1, scale)
    return np.where(flat, (first == second).all(axis=1), correlation)


def join_groups(table: pd.DataFrame, pairs: np.ndarray) -> pd.Series:
    """Return each row's group: the collection's own, joined where rows share bytes, a pair, or are near duplicates.

    A joined group is named after the first of its parts in alphabetical order.

    Args:
        table: with the columns group, pair and sha256.
        pairs: (P, 2) row numbers of near duplicates.
    """
    links = [pairs]
    for column in ("group", "pair", "sha256"):
        links.append(_chain(table[column].to_numpy(str)))
    left, right = np.concatenate(links).T
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(len(table), len(table)))
    _, component = connected_components(graph, directed=False)
    return table.group.groupby(component).transform("min")


def _chain(values: np.ndarray) -> np.ndarray:
    """Return (P, 2) row numbers that chain rows of equal, non-empty value."""
    order = np.argsort(values, kind="stable")
    same = (values[order][1:] == values[order][:-1]) & (values[order][1:] != "")
    return np.stack([order[:-1][same], order[1:][same]], axis=1)
