"""(a) What the files' facts alone tell of the label: no picture is looked at."""

from typing import Any

import pandas as pd

from pipeline.evaluation.audit import file_facts
from pipeline.evaluation.audit.entries import question_about, two_classes
from pipeline.evaluation.audit.file_facts import ALL_FACTS, FAMILIES, PUBLISHED, RULE
from pipeline.evaluation.audit.probes import Fit, forest, rule
from pipeline.evaluation.audit.tasks import Task, edited_task
from pipeline.results.audit import SAME

AUDIT = "metadata"


def fitting(family: str) -> Fit:
    """Return the classifier of a family of facts."""
    return rule if family == RULE else forest


def as_published(manifest: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Measure what the files told that were first published, of all photos whose collection says so."""
    known = manifest[(manifest.quarantine == "") & (manifest.original_jpeg_quality > 0)]
    facts = file_facts.facts_first_published(known)
    tasks = [edited_task(str(source), rows) for source, rows in known.groupby("source")]
    entries = []
    for task in (task for task in tasks if task.rows.positive.nunique() == 2):
        for family, columns in PUBLISHED.items():
            what = question_about(AUDIT, task, family, "published", columns)
            entries.append(two_classes(what, task.rows, facts[list(columns)], fitting(family), seed))
    return entries


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
    known, entries = {"before": before, "after": after}, []
    for task in tasks:
        families = (
            (ALL_FACTS,) if task.forged else tuple(name for name in FAMILIES if name != RULE or _has_rule(task, ruled))
        )
        for family in families:
            for condition in task.conditions:
                what, facts = question_about(AUDIT, task, family, condition, FAMILIES[family]), known[condition]
                entries.append(two_classes(what, task.rows, facts[list(FAMILIES[family])], fitting(family), seed))
    return entries


def _has_rule(task: Task, ruled: set[str]) -> bool:
    return task.stage == "edited" and task.scope in ruled


def source_known(tasks: list[Task], seed: int) -> list[dict[str, Any]]:
    """Measure what the name of each photo's source is worth: what is at stake where the source can be told.

    A forged edit's source is that of its original: nothing else of it comes from elsewhere.
    """
    entries = []
    for task in (task for task in tasks if task.rows.origin.nunique() > 1 or task.scope == SAME):
        what = question_about("source known", task, "the source's name", task.conditions[0], ("source",))
        origin = file_facts.number_names(task.rows.origin).rename("source").to_frame()
        entries.append(two_classes(what, task.rows, origin, forest, seed))
    return entries
