"""Measures of many bootstrap draws at once: each row of `weights` says how often a draw holds each photo.

All take arrays of N photos and weights (D, N) float64, at least 0, and return (D,) float64: NaN for a draw in which the
measure is undefined. Weights of 1 give the plain measure. A resample is only a count of photos, so nothing is copied
and the photos are sorted once for all draws.
"""

from dataclasses import dataclass

import numpy as np

PASSED = 0.95
"""Share of the negatives that must pass at the threshold of `recall_at`."""
LEAST = 1e-7
"""Probabilities nearer to 0 or 1 count as this near in the log loss, so that one photo cannot make it infinite."""


def divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Return top / bottom of arrays of one shape, NaN where the bottom is 0."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=np.asarray(bottom) > 0)


def share(hit: np.ndarray, among: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return which share of the photos `among` are a `hit`; (N,) bool each."""
    return divide(weights @ (hit & among).astype(float), weights @ among.astype(float))


def balanced_accuracy(positive: np.ndarray, answers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean of the positives `answers` and the negatives not said; (N,) bool each."""
    return (share(answers, positive, weights) + share(~answers, ~positive, weights)) / 2


@dataclass(frozen=True, eq=False)
class Roc:
    """Rates of every draw at every threshold, from "nothing is said" on to "all is said".

    Attributes:
        recall: (D, K) share of the positives at or above the k-th highest score; NaN without positives.
        alarms: (D, K) share of the negatives there; NaN without negatives.
        precision: (D, K) share of positives among all there; 0 where there is nothing yet.
    """

    recall: np.ndarray
    alarms: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(cls, positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> "Roc":
        """Measure scores of photos, N floats without NaN, and N bools `positive`; ties count as one step."""
        order = np.argsort(-score, kind="stable")
        ends = np.flatnonzero(np.diff(score[order], append=-np.inf))  # the last photo of each run of equal scores
        sides = (weights[:, order] * side for side in (positive[order], ~positive[order]))
        hits, alarms = (np.pad(np.cumsum(side, axis=1)[:, ends], ((0, 0), (1, 0))) for side in sides)
        above = hits + alarms
        precision = np.divide(hits, above, out=np.zeros_like(hits), where=above > 0)
        return cls(divide(hits, _last(hits)), divide(alarms, _last(alarms)), precision)


def _last(sums: np.ndarray) -> np.ndarray:
    """Return the last column of (D, K) in all columns."""
    return np.broadcast_to(sums[:, -1:], sums.shape)


def auc(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve (Fawcett, 2006), ties as half; NaN with one class only.

    Counted as the share of pairs in which the positive scores higher (Mann & Whitney, 1947): a tenth of the work.
    """
    sides = (np.flatnonzero(side) for side in (positive, ~positive))
    hits, misses = (side[np.argsort(score[side], kind="stable")] for side in sides)
    drawn, lost = weights.take(hits, axis=1), weights.take(misses, axis=1)
    below = np.pad(np.cumsum(lost, axis=1), ((0, 0), (1, 0)))  # weight of the k lowest negatives
    places = [np.searchsorted(score[misses], score[hits], edge) for edge in ("left", "right")]
    won = sum(np.einsum("dn,dn->d", drawn, below.take(place, axis=1)) for place in places)
    return divide(won / 2, drawn.sum(axis=1) * below[:, -1])


def average_precision(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the precision at each threshold, weighted by the recall it adds; NaN with one class only."""
    roc = Roc.of(positive, score, weights)
    area = (np.diff(roc.recall, axis=1) * roc.precision[:, 1:]).sum(axis=1)
    return np.where(np.isnan(roc.alarms[:, -1]), np.nan, area)


def equal_error_rate(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the rate at which as many positives are missed as negatives said, between two thresholds on a line."""
    roc = Roc.of(positive, score, weights)
    gap = roc.alarms + roc.recall - 1  # from −1 up to 1
    after = np.maximum((gap >= 0).argmax(axis=1), 1)
    rows = np.arange(len(gap))
    before = after - 1
    part = -gap[rows, before] / (gap[rows, after] - gap[rows, before])
    return roc.alarms[rows, before] + part * (roc.alarms[rows, after] - roc.alarms[rows, before])


def recall_at(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the highest recall at a threshold that `PASSED` of these same negatives pass; NaN with one class only.

    The threshold is set on the photos that are measured: it says what the scores could do, not what a release does.
    """
    roc = Roc.of(positive, score, weights)
    best = np.where(roc.alarms <= 1 - PASSED + 1e-12, roc.recall, 0).max(axis=1)
    return np.where(np.isnan(roc.alarms[:, -1]), np.nan, best)


def log_loss(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean negative log likelihood, in nats, of probabilities `score` (N,)."""
    kept = np.clip(np.where(positive, score, 1 - score), LEAST, 1)
    return divide(weights @ -np.log(kept), weights.sum(axis=1))


def bins_of(score: np.ndarray, bins: int) -> np.ndarray:
    """Return (N, bins) float64: 1 in the equal-width bin of [0, 1] that each probability lies in."""
    return np.eye(bins)[np.clip((score * bins).astype(int), 0, bins - 1)]


def calibration_error(positive: np.ndarray, score: np.ndarray, weights: np.ndarray, bins: int = 10) -> np.ndarray:
    """Return the mean gap between probability and share of positives over bins (Naeini et al., AAAI 2015)."""
    gaps = weights @ (bins_of(score, bins) * (score - positive)[:, None])
    return divide(np.abs(gaps).sum(axis=1), weights.sum(axis=1))


def calibration_chance(score: np.ndarray, draws: int, seed: int = 1, bins: int = 10) -> float:
    """Return the calibration error that probabilities show on average where they are right, with as many photos.

    Few photos have an error without any fault of the score: outcomes are drawn from the probabilities themselves
    (consistency resampling: Bröcker & Smith, Weather and Forecasting 2007).

    Args:
        score: (N,) probabilities, at least one.
        draws: of outcomes.
        seed: of the draws.
        bins: as many as the error has that this is held beside.
    """
    rng, lies = np.random.default_rng(seed), bins_of(score, bins)
    gaps = [np.abs((score - (rng.random(len(score)) < score)) @ lies).sum() for _ in range(draws)]
    return float(np.mean(gaps) / len(score))


def macro_f1(label: np.ndarray, answer: np.ndarray, classes: tuple[str, ...], weights: np.ndarray) -> np.ndarray:
    """Return the mean F1 of the classes, (N,) str each; NaN for a draw that lacks a class."""
    truth, answers = (np.stack([values == one for one in classes], axis=1) for values in (label, answer))
    both, true, answered = (weights @ part.astype(float) for part in (truth & answers, truth, answers))
    f1 = divide(2 * both, true + answered)
    return np.where((true > 0).all(axis=1), np.nan_to_num(f1).mean(axis=1), np.nan)
