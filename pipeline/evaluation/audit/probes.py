"""Cross-validated classifiers: everything that is fitted, scaled or chosen sees the training groups only."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDS = 5
INNER_FOLDS = 3
LEAST = 10
"""Groups that each class needs for a figure."""

TREES = 100
LEAF = 0.01
"""Least share of the photos in a leaf: smaller leaves learn the noise of one fact beside the signal of another."""

COMPONENTS = 128
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Inverse strengths C of the penalty, tried inside the training folds."""

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, int], Any]
"""Makes a model with `predict_proba` and `classes_` of features (N, D), int classes (N,), groups (N,) and a seed."""


def lacking(truth: np.ndarray, groups: np.ndarray) -> str:
    """Say what is missing for a figure: a class, or groups of a class; "" where nothing is."""
    labels = sorted(set(truth.tolist()))
    if len(labels) < 2:
        return f"there are only {labels[0]} photos" if labels else "there are no photos"
    counts = {label: len(set(groups[truth == label].tolist())) for label in labels}
    label = min(counts, key=lambda name: counts[name])
    if counts[label] < LEAST:
        return f"{counts[label]} groups with {label} photos, and {LEAST} are needed"
    return ""


def out_of_fold(
    features: np.ndarray, truth: np.ndarray, groups: np.ndarray, fit: Fit, seed: int
) -> tuple[np.ndarray, list[Any]]:
    """Return (N, K) class probabilities, each row from a model that saw no photo of its group; and those models.

    Args:
        features: (N, D) float.
        truth: (N,) int classes 0 … K−1.
        groups: (N,) names.
        fit: makes a model of a training part.
        seed: of the folds and of the models.
    """
    scores, models = np.zeros((len(truth), truth.max() + 1)), []
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(features, truth, groups):
        model = fit(features[train], truth[train], groups[train], seed)
        scores[np.ix_(test, model.classes_)] = model.predict_proba(features[test])
        models.append(model)
    return scores, models


def forest(features: np.ndarray, truth: np.ndarray, groups: np.ndarray, seed: int) -> RandomForestClassifier:
    """Fit a random forest, classes weighted alike: facts combine in ways that no line separates."""
    model = RandomForestClassifier(TREES, min_samples_leaf=LEAF, class_weight="balanced", random_state=seed)
    return model.fit(features, truth)


def linear(features: np.ndarray, truth: np.ndarray, groups: np.ndarray, seed: int) -> Any:
    """Fit a logistic regression, classes weighted alike, on standardised principal components; C is cross-validated."""
    parts = min(COMPONENTS, features.shape[1], len(features) - 1)
    body = make_pipeline(StandardScaler(), PCA(parts, random_state=seed))
    search = GridSearchCV(
        LogisticRegression(class_weight="balanced", max_iter=2000, tol=1e-3),
        {"C": list(STRENGTHS)},
        cv=StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=seed),
        scoring="balanced_accuracy",
    )
    search.fit(body.fit_transform(features), truth, groups=groups)
    return make_pipeline(body, search.best_estimator_)


class Rule:
    """Says positive of whatever differs from the commonest value among the negatives: one look, nothing to learn."""

    classes_ = np.array([0, 1])

    def __init__(self, usual: float) -> None:
        self.usual = usual

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """Return (N, 2) certainties of the one feature, (N, 1)."""
        odd = (features[:, 0] != self.usual).astype(float)
        return np.stack([1 - odd, odd], axis=1)


def rule(features: np.ndarray, truth: np.ndarray, groups: np.ndarray, seed: int) -> Rule:
    """Find the commonest value among the negatives."""
    values, counts = np.unique(features[truth == 0, 0], return_counts=True)
    return Rule(float(values[counts.argmax()]))
