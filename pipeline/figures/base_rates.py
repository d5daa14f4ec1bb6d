"""What a verdict is worth where edits are rarer, or other, than in a test: shares of wrong verdicts at any base rate.

A photo is "flagged" where the verdict is an edit's, whichever kind, "passed" where there is no indication of editing,
or the verdict is "inconclusive". How often each happens depends on the photo, not on how rare edits are; the share of
edited photos among the flagged follows by Bayes' rule (Altman & Bland, BMJ 1994, "Diagnostic tests 2").
"""

import zlib
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline.figures import bootstrap
from pipeline.figures.measures import divide

OUTCOMES = ("flagged", "passed", "inconclusive")
FLAGGED, PASSED, INCONCLUSIVE = range(3)
VERDICTS = {"deepfake": FLAGGED, "facetune": FLAGGED, "real": PASSED}


@dataclass(frozen=True, eq=False)
class Rates:
    """How often photos of one sort come to each of `OUTCOMES`.

    Attributes:
        counts: (3,) photos.
        groups: of these photos: persons, or near duplicates.
        value: (3,) shares; NaN without photos.
        drawn: (D, 3) the same in bootstrap draws over groups.
    """

    counts: np.ndarray
    groups: int
    value: np.ndarray
    drawn: np.ndarray

    @property
    def n(self) -> int:
        """Photos."""
        return int(self.counts.sum())

    def figure(self, outcome: str) -> dict[str, Any]:
        """Return the share of an outcome as {"value", "low", "high", "n"}; None where there are no photos."""
        place = OUTCOMES.index(outcome)
        if not self.n:
            return {"value": None, "low": None, "high": None, "n": 0}
        low, high = np.nanpercentile(self.drawn[:, place], [2.5, 97.5])
        return {"value": float(self.value[place]), "low": float(low), "high": float(high), "n": self.n}


