"""Exact and near duplicates, found by an index over perceptual hashes, and the groups that they make.

Near: the 64-bit hashes differ in at most ten bits and the thumbs correlate. Candidates come from multi-index hashing
(Norouzi et al., CVPR 2012): of four bands of 16 bits one must agree but for two bits, so each photo meets a few others,
not all. Both limits were set by eye on CIPLAB and DFDC: most of what they join is a photo and an edit of it, or two
moments of one sitting; a pair of strangers joined costs nothing but a coarser group.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
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
"""Photos of one band's value that are all compared; where more share it (a blank wall), those that come next."""

GREYS = 256
"""Pictures of one hash that are told apart: flat ones of every grey share theirs."""

BLOCK = 200_000
THUMBS_TOGETHER = 50_000
"""Pairs of thumbs that are compared at once."""

BAND, REST = np.uint64(0xFFFF << 48), np.uint64((1 << 48) - 1)
"""The bits of a hash that is turned so that a band of it stands first: this band's, and all others."""


def near_pairs(hashes: np.ndarray, thumbs: np.ndarray) -> np.ndarray:
    """Return the pairs of near duplicates, (P, 2) int with the smaller index first, sorted.

    All of them, but where more than `MOST_ALIKE` photos share a band's value: there a copy is paired with the first of
    its hash, and each of these first ones compared with so many that come next in the order of the whole hash.

    Args:
        hashes: (N,) uint64 perceptual hashes.
        thumbs: (N, T) uint8 grey thumbs.
    """
    heads, found = _join_copies(hashes, thumbs)
    looks = [(np.arange(len(hashes)), 0), (heads, MOST_ALIKE)]
    for rows, of_crowd in looks if any(band.crowded.any() for band in _bands(hashes)) else looks[:1]:
        for places in _candidates(hashes[rows], of_crowd):
            pairs = np.sort(rows[places], axis=1)
            bits = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]])
            pairs = pairs[bits <= NEAR_BITS]
            found.append(pairs[_are_alike(thumbs, pairs)])
    return np.unique(np.concatenate(found), axis=0)


def _join_copies(hashes: np.ndarray, thumbs: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Pair photos of one hash and alike thumbs with the first of them.

    Returns:
        (M,) int, sorted: the first ones. And (P, 2) int blocks: one of these, and one that is paired with it.
    """
    left, heads, blocks = np.arange(len(hashes)), [np.empty(0, np.int64)], [np.empty((0, 2), np.int64)]
    while len(left) and len(heads) <= GREYS:
        _, first, number = np.unique(hashes[left], return_index=True, return_inverse=True)
        pairs = np.stack([left[first[number]], left], axis=1)
        others = pairs[pairs[:, 0] != pairs[:, 1]]
        alike = _are_alike(thumbs, others)
        heads.append(left[first])
        blocks.append(others[alike])
        left = others[~alike, 1]
    return np.sort(np.concatenate([*heads, left])), blocks


def _are_alike(thumbs: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Tell of (P, 2) pairs whose thumbs are alike, (P,) bool."""
    blocks = np.array_split(pairs, len(pairs) // THUMBS_TOGETHER + 1)
    return np.concatenate([correlations(thumbs[block[:, 0]], thumbs[block[:, 1]]) >= ALIKE for block in blocks])


@dataclass(frozen=True, eq=False)
class _Band:
    """Photos in the order of one band of their hashes.

    Attributes:
        turned: (N,) uint64 hashes, turned so that the band stands first.
        order: (N,) int: the photos in the order in which these rise.
        ranked: (N,) uint64, they in that order.
    """

    turned: np.ndarray
    order: np.ndarray
    ranked: np.ndarray

    def alike(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where in the order those begin, and end, whose band has the value that each of (M,) hashes has."""
        return np.searchsorted(self.ranked, wanted & BAND), np.searchsorted(self.ranked, wanted | REST, side="right")

    @cached_property
    def crowded(self) -> np.ndarray:
        """Whether more than `MOST_ALIKE` have the value that each has, (N,) bool."""
        first, last = self.alike(self.turned)
        return last - first > MOST_ALIKE

    def meetings(self, flip: int, of_crowd: int) -> Iterator[np.ndarray]:
        """Yield pairs of photos whose values differ by exactly `flip`: of a crowded one those that come next."""
        wanted = self.turned ^ np.uint64(flip << 48)
        first, last = self.alike(wanted)
        crowd = last - first > MOST_ALIKE
        first[crowd] = np.searchsorted(self.ranked, wanted[crowd], side="left" if flip else "right")
        counts = np.where(crowd, np.minimum(last - first, of_crowd), last - first)
        for start in range(0, len(wanted), BLOCK // 4):
            part = slice(start, start + BLOCK // 4)
            left = np.repeat(np.arange(len(wanted))[part], counts[part])
            within = np.arange(len(left)) - np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
            right = self.order[np.repeat(first[part], counts[part]) + within]
            keep = (left < right) | self.crowded[left]  # in a crowd one may be passed over by the other
            yield np.stack([left[keep], right[keep]], axis=1)


def _bands(hashes: np.ndarray) -> Iterator[_Band]:
    for band in range(4):
        turned = hashes << np.uint64(48 - 16 * band) | hashes >> np.uint64(16 * band) >> np.uint64(16)
        order = np.argsort(turned, kind="stable")
        yield _Band(turned, order, turned[order])


def _candidates(hashes: np.ndarray, of_crowd: int) -> Iterator[np.ndarray]:
    """Yield blocks of (P, 2) index pairs whose hashes agree in a band but for two bits.

    Args:
        hashes: (N,) uint64.
        of_crowd: how many each meets of a band's value that more than `MOST_ALIKE` share.
    """
    for band in _bands(hashes):
        for flip in FLIPS:
            yield from band.meetings(flip, of_crowd)


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
