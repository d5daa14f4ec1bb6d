"""(b) What the picture around the face tells of the label, and (c) which source a real photo shows that it is from."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.evaluation.audit.entries import Question, question_about, several_classes, two_classes
from pipeline.evaluation.audit.networks import Frozen, embed_pictures
from pipeline.evaluation.audit.pictures_shown import Views
from pipeline.evaluation.audit.probes import LEAST, linear
from pipeline.evaluation.audit.tasks import Task, cap_evenly

AROUND, SOURCE = "around the face", "source"
SEEN = {
    "before": "the photo fitted into 256 × 256",
    "cropped": "the face crop, 256 × 256, as decoded",
    "after": "the face crop, 256 × 256, in the fixed container",
}


def around_the_face(
    tasks: list[Task], rows: pd.DataFrame, views: Views, network: Frozen, seed: int
) -> list[dict[str, Any]]:
    """Measure what a network sees of the label where the face is blanked.

    A network that learned from labelled photos may know those it learned from: it is asked about the others only.

    Args:
        tasks: the questions, whose rows are among `rows`.
        rows: all sampled rows.
        views: makes the pictures.
        network: frozen.
        seed: of the folds.
    """
    asked_of = rows[rows.split != "train"] if network.taught else rows
    own, every = asked_of.index[asked_of.recipe == ""].tolist(), asked_of.index.tolist()
    seen = {
        "before": embed_pictures([network], own, views.photo_without_face, "photos without faces")[network.name],
        "after": embed_pictures([network], every, views.in_container_without_face, "crops without faces")[network.name],
    }
    entries = []
    for task in tasks:
        for condition in task.conditions:
            what = question_about(AROUND, task, network.name, condition, (f"{SEEN[condition]}; face blanked",))
            entries.append(two_classes(what, task.rows, seen[condition], linear, seed))
    return entries


def sources(rows: pd.DataFrame, most: int, views: Views, frozen: Sequence[Frozen], seed: int) -> list[dict[str, Any]]:
    """Measure how well a linear probe on frozen networks tells the sources of real photos apart.

    Args:
        rows: usable rows; edited photos and sources of too few groups are not asked about.
        most: photos of a source.
        views: makes the pictures.
        frozen: the networks.
        seed: of the sample and the folds.
    """
    reals = cap_evenly(rows[(rows.recipe == "") & (rows.label == "real")], most, seed)
    reals = reals[reals.groupby("source").group.transform("nunique") >= LEAST]
    reals = reals.assign(truth=reals.source)
    pictures = {"before": views.photo, "cropped": views.crop, "after": views.in_container}
    entries = []
    for condition, picture in pictures.items():
        features = embed_pictures(frozen, reals.index.tolist(), picture, f"sources, {condition}")
        for name, seen in features.items():
            what = Question(SOURCE, "which source", "real photos", "", name, condition, (SEEN[condition],))
            entries.append(several_classes(what, reals, seen, linear, seed))
    return sorted(entries, key=lambda entry: entry["by"])
