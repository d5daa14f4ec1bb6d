"""A baseline's predictions and figures, under the names that an evaluation of a release gives them."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.crops.identity import id_of
from pipeline.evaluation.audit.tasks import ALL, SAME, Task, tasks_of
from pipeline.figures import bootstrap
from pipeline.figures.everything import same_originals
from pipeline.results.evaluation import TOLD

EVEN = f"{ALL}, from 0.5"
GIVEN = ("id", "sha256", "label", "kind", "source", "group", "split", "difficulty", "regions", "pair")
COLUMNS = (
    *GIVEN,
    "p_edited",
    "p_deepfake",
    "says_edited",
    "says_deepfake",
    "verdict",
    "reasons",
    "forced",
    "face_size",
)
"""Columns of predictions.csv: those of a release's evaluation that a baseline can fill."""


def predictions(rows: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Return one row a photo that was judged, with `COLUMNS`, and the store's origin and recipe for `figures`.

    Args:
        rows: the store's rows of a split.
        answers: what a baseline said, indexed as they are; rows without an answer are left out.
    """
    table = rows.join(answers, how="inner")
    ids = [id_of(*row) for row in zip(table.sha256, table.recipe, strict=True)]
    said = table.assign(id=ids, says_edited=table.forced != "real", verdict=table.forced, reasons="")
    return said[[*COLUMNS, "origin", "recipe"]]


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return both stages' figures by scope (`pipeline.evaluation.audit.tasks`), the joint ones and the confusion.

    A scope is all collections together, a collection that has both classes, the edits forged from a collection with
    their originals, and for stage 2 all edits, and those of originals of which there are edits of both kinds, over all
    and by source, as in a release's figures.
    """
    found: dict[str, Any] = {"edited": {}, "deepfake": {}}
    edits = table[table.label != "real"]
    every = Task("deepfake", "all", edits.assign(positive=edits.label == "deepfake"))
    for task in [every, *tasks_of(table)]:
        if len(task.rows) and task.scope != SAME:
            found[task.stage][task.scope] = bootstrap.stage_figures(_scored(task))
    found["deepfake"] |= same_originals(_scored(every))
    camera = table[table.recipe == ""]
    found["edited"][EVEN] = _from_even_odds(camera)
    found["joint"] = {ALL: bootstrap.joint_figures(camera)}
    if len(camera) < len(table):
        found["joint"]["with forgeries"] = bootstrap.joint_figures(table)
    found["confusion"] = bootstrap.confusion(camera)
    found["false alarms"] = _false_alarms(table)
    found[TOLD] = _kinds(edits)
    return found


def _scored(task: Task) -> pd.DataFrame:
    rows = task.rows
    return rows.assign(score=rows[f"p_{task.stage}"], said=rows[f"says_{task.stage}"])


def _from_even_odds(camera: pd.DataFrame) -> dict[str, Any]:
    """Return what stage 1 would reach if it said edited from 0.5 on, where it is likelier than not."""
    rows = camera.assign(positive=camera.label != "real", said=camera.p_edited >= 0.5)
    chosen = {
        "balanced accuracy": bootstrap.balanced_accuracy,
        "recall": bootstrap.recall,
        "false alarms": bootstrap.false_alarm,
    }
    return {name: bootstrap.interval(rows, measure) for name, measure in chosen.items()}


def _kinds(edits: pd.DataFrame) -> dict[str, Any]:
    """Return, by source, the share of its edits of which stage 2 says the right kind; it is asked of all of them."""
    right = edits.assign(positive=True, said=edits.says_deepfake == (edits.label == "deepfake"))
    return {str(source): bootstrap.interval(part, bootstrap.recall) for source, part in right.groupby("source")}


def _false_alarms(table: pd.DataFrame) -> dict[str, Any]:
    """Return, by source, the share of real photos called edited."""
    reals = table[table.label == "real"]
    reals = reals.assign(positive=np.zeros(len(reals), bool), said=reals.verdict != "real")
    return {str(source): bootstrap.interval(part, bootstrap.false_alarm) for source, part in reals.groupby("source")}
