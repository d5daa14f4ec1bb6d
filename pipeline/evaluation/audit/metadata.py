"""(a) What the files' facts alone tell of the label: no picture is looked at."""

from typing import Any

import pandas as pd

from pipeline.evaluation.audit import file_facts
from pipeline.evaluation.audit.entries import asked, two_classes
from pipeline.evaluation.audit.file_facts import ALL, FAMILIES, PUBLISHED, RULE
from pipeline.evaluation.audit.probes import Fit, forest, rule
from pipeline.evaluation.audit.tasks import SAME, Task, edited

AUDIT = "metadata"


def fitting(family: str) -> Fit:
    """Return the classifier of a family of facts."""
    return rule if family == RULE else forest


def as_published(manifest: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Measure what the files told that were first published, of all photos whose collection says so."""
    known = manifest[(manifest.quarantine == "") & (manifest.original_jpeg_quality > 0)]
    told = file_facts.published(known)
    tasks = [edited(str(source), rows) for source, rows in known.groupby("source")]
    found = []
    for task in (task for task in tasks if task.rows.positive.nunique() == 2):
        for family, columns in PUBLISHED.items():
            what = asked(AUDIT, task, family, "published", columns)
            found.append(two_classes(what, task.rows, told[list(columns)], fitting(family), seed))
    return found


def before_and_after(
    tasks: list[Task], before: pd.DataFrame, after: pd.DataFrame, ruled: set[str], seed: int
) -> list[dict[str, Any]]:
    """Measure what the files here tell, and what is left of it in the fixed container.

    Args:
        tasks: the questions.
        before: facts of the originals' files, indexed as the store is.
        after: facts of the crops, indexed as the store is.
        ruled: the scopes whose first publication was audited: they get the one-look rule too.
        seed: of the folds.
    """
    known, found = {"before": before, "after": after}, []
    for task in tasks:
        families = (ALL,) if task.forged else tuple(name for name in FAMILIES if name != RULE or _ruled(task, ruled))
        for family in families:
            for condition in task.conditions:
                what, told = asked(AUDIT, task, family, condition, FAMILIES[family]), known[condition]
                found.append(two_classes(what, task.rows, told[list(FAMILIES[family])], fitting(family), seed))
    return found


def _ruled(task: Task, ruled: set[str]) -> bool:
    return task.stage == "edited" and task.scope in ruled


def source_known(tasks: list[Task], seed: int) -> list[dict[str, Any]]:
    """Measure what the name of each photo's source is worth: what is at stake where the source can be told.

    A forged edit's source is that of its original: nothing else of it comes from elsewhere.
    """
    found = []
    for task in (task for task in tasks if task.rows.origin.nunique() > 1 or task.scope == SAME):
        what = asked("source known", task, "the source's name", task.conditions[0], ("source",))
        origin = file_facts.numbered(task.rows.origin).rename("source").to_frame()
        found.append(two_classes(what, task.rows, origin, forest, seed))
    return found
