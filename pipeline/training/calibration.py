"""From logits to probabilities: three methods, compared by grouped cross-validation on validation photos.

Every method is monotone: a larger logit never gets a smaller probability. Probabilities hold where both classes are
equally frequent, within each every source, and within that every kind, see `weights_of`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold

from models.release import Stage
from pipeline.datasets import LABELS
from pipeline.errors import NotCalibrated

FOLDS = 5
DIGITS = 6


@dataclass(frozen=True)
class Calibration:
    """How a logit becomes a probability; the fields are those of `models.release.Stage`.

    Attributes:
        method: a key of `METHODS`.
        slope, intercept: of the log-odds; with knots the slope holds beyond the first and the last.
        knots: (logit, probability), both rising; none but for isotonic regression.
    """

    method: str
    slope: float
    intercept: float
    knots: tuple[tuple[float, float], ...] = ()

    def stage(self, detector: str = "") -> Stage:
        """Return a stage with this calibration, from 0.5 on positive, without a band or a rule."""
        return Stage(detector, self.slope, self.intercept, 0.5, (0.5, 0.5), "", self.knots)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities in (0, 1), float64, for logits of any shape."""
        return probabilities(self.stage(), logits)


def probabilities(stage: Stage, logits: np.ndarray) -> np.ndarray:
    """Return a stage's calibrated probabilities in (0, 1), float64, for logits of any shape."""
    return np.array([stage.probability(logit) for logit in logits.ravel().tolist()]).reshape(logits.shape)


def weights_of(rows: pd.DataFrame, truth: np.ndarray) -> np.ndarray:
    """Return weights (N,) that give both classes the same say, within a class every source, within that every kind.

    Sources before kinds: the forge makes five kinds of edit of each of five sources, and would else outweigh all
    collections of edits that people made.
    """
    of_class = pd.Series(truth, rows.index)
    photos = rows.groupby([of_class, rows.source, rows.kind]).source.transform("size")
    kinds = rows.groupby([of_class, rows.source]).kind.transform("nunique")
    within = 1 / (photos * kinds).to_numpy(float)
    for side in (0, 1):
        within[truth == side] /= within[truth == side].sum()
    return within * len(rows) / 2


def _logistic(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray, intercept: bool) -> tuple[float, float]:
    model = LogisticRegression(C=1e6, fit_intercept=intercept).fit(
        logits[:, None].astype(float), truth, sample_weight=weights
    )
    slope, shift = float(model.coef_[0, 0]), float(model.intercept_[0]) if intercept else 0.0
    if not slope > 0:
        raise NotCalibrated("On validation a larger logit means a smaller chance of the positive label: train again.")
    return slope, shift


