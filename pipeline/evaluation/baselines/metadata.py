"""What the files' facts alone tell of the three classes: no picture is looked at beyond its sharpness and brightness.

Gradient-boosted trees over histograms (Ke et al., NeurIPS 2017), on the facts that the audit knows. A forged row has
no file of its own, so only rows that are files are fitted and judged. A detector must beat this in the container as it
came, or it may have learned the container.
"""

from itertools import product

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils.class_weight import compute_sample_weight

from pipeline.evaluation.audit.file_facts import ALL_FACTS, FAMILIES, facts_of_files
from pipeline.evaluation.baselines.calibrated import log_odds

NAMED = ("jpeg_tables", "subsampling")
LEAVES, RATES = (4, 8, 16), (0.05, 0.1)
LEAF = 10
"""Photos that a leaf holds at least."""
FACTS = FAMILIES[ALL_FACTS]


class Facts:
    """Turns rows into facts, (N, 8) float; names are numbered by the training rows, a name unknown there is NaN."""

    def __init__(self, train: pd.DataFrame) -> None:
        self._names = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=200)
        self._names.fit(train[list(NAMED)].to_numpy(object))

    def of(self, rows: pd.DataFrame) -> np.ndarray:
        """Return (N, 8) float64, in the order of `FACTS`."""
        facts = facts_of_files(rows)
        facts[list(NAMED)] = self._names.transform(rows[list(NAMED)].to_numpy(object))
        return facts[list(FACTS)].to_numpy(float)


def fit_trees(train: pd.DataFrame, val: pd.DataFrame, seed: int = 1) -> tuple[HistGradientBoostingClassifier, Facts]:
    """Fit trees of several sizes and rates; return the one with the least log loss on validation, classes alike.

    Args:
        train, val: files' rows, all three labels in each.
        seed: of the trees.
    """
    facts = Facts(train)
    training, weights = facts.of(train), compute_sample_weight("balanced", train.label)
    models = [_model(leaves, rate, seed).fit(training, train.label, weights) for leaves, rate in product(LEAVES, RATES)]
    validation, share = facts.of(val), compute_sample_weight("balanced", val.label)
    losses = [log_loss(val.label, m.predict_proba(validation), sample_weight=share, labels=m.classes_) for m in models]
    return models[int(np.argmin(losses))], facts


def _model(leaves: int, rate: float, seed: int) -> HistGradientBoostingClassifier:
    by_name = [fact in NAMED for fact in FACTS]
    return HistGradientBoostingClassifier(
        max_leaf_nodes=leaves,
        learning_rate=rate,
        min_samples_leaf=LEAF,
        categorical_features=by_name,
        early_stopping=False,
        random_state=seed,
    )


def raw_scores(model: HistGradientBoostingClassifier, facts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds (N,) of edited against real, and of deepfake against facetune, of facts (N, 8)."""
    shares = np.clip(model.predict_proba(facts), 1e-9, None)
    return log_odds(dict(zip(model.classes_.tolist(), np.log(shares).T, strict=True)))
