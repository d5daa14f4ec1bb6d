"""One question, cross-validated and put into an entry; where nothing can be measured, the entry says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.evaluation.audit.probes import Fit, lacking, out_of_fold
from pipeline.evaluation.audit.tasks import CLASSES, NAMES, Task
from pipeline.evaluation.audit.wording import UNMEASURED, say_standing, say_verdict
from pipeline.figures import bootstrap


@dataclass(frozen=True)
class Question:
    """What an entry is about; see the package's docstring."""

    audit: str
    task: str
    scope: str
    stage: str
    by: str
    condition: str
    features: tuple[str, ...]

    def entry(self, **counts: Any) -> dict[str, Any]:
        """Return the question as plain data, with the photos that it was asked of."""
        return vars(self) | {"features": list(self.features)} | counts


def question_about(audit: str, task: Task, by: str, condition: str, features: Sequence[str]) -> Question:
    """Name a question about a task."""
    return Question(audit, NAMES[task.stage], task.scope, task.stage, by, condition, tuple(features))


def two_classes(what: Question, rows: pd.DataFrame, features: pd.DataFrame, fit: Fit, seed: int) -> dict[str, Any]:
    """Measure how well features tell `positive` from the rest.

    Args:
        what: the question.
        rows: with the columns positive and group.
        features: numbers of the rows that have any, indexed as the rows are.
        fit: see `pipeline.evaluation.audit.probes`.
        seed: of the folds.
    """
    kept = rows[rows.index.isin(features.index)]
    negative, positive = CLASSES[what.stage]
    truth = np.where(kept.positive, positive, negative)
    if reason := lacking(truth, kept.group.to_numpy()):
        return unmeasured_entry(what, kept, truth, reason, 0.5)
    known = features.loc[kept.index].to_numpy(float)
    scores, models = out_of_fold(known, kept.positive.to_numpy(int), kept.group.to_numpy(), fit, seed)
    table = kept[["positive", "group"]].assign(score=scores[:, 1], said=scores[:, 1] >= 0.5)
    figures = {
        "balanced accuracy": bootstrap.interval(table, bootstrap.balanced_accuracy),
        "AUC": bootstrap.interval(table, bootstrap.auc),
        "accuracy": bootstrap.interval(table.assign(hit=table.said == table.positive), bootstrap.hit_rate),
    }
    return _finish(_count(what, kept, truth, 0.5) | figures | _importances(models, what.features))


def several_classes(what: Question, rows: pd.DataFrame, features: pd.DataFrame, fit: Fit, seed: int) -> dict[str, Any]:
    """Measure how well features tell a row's `truth` among several; see `two_classes`."""
    kept = rows[rows.index.isin(features.index)]
    names, codes = np.unique(kept.truth.to_numpy(str), return_inverse=True)
    chance = 1 / max(1, len(names))
    if reason := lacking(kept.truth.to_numpy(), kept.group.to_numpy()):
        return unmeasured_entry(what, kept, kept.truth.to_numpy(), reason, chance)
    scores, _ = out_of_fold(features.loc[kept.index].to_numpy(float), codes, kept.group.to_numpy(), fit, seed)
    table = pd.DataFrame({"truth": codes, "said": scores.argmax(axis=1), "group": kept.group.to_numpy()})
    figures = {
        "balanced accuracy": bootstrap.interval(table, mean_recall),
        "AUC": None,
        "accuracy": bootstrap.interval(table.assign(hit=table.said == table.truth), bootstrap.hit_rate),
    }
    return _finish(_count(what, kept, kept.truth.to_numpy(), chance) | figures)


def unmeasured_entry(what: Question, rows: pd.DataFrame, truth: Any, reason: str, chance: float) -> dict[str, Any]:
    """Return an entry without figures, which says why."""
    return _count(what, rows, truth, chance) | {"standing": UNMEASURED, "verdict": f"{UNMEASURED}: {reason}."}


def _count(what: Question, rows: pd.DataFrame, truth: Any, chance: float) -> dict[str, Any]:
    counts = pd.Series(truth, dtype=object).value_counts().sort_index()
    classes = {str(label): int(count) for label, count in counts.items()}
    return what.entry(n=len(rows), groups=int(rows.group.nunique()), classes=classes, chance=round(chance, 4))


def _finish(entry: dict[str, Any]) -> dict[str, Any]:
    entry["standing"] = say_standing(entry)
    return entry | {"verdict": say_verdict(entry)}


def _importances(models: list[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return what the forests went by, largest share first; nothing for other models."""
    shares = [model.feature_importances_ for model in models if hasattr(model, "feature_importances_")]
    if not shares:
        return {}
    mean = dict(zip(names, np.mean(shares, axis=0).tolist(), strict=True))
    return {"telling": {name: round(mean[name], 3) for name in sorted(mean, key=lambda name: -mean[name])}}


def mean_recall(table: pd.DataFrame) -> float:
    """Mean over the classes in the table of the share of their rows that are named right."""
    truth = table.truth.to_numpy()
    hits = np.bincount(truth, table.said.to_numpy() == truth)
    counts = np.bincount(truth)
    return float((hits[counts > 0] / counts[counts > 0]).mean())