def temperature(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Calibration:
    """Fit one slope, 1 / temperature (Guo et al., ICML 2017); see `best_calibration`."""
    return Calibration("temperature", *_logistic(logits, truth, weights, intercept=False))


def platt(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Calibration:
    """Fit slope and intercept (Platt, 1999); see `best_calibration`."""
    return Calibration("platt", *_logistic(logits, truth, weights, intercept=True))


def isotonic(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Calibration:
    """Fit a rising curve of any form (Zadrozny & Elkan, KDD 2002); see `best_calibration`.

    Its flat blocks become knots at their centres, so that the curve rises everywhere (centred isotonic regression:
    Oron & Flournoy, 2017). The first and last blocks, which often hold one class only, are kept off 0 and 1 by
    Laplace's rule of succession. Beyond them it runs on with Platt's slope.
    """
    line = platt(logits, truth, weights)
    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    fitted = np.round(model.fit_transform(logits.astype(float), truth, sample_weight=weights), 9)
    table = pd.DataFrame({"level": fitted, "weight": weights, "moment": weights * logits.astype(float)})
    blocks = table.groupby("level", sort=True).sum()
    least, most = 1 / (blocks.weight.iloc[[0, -1]].to_numpy() + 2) * [1, -1] + [0, 1]
    levels = np.round(np.clip(blocks.index.to_numpy(), min(least, 0.5), max(most, 0.5)), DIGITS)
    _, first = np.unique(levels, return_index=True)  # blocks that the rule of succession made alike are one
    centres = (blocks.moment / blocks.weight).to_numpy()
    return Calibration(
        "isotonic", line.slope, line.intercept, tuple((float(centres[i]), float(levels[i])) for i in first)
    )


Method = Callable[[np.ndarray, np.ndarray, np.ndarray], Calibration]
METHODS: Mapping[str, Method] = MappingProxyType({"temperature": temperature, "platt": platt, "isotonic": isotonic})
"""Simplest first: of two that do equally well the first is taken."""


def compare_methods(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    """Return each method's weighted log loss, in nats, on photos of groups that it was not fitted on; lower is better.

    Args, raises: see `best_calibration`.
    """
    _refuse_unfit(logits, truth)
    unseen = {name: np.empty(len(logits)) for name in METHODS}
    for known, new in _folds(logits, truth, groups):
        for name, fit in METHODS.items():
            unseen[name][new] = fit(logits[known], truth[known], weights[known]).probabilities(logits[new])
    return {name: round(float(log_loss(truth, p, sample_weight=weights)), 5) for name, p in unseen.items()}


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Say in front of what a calibration within is refused for whose scores they are: one of several may point wrongly.

    Raises:
        NotCalibrated: whatever is raised within, named.
    """
    try:
        yield
    except NotCalibrated as problem:
        raise NotCalibrated(f"{what}: {problem}") from problem


def best_calibration(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray, groups: np.ndarray) -> Calibration:
    """Return the calibration that does best by grouped cross-validation, fitted on all.

    Args:
        logits: (N,) raw, of validation photos.
        truth: (N,) in {0, 1}.
        weights: (N,) positive, see `weights_of`.
        groups: (N,) labels; a person's photos share one and are never on both sides of a fold.

    Raises:
        NotCalibrated: one class only, too few groups, logits that are no numbers, or that point the wrong way.
    """
    losses = compare_methods(logits, truth, weights, groups)
    return METHODS[min(losses, key=lambda name: losses[name])](logits, truth, weights)


def _refuse_unfit(logits: np.ndarray, truth: np.ndarray) -> None:
    if not np.isfinite(logits).all():
        raise NotCalibrated(f"{np.count_nonzero(~np.isfinite(logits))} validation logits are no numbers.")
    if set(np.unique(truth)) != {0, 1}:
        raise NotCalibrated("Validation photos of one class only: nothing can be calibrated on them.")


def _folds(logits: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (known, new) indices of each fold; every fold knows both classes."""
    fewest = min(len(np.unique(groups[truth == side])) for side in (0, 1))
    if fewest < 2:
        raise NotCalibrated("Validation photos of one class all belong to one group: cross-validation needs two.")
    return list(StratifiedGroupKFold(min(FOLDS, fewest), shuffle=True, random_state=0).split(logits, truth, groups))


def joint_of(edited: np.ndarray, deepfake: np.ndarray) -> np.ndarray:
    """Return joint probabilities, (N, 3) in the order of `LABELS`, of the two stages' calibrated ones: (N,) each."""
    return np.column_stack([1 - edited, edited * deepfake, edited * (1 - deepfake)])


def conformal_of(joint: np.ndarray, labels: np.ndarray, weights: np.ndarray, coverage: float = 0.9) -> dict[str, Any]:
    """Return the quantiles of class-conditional split conformal sets (LAC: Sadinle, Lei & Wasserman, JASA 2019).

    A label stays possible where 1 − p is at most its quantile, see `pipeline.verdict.label_set`; so that of photos
    like validation's, weighted alike, at least `coverage` of each label keep it.

    Args:
        joint: (N, 3) of validation photos, from `joint_of`; both stages on every photo.
        labels: (N,) of `LABELS`, the truth.
        weights: (N,), see `weights_of`.
        coverage: in (0, 1).

    Returns:
        A release's `conformal`. A label with too few photos for the coverage has the quantile 1: never ruled out.
    """
    quantiles = {}
    for place, label in enumerate(LABELS):
        mine = labels == label
        order = np.argsort(1 - joint[mine, place])
        summed = np.cumsum(weights[mine][order])
        wanted = coverage * (summed[-1] + summed[-1] / len(summed)) * (1 - 1e-12) if len(summed) else 0.0
        reached = int(np.searchsorted(summed, wanted))
        quantiles[label] = float((1 - joint[mine, place])[order][reached]) if reached < len(summed) else 1.0
    return {"coverage": coverage, "quantiles": quantiles}
