"""Which pairs an epoch sees: stored photos as ever, and edits to be forged, each with its original, and who lends."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.crops.build import NEWER_RETOUCHES, RETOUCHES
from pipeline.errors import UnknownName
from pipeline.forge.operation import all_operations, operation
from pipeline.training.config import TrainConfig
from pipeline.training.lenders import Lenders
from pipeline.training.pairs import epoch_pairs
from pipeline.training.selection import Selection

TRIES = 3
"""Donors, or chances, that an edit is tried with before its pair is left out."""
MOST_RETOUCHES = 3
RETOUCHED = {"retouch": RETOUCHES, "newer retouch": NEWER_RETOUCHES}
"""Entries of `edits` that stand for one to three retouches, and what these are drawn from."""
STORED: tuple[str, ...] = ()
"""The operations of what is taken as it is stored."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """N pairs; each has two sides, the positive label first.

    Attributes:
        rows: (N, 2) rows of the store: what is shown, or edited.
        edits: for each side of each pair, the operations that are carried out in order; `STORED` for none.
        lenders: (N, TRIES) rows that lend a face, in the order in which they are tried; −1 for none.
        numbers: (N,) the pair's number in its epoch, of all processes.
        paired: (N,) bool: whether the two are an edit and its own original.
    """

    rows: np.ndarray
    edits: list[tuple[tuple[str, ...], tuple[str, ...]]]
    lenders: np.ndarray
    numbers: np.ndarray
    paired: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def parts(self, count: int) -> "list[Pairs]":
        """Return them in so many parts."""
        return [self.at(some) for some in np.array_split(np.arange(len(self)), count) if len(some)]

    def at(self, places: np.ndarray) -> "Pairs":
        """Return some of them."""
        edits = [self.edits[place] for place in places]
        return Pairs(self.rows[places], edits, self.lenders[places], self.numbers[places], self.paired[places])


def label_of(name: str) -> str:
    """Return the label of an entry of a configuration's `edits`.

    Raises:
        UnknownName: an operation that there is not.
    """
    if name in RETOUCHED:
        return "facetune"
    if name == "autoencoder":
        return "deepfake"
    labels = {_checked(one) for one in name.split("+")}
    return "deepfake" if "deepfake" in labels else "facetune"


def _checked(name: str) -> str:
    if name not in all_operations():
        raise UnknownName.among("edit", name, [*all_operations(), *RETOUCHED, "autoencoder"])
    return operation(name).label


def operations_drawn(name: str, rng: np.random.Generator) -> tuple[str, ...]:
    """Return what an entry of `edits` comes to: one to three retouches, or the operations that it names."""
    if name not in RETOUCHED:
        return tuple(name.split("+"))
    count = int(rng.integers(1, MOST_RETOUCHES + 1))
    return tuple(str(one) for one in rng.choice(RETOUCHED[name], size=count, replace=False))


def epoch_plan(config: TrainConfig, selection: Selection, lenders: Lenders | None, rng: np.random.Generator) -> Pairs:
    """Draw an epoch's pairs, shuffled.

    Args:
        config: its `pools` tell the stored pairs, its `edits` those that are forged.
        selection: of the store's rows.
        lenders: of the originals; None where nothing is forged.
        rng: of the draw.
    """
    rows = selection.train
    truth = selection.targets_of(rows) > 0
    stored = epoch_pairs(rows, truth, config.pools, rng) if config.pools else np.empty((0, 2), int)
    stored = np.where(truth_of(rows.index.to_numpy(), truth, stored), stored, stored[:, ::-1])
    forged = _forged(config, lenders, rng) if lenders is not None and config.edits else _none()
    unlent = np.full((len(stored), TRIES), -1)
    pairs = Pairs(
        np.concatenate([stored, forged.rows]),
        [(STORED, STORED)] * len(stored) + forged.edits,
        np.concatenate([unlent, forged.lenders]),
        np.zeros(len(stored) + len(forged), int),
        np.concatenate([_of_one_original(selection.table, stored), forged.paired]) & (config.stage == "edited"),
    )
    mixed = pairs.at(rng.permutation(len(pairs)))
    return replace(mixed, numbers=np.arange(len(mixed)))


def truth_of(index: np.ndarray, truth: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Tell which pairs, (n, 2) rows, begin with the positive label: (n, 1) bool."""
    positive = set(index[truth].tolist())
    return np.array([row in positive for row in pairs[:, 0].tolist()], bool).reshape(-1, 1)


def _none() -> Pairs:
    return Pairs(np.empty((0, 2), int), [], np.empty((0, TRIES), int), np.empty(0, int), np.empty(0, bool))


def _of_one_original(table: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Tell which stored pairs, (n, 2) rows, come from one original: (n,) bool."""
    same = np.zeros(len(pairs), bool)
    for name in ("sha256", "pair"):
        first, second = (table[name].loc[pairs[:, side]].to_numpy() for side in (0, 1))
        same |= (first == second) & (first != "")
    return same


def _forged(config: TrainConfig, lenders: Lenders, rng: np.random.Generator) -> Pairs:
    names = list(config.edits)
    counts = np.array([config.edits[name] for name in names])
    total = int(counts.sum())
    originals = _originals(config, lenders, total, rng)
    edits: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    if config.stage == "edited":
        for name in np.repeat(names, counts):
            edits.append((operations_drawn(str(name), rng), STORED))
    else:
        sides = [_side(names, counts, label, total, rng) for label in ("deepfake", "facetune")]
        edits = list(zip(*sides, strict=True))
    rows = np.repeat(originals[:, None], 2, axis=1)
    lent = np.full((total, TRIES), -1)
    for place in np.flatnonzero([any(map(_needs_donor, (*one, *other))) for one, other in edits]):
        donors = lenders.donors(int(originals[place]), rng, TRIES)
        lent[place, : len(donors)] = donors
    return Pairs(rows, edits, lent, np.zeros(total, int), np.ones(total, bool))


def borrows(config: TrainConfig) -> bool:
    """Tell whether a run forges edits that need another person's face."""
    asked = [name for name, count in config.edits.items() if count]
    return any(_needs_donor(one) for name in asked for one in RETOUCHED.get(name) or name.split("+"))


def _needs_donor(name: str) -> bool:
    return name != "autoencoder" and operation(name).needs_donor


def _side(
    names: list[str], counts: np.ndarray, label: str, total: int, rng: np.random.Generator
) -> list[tuple[str, ...]]:
    """Draw the edits of one label, as often as the configuration weighs them."""
    share = counts * np.array([label_of(name) == label for name in names])
    return [operations_drawn(str(name), rng) for name in rng.choice(names, total, p=share / share.sum())]


def _originals(config: TrainConfig, lenders: Lenders, total: int, rng: np.random.Generator) -> np.ndarray:
    """Draw photos to be edited: sources by the square root of their size, times the share that is told of them."""
    members = {str(source): part.index.to_numpy() for source, part in lenders.real.groupby("source")}
    sources = sorted(members)
    weights = np.array([len(members[source]) ** 0.5 * config.shares.get(source, 1.0) for source in sources])
    picked = rng.choice(len(sources), total, p=weights / weights.sum())
    return np.array([rng.choice(members[sources[place]]) for place in picked], int)
