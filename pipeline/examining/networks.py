"""Asking a release's networks of face crops: `FaceCrops` go in, `Answers` or a stage's `StageAnswers` come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from models.release import Stage, StageName
from models.serving import Answers
from pipeline.examining.container import pixels_of
from pipeline.examining.lanes import cores, in_lanes
from pipeline.examining.loaded import Cascade
from pipeline.examining.stability import variants, worth_checking
from pipeline.face import Face, in_crop
from pipeline.settings import settings
from pipeline.verdict import StageScore, passes_on, score

VARIED_TOGETHER = 12
"""Faces whose variants are held as tensors at once."""


@dataclass(frozen=True, eq=False)
class FaceCrops:
    """Faces as networks see them, and what networks said of them already.

    Attributes:
        faces: B faces.
        pixels: of their crops, from `pixels_of`.
        answers: what stages said of these crops, where it is at hand.
    """

    faces: Sequence[Face]
    pixels: np.ndarray
    answers: Mapping[StageName, Answers] = field(default_factory=dict)

    @classmethod
    def of(cls, faces: Sequence[Face]) -> Self:
        """Put the crops of faces into the fixed container."""
        return cls(faces, pixels_of([face.crop for face in faces]))

    def __len__(self) -> int:
        return len(self.faces)

    def select(self, rows: Sequence[int]) -> Self:
        """Return some of the faces, by their places."""
        answers = {stage: whole.of(rows) for stage, whole in self.answers.items()}
        return type(self)([self.faces[row] for row in rows], self.pixels[list(rows)], answers)

    @property
    def landmarks(self) -> np.ndarray:
        """Each face's landmarks in its crop's pixels, (B, 468, 2)."""
        points = [in_crop(face, self.pixels.shape[-1]) for face in self.faces]
        return np.stack(points) if points else np.empty((0, 468, 2))


@dataclass(frozen=True, eq=False)
class StageAnswers:
    """What one stage says of those faces of a batch that it was asked of.

    Attributes:
        stage: how it decides.
        scores: place of a face → its score.
        variants: place of a face → the probabilities of its harmless variants, where these could turn the answer.
    """

    stage: Stage
    scores: Mapping[int, StageScore] = field(default_factory=dict)
    variants: Mapping[int, tuple[float, ...]] = field(default_factory=dict)

    @property
    def passing(self) -> list[int]:
        """Places of the faces of which the stage says its positive label, and none of their variants the contrary."""
        return [
            row
            for row, score in self.scores.items()
            if passes_on(score) and not self.stage.flips(score.probability, self.variants.get(row, ()))
        ]


def ask(cascade: Cascade, name: StageName, crops: FaceCrops, rows: Sequence[int] | None = None) -> StageAnswers:
    """Ask a stage of faces, and of the variants of those whose answer hardly holds.

    Args:
        cascade: the loaded release.
        name: which stage.
        crops: the faces.
        rows: places of those that are asked of; None for all. The network sees no others.
    """
    stage, asked = cascade.release.stage(name), crops if rows is None else crops.select(rows)
    rows = range(len(crops)) if rows is None else rows
    if not rows:
        return StageAnswers(stage)
    outputs = answers_about(cascade, name, asked).scores
    scores = dict(zip(rows, _score_all(stage, outputs), strict=True))
    near = [row for row, score in scores.items() if worth_checking(stage, score.probability)]
    return StageAnswers(stage, scores, _try_variants(cascade, name, crops, near))


def _try_variants(
    cascade: Cascade, name: StageName, crops: FaceCrops, rows: Sequence[int]
) -> dict[int, tuple[float, ...]]:
    """Return the probabilities of the harmless variants of some faces, by their places."""
    stage = cascade.release.stage(name)
    tried: dict[int, tuple[float, ...]] = {}
    for first in range(0, len(rows), VARIED_TOGETHER):
        part = rows[first : first + VARIED_TOGETHER]
        pixels = np.concatenate(in_lanes(_varied_pixels, [crops.faces[row] for row in part]))
        logits = outputs_of(cascade, name, pixels)[:, 0].reshape(len(part), -1)
        tried |= {row: tuple(map(stage.probability, own)) for row, own in zip(part, logits.tolist(), strict=True)}
    return tried


def _varied_pixels(face: Face) -> np.ndarray:
    return pixels_of(variants(face.crop))


def with_answers(cascade: Cascade, stage: StageName, crops: FaceCrops) -> FaceCrops:
    """Return crops with what a stage says of all of them."""
    return replace(crops, answers={**crops.answers, stage: answers_about(cascade, stage, crops)})


def answers_about(cascade: Cascade, stage: StageName, crops: FaceCrops) -> Answers:
    """Return what a stage says of crops: what is at hand, else its network is asked."""
    known = crops.answers.get(stage)
    return answers_of(cascade, stage, crops.pixels) if known is None else known


def answers_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> Answers:
    """Return all that one stage says of crops from `pixels_of`; all cores share the batches."""
    size = min(settings().batch_size, -(-len(pixels) // cores()) or 1)
    batches = [pixels[first : first + size] for first in range(0, len(pixels), size)] or [pixels]
    return Answers.join(in_lanes(cascade.networks[stage].answers, batches))


def outputs_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> np.ndarray:
    """Return one stage's raw outputs, (B, outputs) float32, of crops from `pixels_of`."""
    return answers_of(cascade, stage, pixels).scores


def features_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> np.ndarray | None:
    """Return what one stage's head reads of crops from `pixels_of`, (B, C) float32; None where its graph tells none."""
    return answers_of(cascade, stage, pixels).features


def scores_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> list[StageScore]:
    """Return one stage's calibrated scores of crops from `pixels_of`."""
    return _score_all(cascade.release.stage(stage), outputs_of(cascade, stage, pixels))


def _score_all(stage: Stage, outputs: np.ndarray) -> list[StageScore]:
    return [score(stage, row[0], row[1:]) for row in outputs.tolist()]
