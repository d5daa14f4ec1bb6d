"""`examine()`: the one way for a photo, whoever asks. Faces, stage 1, stage 2 where it is called for, and the maps."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from models.release import Release
from pipeline.examination import Examination, FaceExamination
from pipeline.examining.container import crop_of_pixels
from pipeline.examining.find_faces import STANDS
from pipeline.examining.lanes import in_lanes
from pipeline.examining.line_up import line_up
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.examining.networks import FaceCrops, ask, with_answers
from pipeline.examining.questions import Question, first_question
from pipeline.examining.scope import facts_of, scope_codes
from pipeline.examining.stage_maps import accounts_of, masks_of
from pipeline.face import Face, in_crop
from pipeline.heatmap import WHERE_EDITED, Heatmap
from pipeline.lineup import UNSURE, Lineup
from pipeline.marks import Mark
from pipeline.photo import Photo
from pipeline.settings import settings
from pipeline.verdict import Verdict, decide

TOGETHER = 64
"""Faces held as tensors at once, so that a crowd does not fill the memory."""


def examine(
    photo: Photo, cascade: Cascade | None = None, heatmaps: bool = True, marks: Sequence[Mark] = ()
) -> Examination:
    """Examine one photo; see `examine_many`.

    Args:
        photo: the photo.
        cascade: a loaded release; None for the settings' own.
        heatmaps: also explain each face.
        marks: faces that an analyst marked by hand.

    Raises:
        BadMark: a mark lies outside the photo, or is too small.
    """
    return _examine_lineups([line_up(photo, marks, settings().max_faces)], cascade or load_cascade(), heatmaps)[0]


def examine_many(photos: Sequence[Photo], cascade: Cascade | None = None, heatmaps: bool = True) -> list[Examination]:
    """Examine photos together: their faces share the networks' batches, and the numbers are those of each alone.

    Args:
        photos: any number; each is held in memory meanwhile.
        cascade: a loaded release; None for the settings' own.
        heatmaps: also explain each face, see `first_question`.
    """
    lineups = in_lanes(partial(line_up, most=settings().max_faces), photos)  # finding uses one core only
    return _examine_lineups(lineups, cascade or load_cascade(), heatmaps)


def _examine_lineups(lineups: Sequence[Lineup], cascade: Cascade, heatmaps: bool) -> list[Examination]:
    faces = [face for lineup in lineups for face in lineup.faces]
    parts = (faces[first : first + TOGETHER] for first in range(0, len(faces), TOGETHER))
    examined = iter([entry for part in parts for entry in _examine_faces(part, cascade, heatmaps)])
    return [
        Examination(
            lineup.photo,
            tuple(next(examined) for _ in lineup.faces),
            cascade.release,
            lineup.unjudged,
            lineup.least,
            lineup.notes,
            lineup.marks,
        )
        for lineup in lineups
    ]


def _examine_faces(faces: Sequence[Face], cascade: Cascade, heatmaps: bool) -> list[FaceExamination]:
    crops = with_answers(cascade, "edited", FaceCrops.of(faces))
    verdicts = judge(cascade, crops)
    where = cascade.release.edited.heatmap in WHERE_EDITED
    questions = [first_question(verdict, where) for verdict in verdicts]
    maps = [(heatmap,) for heatmap in explain(cascade, crops, questions)] if heatmaps else [()] * len(faces)
    return [FaceExamination(*parts) for parts in zip(faces, verdicts, maps, strict=True)]


def judge(cascade: Cascade, crops: FaceCrops) -> list[Verdict]:
    """Ask stage 1 of every face, and stage 2 of those that pass it and keep passing it when hardly changed."""
    stage1 = ask(cascade, "edited", crops)
    stage2 = ask(cascade, "deepfake", crops, stage1.passing)
    out_of_scope = in_lanes(partial(_codes_of, cascade.release), crops.faces, crops.pixels)
    variants = {row: (stage2 if row in stage2.scores else stage1).variants.get(row, ()) for row in stage1.scores}
    return [
        decide(cascade.release, face.size, stage1.scores[row], stage2.scores.get(row), out_of_scope[row], variants[row])
        for row, face in enumerate(crops.faces)
    ]


def _codes_of(release: Release, face: Face, pixels: np.ndarray) -> tuple[str, ...]:
    """Return what puts a face, with its crop's pixels, out of a release's scope."""
    if face.score < STANDS:  # marked by hand, and nothing of it is known to lie where a face's parts do
        return (UNSURE,)
    if not release.scope:
        return ()
    crop = crop_of_pixels(pixels)
    return scope_codes(facts_of(crop, in_crop(face, crop.shape[0])), release.scope)


def explain(cascade: Cascade, crops: FaceCrops, questions: Sequence[Question], method: str = "") -> list[Heatmap]:
    """Explain faces, with the faithfulness of each map that is an account of the score.

    Where a network tells its own mask at once, a map of where it holds the face edited costs nothing more. Its
    check costs six scores, and is left out.

    Args:
        cascade: the loaded release.
        crops: the faces.
        questions: for each face, the one asked.
        method: one of `pipeline.examining.explain.METHODS`; "" for the one that the release names for the stage.

    Raises:
        UnknownName: there is no such method, or the stage's network cannot give it.
    """
    maps: dict[int, Heatmap] = {}
    for stage in cascade.networks:
        rows = [row for row, question in enumerate(questions) if question.stage == stage]
        if not rows:  # nothing to load a network for
            continue
        how, asked = method or cascade.release.stage(stage).heatmap, [questions[row] for row in rows]
        way = masks_of if how in WHERE_EDITED and cascade.networks[stage].tells_masks else accounts_of
        maps |= zip(rows, way(cascade, stage, crops.select(rows), asked, how), strict=True)
    return [maps[row].turned_back(face.turn) for row, face in enumerate(crops.faces)]
