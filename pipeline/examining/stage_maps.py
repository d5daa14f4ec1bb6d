"""The maps of one stage: where its own mask holds faces edited, or what moved its score."""

from collections.abc import Sequence

import numpy as np

from models.release import StageName
from pipeline.examining.edit_map import where_edited
from pipeline.examining.loaded import Cascade, detector_of
from pipeline.examining.networks import FaceCrops, answers_about, outputs_of
from pipeline.examining.questions import Question
from pipeline.heatmap import Heatmap
from pipeline.settings import settings


def masks_of(
    cascade: Cascade, stage: StageName, crops: FaceCrops, questions: Sequence[Question], method: str
) -> list[Heatmap]:
    """Return where a stage holds faces edited, by a method of `WHERE_EDITED`; its served network must tell masks."""
    answers = answers_about(cascade, stage, crops)
    assert answers.masks is not None
    grids = where_edited(answers.masks, answers.scores[:, 1:], method, crops.landmarks, crops.pixels.shape[-1])
    positive = cascade.cards[stage].positive
    return [
        Heatmap(grid if question.sign(positive, method) > 0 else -grid, face.window, stage, question.label, method)
        for grid, face, question in zip(grids, crops.faces, questions, strict=True)
    ]


def accounts_of(
    cascade: Cascade, stage: StageName, crops: FaceCrops, questions: Sequence[Question], method: str
) -> list[Heatmap]:
    """Return the maps that the stage's network in torch gives, each with its faithfulness.

    Raises:
        UnknownName: there is no such method, or the network cannot give it.
    """
    from pipeline.examining.explain import heatmaps
    from pipeline.examining.faithfulness import with_faithfulness

    card = cascade.cards[stage]
    detector, size = detector_of(card.weights), settings().batch_size
    maps: list[Heatmap] = []
    for first in range(0, len(crops), size):
        rows = range(len(crops))[first : first + size]
        maps += heatmaps(detector, card.positive, crops.select(rows), [questions[row] for row in rows], method)

    def logits(batch: np.ndarray) -> np.ndarray:
        return outputs_of(cascade, stage, batch)[:, 0]

    return [with_faithfulness(m, logits, crop, card.positive) for m, crop in zip(maps, crops.pixels, strict=True)]
