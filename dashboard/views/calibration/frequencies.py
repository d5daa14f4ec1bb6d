"""Predictive values and natural frequencies at a base rate, as tables of numbers that are whole."""

import numpy as np
import pandas as pd

from pipeline.figures.base_rates import OUTCOMES, Rates, expected_counts, worth

VERDICTS = ("flagged", "passed")
"""Outcomes that are worth something: the others tell nothing."""
TRUTHS = ("edited", "not edited")
"""What a photo truly is, in the order of the tree."""
UP_TO = "up to"
"""Column of the tree: how many photos there may be of what was never met; NaN of what was."""


def met(edited: Rates, unedited: Rates, outcome: str) -> bool:
    """Tell whether edited photos and others both came to an outcome: else only the limits of a share are known."""
    place = OUTCOMES.index(outcome)
    return bool(edited.counts[place] and unedited.counts[place])


def worth_known(edited: Rates, unedited: Rates, prevalence: np.ndarray) -> pd.DataFrame:
    """Return what `worth` returns without the shares of which only limits are known, see `met`: they are NaN."""
    shares = worth(edited, unedited, prevalence)
    return shares.assign(**{name: np.nan for name in VERDICTS if not met(edited, unedited, name)})


def predictive(shares: pd.DataFrame) -> pd.DataFrame:
    """Return predictive values in %, positive in "flagged…" and negative in "passed…", of what `worth` returns."""
    turned = {"passed": 1 - shares.passed, "passed_low": 1 - shares.passed_high, "passed_high": 1 - shares.passed_low}
    in_percent = shares.assign(**turned)
    columns = in_percent.columns.drop("prevalence")
    in_percent[columns] = 100 * in_percent[columns]
    return in_percent


def photos_for(one_in: int) -> int:
    """Return how many photos a tree tells of: enough that ten are edited, at least 1,000."""
    return max(1000, 10 * one_in)


def round_to(values: np.ndarray, total: int) -> np.ndarray:
    """Round (K,) numbers so that they still sum to `total`: the largest remainders are rounded up (Hamilton)."""
    floors = np.floor(values + 1e-9).astype(int)
    up = np.argsort(floors - values, kind="stable")[: max(0, total - int(floors.sum()))]
    floors[up] += 1
    return floors


def frequencies(edited: Rates, unedited: Rates, one_in: int) -> pd.DataFrame:
    """Return the tree's leaves: truth, outcome and how many photos, whole numbers that sum to `photos_for`.

    Of an outcome that photos of a truth never came to there are none among these; `UP_TO` tells how many there may be,
    by the interval of its share.
    """
    photos = photos_for(one_in)
    few = photos // one_in
    totals = (few, photos - few)
    parts = expected_counts(edited, unedited, 1 / one_in, photos)
    counts = [round_to(part, total) for part, total in zip(parts, totals, strict=True)]
    leaves = [(truth, outcome) for truth in TRUTHS for outcome in OUTCOMES]
    most = [_most(rates, total) for rates, total in zip((edited, unedited), totals, strict=True)]
    whole = {"photos": np.concatenate(counts), UP_TO: np.concatenate(most)}
    return pd.DataFrame(leaves, columns=["truth", "outcome"]).assign(**whole)


def _most(rates: Rates, total: int) -> np.ndarray:
    """Return (3,) how many of so many photos may come to each outcome that was never met; NaN for those that were."""
    limits = np.array([rates.figure(outcome)["high"] for outcome in OUTCOMES])
    return np.where(rates.counts == 0, np.ceil(total * limits), np.nan)
