"""What an epoch draws: each photo beside one of the other label, from the same original where there is one.

In a batch of such pairs every source has both labels, so that the source tells nothing. Where both come from one
original, only the edit differs (paired batches: GenD, Yermakov et al., 2025, arXiv 2508.06248).
"""

from collections import defaultdict
from fnmatch import fnmatch

import numpy as np
import pandas as pd

from pipeline.datasets.sources import home

ANY = "*"


class Partners:
    """Finds for a row one of the other label: from the same original, else from the same home, else any."""

    def __init__(self, rows: pd.DataFrame, truth: np.ndarray) -> None:
        self._truth = dict(zip(rows.index.tolist(), truth.astype(bool).tolist(), strict=True))
        homes = rows.source.map(home)
        named = zip(rows.index.tolist(), rows.sha256, rows.pair, homes, strict=True)
        self._names = {index: (sha256, pair, home, ANY) for index, sha256, pair, home in named}
        members: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
        for index, label in self._truth.items():
            for name in self._names[index]:
                members[name, label].append(index)
        self._members = {key: np.array(indices) for key, indices in members.items() if key[0]}

    def of(self, index: int, rng: np.random.Generator) -> int:
        """Return a row of the other label; there must be one."""
        other = not self._truth[index]
        name = next(name for name in self._names[index] if (name, other) in self._members)
        return int(rng.choice(self._members[name, other]))


def pool_names(rows: pd.DataFrame) -> pd.Series:
    """Return each row's "source/kind", which the patterns of pools are matched with."""
    return rows.source + "/" + rows.kind


def epoch_pairs(rows: pd.DataFrame, truth: np.ndarray, pools: dict[str, int], rng: np.random.Generator) -> np.ndarray:
    """Draw one epoch's pairs, (n, 2) row indices, shuffled: a pool's photo, then one of the other label.

    Args:
        rows: the usable rows.
        truth: (N,) 1 for the positive label.
        pools: "source/kind" patterns to how many to draw; "*" stands for any, the first matching entry wins. A pool
            smaller than asked is drawn whole, then repeated; what an empty one was to give the others give, so that
            an epoch is as long without a collection as with it.
        rng: of the draw.
    """
    names = pool_names(rows).to_numpy()
    taken = np.zeros(len(rows), bool)
    members = {}
    for pattern in pools:
        match = np.array([fnmatch(name, pattern) for name in names]) & ~taken
        taken |= match
        members[pattern] = rows.index.to_numpy()[match]
    counts = _in_proportion(
        {pattern: pools[pattern] for pattern in pools if len(members[pattern])}, sum(pools.values())
    )
    drawn = [np.resize(rng.permutation(members[pattern]), count) for pattern, count in counts.items()]
    partners = Partners(rows, truth)
    return np.array([(index, partners.of(int(index), rng)) for index in rng.permutation(np.concatenate(drawn))])


def _in_proportion(counts: dict[str, int], total: int) -> dict[str, int]:
    """Return counts in the same proportions that sum to a total, whole numbers."""
    ends = np.rint(np.cumsum(list(counts.values())) / sum(counts.values()) * total).astype(int)
    return dict(zip(counts, np.diff(ends, prepend=0).tolist(), strict=True))