@dataclass(frozen=True, eq=False)
class Tally:
    """Photos by sort and outcome, drawn once, so that every choice of sorts and base rate is arithmetic.

    Attributes:
        cells: C sorts of photo, with edited (bool), kind, source and n.
        counts: (C, 3) photos of each sort by outcome.
        drawn: (D, C, 3) the same in draws of whole groups.
        member: (G, C) bool: whether a group has photos of a sort.
        seed: of the draws.
    """

    cells: pd.DataFrame
    counts: np.ndarray
    drawn: np.ndarray
    member: np.ndarray
    seed: int

    @classmethod
    def of(cls, table: pd.DataFrame, seed: int = 1) -> Self:
        """Count predictions with label, kind, source, group and verdict; photos of one group are drawn together.

        Args:
            table: N predictions.
            seed: of the draws; tallies that are set against each other need different ones.
        """
        edited, outcome = table.label != "real", table.verdict.map(VERDICTS).fillna(INCONCLUSIVE).to_numpy(int)
        sorts = pd.DataFrame({"edited": edited, "kind": table.kind, "source": table.source})
        cells = sorts.value_counts(sort=False).rename("n").reset_index()
        place = pd.MultiIndex.from_frame(cells[list(sorts)]).get_indexer(pd.MultiIndex.from_frame(sorts))
        codes, known = pd.factorize(table.group, sort=True)
        by_group = np.zeros((len(known), len(cells) * len(OUTCOMES)))
        np.add.at(by_group, (codes, place * len(OUTCOMES) + outcome), 1)
        sides = (len(cells), len(OUTCOMES))
        parts = [part @ by_group for part in bootstrap.draws(pd.Series(known), seed)] if len(known) else [by_group]
        drawn = np.concatenate(parts)
        drawn, held = drawn.reshape(len(drawn), *sides), by_group.reshape(len(known), *sides)
        return cls(cells, held.sum(axis=0), drawn, held.sum(axis=2) > 0, seed)

    def rates(self, chosen: np.ndarray, alike: bool = False) -> Rates:
        """Return how often the photos of chosen sorts come to each outcome.

        Args:
            chosen: (C,) bool.
            alike: count every kind alike, however many photos of it there are; otherwise every photo.
        """
        kinds = self.cells.kind.to_numpy(object)
        parts = [chosen & (kinds == one) for one in dict.fromkeys(kinds[chosen])] if alike else [chosen]
        pooled = [self._pool(part) for part in parts if self.counts[part].sum()]
        counts, groups = self.counts[chosen].sum(axis=0), int(self.member[:, chosen].any(axis=1).sum())
        if not pooled:
            return Rates(counts, groups, np.full(3, np.nan), np.full((len(self.drawn), 3), np.nan))
        values, drawn = (np.stack(both) for both in zip(*pooled, strict=True))
        absent = np.isnan(drawn)  # kinds that a draw does not hold; the others stand for them there
        summed = np.where(absent, 0, drawn).sum(axis=0)
        return Rates(counts, groups, values.mean(axis=0), divide(summed, (~absent).sum(axis=0)))

    def _pool(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (3,) shares and (D, 3) drawn ones of photos taken together.

        Of an outcome that never came about every draw says "never". There, as many draws are taken from Jeffreys'
        posterior of none among the groups (Brown, Cai & DasGupta, Statistical Science 2001) instead; those of other
        sorts are others, or rates that are set against each other would rise and fall together.
        """
        counts, drawn = self.counts[chosen].sum(axis=0), self.drawn[:, chosen].sum(axis=1)
        shares = divide(drawn, np.broadcast_to(drawn.sum(axis=1, keepdims=True), drawn.shape))
        groups = self.member[:, chosen].any(axis=1).sum()
        sorts = self.cells.loc[chosen, ["edited", "kind", "source"]].to_csv(index=False)
        rng = np.random.default_rng((self.seed, zlib.crc32(sorts.encode())))
        for place in np.flatnonzero(counts == 0):
            rare = rng.beta(0.5, groups + 0.5, len(shares))
            shares = shares * (1 - rare)[:, None]
            shares[:, place] = rare
        return counts / counts.sum(), shares


def worth(edited: Rates, unedited: Rates, prevalence: np.ndarray) -> pd.DataFrame:
    """Return how many of the flagged, and of the passed, photos are edited where edits are so frequent.

    Args:
        edited, unedited: how often photos of each come to which outcome.
        prevalence: (P,) shares of edited photos among those seen, in (0, 1).

    Returns:
        P rows: prevalence, and "flagged" and "passed", the share of edited photos among them, each with its 95 %
        interval "…_low", "…_high". NaN where nothing is flagged, or passed.
    """
    columns = {"prevalence": prevalence}
    for place, name in ((FLAGGED, "flagged"), (PASSED, "passed")):
        columns[name] = _share(edited.value[None, place], unedited.value[None, place], prevalence)[:, 0]
        drawn = _share(edited.drawn[:, place], unedited.drawn[:, place], prevalence)
        columns[f"{name}_low"], columns[f"{name}_high"] = _limits(drawn)
    return pd.DataFrame(columns)


def _limits(drawn: np.ndarray) -> np.ndarray:
    """Return (2, P) 95 % limits of (P, D) draws without those that are NaN; the plain percentile is much faster."""
    if not np.isnan(drawn).any():
        return np.percentile(drawn, [2.5, 97.5], axis=1)
    known, limits = ~np.isnan(drawn).all(axis=1), np.full((2, len(drawn)), np.nan)
    limits[:, known] = np.nanpercentile(drawn[known], [2.5, 97.5], axis=1)
    return limits


def _share(edited: np.ndarray, unedited: np.ndarray, prevalence: np.ndarray) -> np.ndarray:
    """Return (P, D) shares of edited photos among those with an outcome, from (D,) rates of it."""
    some = min(len(edited), len(unedited))
    mine, others = prevalence[:, None] * edited[:some], (1 - prevalence[:, None]) * unedited[:some]
    return divide(mine, mine + others)


def expected_counts(edited: Rates, unedited: Rates, prevalence: float, photos: int) -> np.ndarray:
    """Return (2, 3) how many of so many photos are expected, edited ones and the others, by outcome; not rounded."""
    return photos * np.stack([prevalence * edited.value, (1 - prevalence) * unedited.value])
