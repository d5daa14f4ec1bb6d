"""A baseline's predictions and figures, under the names that an evaluation of a release gives them."""

from typing import Any

import pandas as pd

from pipeline.crops.identity import id_of
from pipeline.evaluation.audit.tasks import ALL, Task, tasks_of
from pipeline.figures import bootstrap
from pipeline.figures.everything import false_alarms_by_source, same_originals
from pipeline.results.audit import SAME
from pipeline.results.evaluation import BARE, KIND_RIGHT

FROM_EVEN_ODDS = f"{ALL}, from 0.5"


def prediction_rows(rows: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Return one row a photo that was judged, with `BARE`, and the store's origin and recipe for `figures`.

    Args:
        rows: the store's rows of a split.
        answers: of a baseline, indexed as they are; rows without an answer are left out.
    """
    table = rows.join(answers, how="inner")
    ids = [id_of(*row) for row in zip(table.sha256, table.recipe, strict=True)]
    judged = table.assign(id=ids, says_edited=table.forced != "real", verdict=table.forced, reasons="")
    return judged[[*BARE, "origin", "recipe"]]


def baseline_figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return both stages' figures by scope (`pipeline.evaluation.audit.tasks`), the joint ones and the confusion.

    Scopes of both stages:

    - all collections together;
    - a collection that has both classes;
    - the edits forged from a collection, with their originals.

    Stage 2 has two more, as a release's figures do: all edits, and the edits of originals of which there are both
    kinds, over all and by source.
    """
    sections: dict[str, Any] = {"edited": {}, "deepfake": {}}
    edits = table[table.label != "real"]
    every = Task("deepfake", "all", edits.assign(positive=edits.label == "deepfake"))
    for task in [every, *tasks_of(table)]:
        if len(task.rows) and task.scope != SAME:
            sections[task.stage][task.scope] = bootstrap.stage_figures(_score_columns(task))
    sections["deepfake"] |= same_originals(_score_columns(every))
    camera = table[table.recipe == ""]
    sections["edited"][FROM_EVEN_ODDS] = _from_even_odds(camera)
    sections["joint"] = {ALL: bootstrap.joint_figures(camera)}
    if len(camera) < len(table):
        sections["joint"]["with forgeries"] = bootstrap.joint_figures(table)
    sections["confusion"] = bootstrap.confusion(camera)
    sections["false alarms"] = false_alarms_by_source(table)
    sections[KIND_RIGHT] = _kinds(edits)
    return sections


def _score_columns(task: Task) -> pd.DataFrame:
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
