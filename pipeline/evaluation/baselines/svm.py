"""The original system's other approach, a support vector machine, without what was wrong with it.

- Nothing is loaded whole: features come from their file a few hundred rows at a time.
- The scaler and the hinge loss are fitted by stochastic gradient (Bottou, 2010, averaged) in a few shuffled passes.
- An RBF kernel stands in as Nyström's approximation of a fixed size (Williams & Seeger, 2001).
- The crop keeps its size; a face larger than some 215 px was shrunk when it was cut.
- All photos are used, and all cores work on features and candidates.
- Family of features, kernel, penalty and weights are chosen on validation.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from tqdm import tqdm

from pipeline.evaluation.baselines.cache import Features, pieces_of
from pipeline.evaluation.baselines.features import FAMILIES
from pipeline.training.calibration import weights_of

CHUNK = 512
PASSES = 10
LANDMARKS = 600
"""Training photos that the kernel is approximated by; a fixed number, so that memory and time for a photo are too."""
WIDTH_OF_KERNEL = 0.5
"""The RBF's gamma times the number of features, which are standardised."""
FARTHEST = 5.0
"""Standardised features are cut off at ± so many deviations: one odd photo must not turn the line."""
PENALTIES = {"linear": (1e-3, 1e-2, 1e-1), "rbf": (1e-5, 1e-4, 1e-3)}
WEIGHTINGS = ("classes", "sources and kinds")


@dataclass(frozen=True)
class Candidate:
    """One way to fit: a key of `FAMILIES`, of `PENALTIES`, a member of `WEIGHTINGS`, and the penalty alpha."""

    family: str
    kernel: str
    weighting: str
    penalty: float


CANDIDATES = tuple(
    Candidate(family, kernel, weighting, penalty)
    for family, (kernel, penalties), weighting in product(FAMILIES, PENALTIES.items(), WEIGHTINGS)
    for penalty in penalties
)


@dataclass(frozen=True)
class View:
    """How one family of features is shown to a line: standardised, and through a kernel or not."""

    columns: slice
    scaler: StandardScaler
    kernel: Nystroem | None = None

    def of(self, features: np.ndarray) -> np.ndarray:
        """Return (N, D) float32 of all features, (N, F) float32."""
        columns = np.clip(self.scaler.transform(features)[:, self.columns], -FARTHEST, FARTHEST)
        return columns if self.kernel is None else self.kernel.transform(columns).astype(np.float32)

    def with_kernel(self, sample: np.ndarray, seed: int) -> "View":
        """Return the same with a kernel approximated by a sample of all features, (n, F)."""
        columns = self.of(sample)
        count, gamma = min(LANDMARKS, len(columns)), WIDTH_OF_KERNEL / columns.shape[1]
        return View(
            self.columns, self.scaler, Nystroem(gamma=gamma, n_components=count, random_state=seed).fit(columns)
        )


@dataclass(frozen=True)
class Svm:
    """The candidate that was best on validation, and the AUC of all there."""

    chosen: Candidate
    view: View
    model: SGDClassifier
    tried: tuple[dict[str, Any], ...]

    def scores(self, features: Features, rows: np.ndarray) -> np.ndarray:
        """Return (len(rows),) signed distances from the line, larger for the positive label."""
        parts = [self.model.decision_function(self.view.of(seen)) for seen in _stream(features, rows)]
        return np.concatenate(parts) if parts else np.zeros(0)


def fit_svm(
    features: Features,
    train: pd.DataFrame,
    val: pd.DataFrame,
    truths: tuple[np.ndarray, np.ndarray],
    seed: int = 1,
    candidates: tuple[Candidate, ...] = CANDIDATES,
) -> Svm:
    """Fit all candidates in the same passes over the training rows, and choose on validation.

    Args:
        features: of all these rows.
        train, val: rows of the store, with the columns source and kind; both classes in each.
        truths: of train and val, (N,) in {0, 1}.
        seed: of the order, of the kernel's sample and of the solvers.
        candidates: what is tried.

    Returns:
        The one with the largest AUC on validation, where every source and kind of a class weighs the same.
    """
    views = _views(features, train.index.to_numpy(), seed, candidates)
    models = [SGDClassifier(alpha=one.penalty, average=True, random_state=seed) for one in candidates]
    weights = {
        "classes": compute_sample_weight("balanced", truths[0]),
        "sources and kinds": weights_of(train, truths[0]),
    }
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for places in _passes(len(train), seed):
            seen = features.of(train.index.to_numpy()[places])
            chunk = {key: view.of(seen) for key, view in views.items()}
            learn = partial(_learn, chunk, truths[0], weights, places)
            list(threads.map(learn, candidates, models))
    return _best(features, val, truths[1], views, candidates, models)


def _learn(
    chunk: dict[tuple[str, str], np.ndarray],
    truth: np.ndarray,
    weights: dict[str, np.ndarray],
    places: np.ndarray,
    one: Candidate,
    model: SGDClassifier,
) -> None:
    """Let a model see a chunk; the solver releases the interpreter's lock, so threads use all cores."""
    part = weights[one.weighting][places]
    model.partial_fit(chunk[one.family, one.kernel], truth[places], classes=(0, 1), sample_weight=part)


def _passes(count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield chunks of places, every pass in another order."""
    rng = np.random.default_rng(seed)
    chunks = -(-count // CHUNK)
    with tqdm(total=PASSES * chunks, desc="support vectors", unit="chunk", disable=None) as bar:
        for _ in range(PASSES):
            for places in pieces_of(rng.permutation(count), CHUNK):
                yield places
                bar.update()


def _stream(features: Features, rows: np.ndarray) -> Iterator[np.ndarray]:
    return (features.of(piece) for piece in pieces_of(rows, CHUNK))


def _views(
    features: Features, rows: np.ndarray, seed: int, candidates: Iterable[Candidate]
) -> dict[tuple[str, str], View]:
    scaler = StandardScaler(copy=True)
    for seen in _stream(features, rows):
        scaler.partial_fit(seen)
    some = np.random.default_rng(seed).permutation(rows)[:LANDMARKS]
    views = {}
    for family, kernel in dict.fromkeys((one.family, one.kernel) for one in candidates):
        plain = View(FAMILIES[family], scaler)
        views[family, kernel] = plain if kernel == "linear" else plain.with_kernel(features.of(some), seed)
    return views


def _best(
    features: Features,
    val: pd.DataFrame,
    truth: np.ndarray,
    views: dict[tuple[str, str], View],
    candidates: tuple[Candidate, ...],
    models: list[SGDClassifier],
) -> Svm:
    scores: list[list[np.ndarray]] = [[] for _ in candidates]
    for seen in _stream(features, val.index.to_numpy()):
        chunk = {key: view.of(seen) for key, view in views.items()}
        for one, model, distances in zip(candidates, models, scores, strict=True):
            distances.append(model.decision_function(chunk[one.family, one.kernel]))
    weights = weights_of(val, truth)
    areas = [float(roc_auc_score(truth, np.concatenate(distances), sample_weight=weights)) for distances in scores]
    tried = tuple(vars(one) | {"AUC": round(area, 4)} for one, area in zip(candidates, areas, strict=True))
    best = int(np.argmax(areas))
    chosen = candidates[best]
    return Svm(chosen, views[chosen.family, chosen.kernel], models[best], tried)
