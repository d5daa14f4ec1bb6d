"""`examine()`: the one way for a photo, whoever asks. Faces, stage 1, stage 2 where it is called for, and the maps."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from models.release import Release, Stage, StageName
from models.serving import Answers
from pipeline.examination import Examination, FaceExamination
from pipeline.examining.container import pixels_of
from pipeline.examining.edit_map import UNEDITED, where_edited
from pipeline.examining.find_faces import STANDS
from pipeline.examining.line_up import line_up
from pipeline.examining.loaded import (
    PREPROCESSING,
    Cascade,
    answers_of,
    cores,
    detector_of,
    features_of,
    lanes,
    load_cascade,
    outputs_of,
)
from pipeline.examining.scope import facts_of, outside
from pipeline.examining.stability import variants, worth_checking
from pipeline.face import Face, in_crop
from pipeline.heatmap import WHERE_EDITED, Heatmap
from pipeline.lineup import UNSURE, Lineup
from pipeline.marks import Mark
from pipeline.photo import Photo
from pipeline.settings import settings
from pipeline.verdict import StageScore, Verdict, decide, passes_on, score

__all__ = [
    "PREPROCESSING",
    "Cascade",
    "StageName",
    "cores",
    "detector_of",
    "examine",
    "examine_many",
    "explain",
    "features_of",
    "judge",
    "label_argued",
    "load_cascade",
    "outputs_of",
    "scores_of",
    "tensor_of",
]

TOGETHER = 64
"""Faces held as tensors at once, so that a crowd does not fill the memory."""

VARIED_TOGETHER = 12
"""Faces whose variants are held as tensors at once."""


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
    return _all_examined([line_up(photo, marks, settings().max_faces)], cascade or load_cascade(), heatmaps)[0]


def examine_many(photos: Sequence[Photo], cascade: Cascade | None = None, heatmaps: bool = True) -> list[Examination]:
    """Examine photos together: their faces share the networks' batches, and the numbers are those of each alone.

    Args:
        photos: any number; each is held in memory meanwhile.
        cascade: a loaded release; None for the settings' own.
        heatmaps: also explain each face, see `label_argued`.
    """
    find = partial(line_up, most=settings().max_faces)
    lineups = list(lanes(cores()).map(find, photos))  # several at once: finding uses one core only
    return _all_examined(lineups, cascade or load_cascade(), heatmaps)


def _all_examined(lineups: Sequence[Lineup], cascade: Cascade, heatmaps: bool) -> list[Examination]:
    faces = [face for lineup in lineups for face in lineup.faces]
    parts = (faces[first : first + TOGETHER] for first in range(0, len(faces), TOGETHER))
    examined = iter([done for part in parts for done in _examined(cascade, part, heatmaps)])
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


def _examined(cascade: Cascade, faces: Sequence[Face], heatmaps: bool) -> list[FaceExamination]:
    pixels = tensor_of(faces)
    first = answers_of(cascade, "edited", pixels)
    verdicts = judge(cascade, faces, pixels, first.scores)
    maps = explained(cascade, faces, pixels, verdicts, first) if heatmaps else [()] * len(faces)
    return [FaceExamination(*parts) for parts in zip(faces, verdicts, maps, strict=True)]


def tensor_of(faces: Sequence[Face]) -> np.ndarray:
    """Return the crops in the fixed container as (B, 3, S, S) float32 RGB in [0, 1]."""
    return pixels_of([face.crop for face in faces])


def judge(
    cascade: Cascade,
    faces: Sequence[Face],
    pixels: np.ndarray,
    outputs: np.ndarray | None = None,
    second_outputs: np.ndarray | None = None,
) -> list[Verdict]:
    """Run stage 1 on every crop and stage 2 on those that pass its threshold, and keep passing it when hardly changed.

    Args:
        cascade: the loaded release.
        faces: the faces, (B,).
        pixels: their crops from `tensor_of`.
        outputs: stage 1's of these crops, see `outputs_of`, where they are at hand.
        second_outputs: stage 2's, likewise.
    """
    release = cascade.release
    first = _scored(release.edited, outputs_of(cascade, "edited", pixels) if outputs is None else outputs)
    tried = _tried(cascade, "edited", faces, first)
    sound = [i not in tried or not release.edited.flips(score.probability, tried[i]) for i, score in enumerate(first)]
    passed = [index for index, edited in enumerate(first) if passes_on(edited) and sound[index]]
    scores = _second(cascade, pixels, passed, second_outputs)
    second = dict(zip(passed, scores, strict=True))
    again = _tried(cascade, "deepfake", [faces[i] for i in passed], scores)
    tried = {i: said for i, said in tried.items() if i not in second} | {passed[n]: said for n, said in again.items()}
    beyond = [*lanes(cores()).map(partial(_outside, release), faces, pixels)]
    return [
        decide(release, face.size, first[i], second.get(i), beyond[i], tried.get(i, ())) for i, face in enumerate(faces)
    ]


def _second(
    cascade: Cascade, pixels: np.ndarray, passed: Sequence[int], outputs: np.ndarray | None
) -> list[StageScore]:
    """Return stage 2's scores of those crops that were passed on; its network sees no others."""
    if not passed:
        return []
    rows = list(passed)
    known = outputs_of(cascade, "deepfake", pixels[rows]) if outputs is None else outputs[rows]
    return _scored(cascade.release.deepfake, known)


def _outside(release: Release, face: Face, crop: np.ndarray) -> tuple[str, ...]:
    """Return what puts a face, with its (3, S, S) crop, out of a release's scope."""
    if face.score < STANDS:  # marked by hand, and nothing of it is known to lie where a face's parts do
        return (UNSURE,)
    if not release.scope:
        return ()
    rgb = np.rint(crop.transpose(1, 2, 0) * 255).astype(np.uint8)
    return outside(facts_of(rgb, in_crop(face, rgb.shape[0])), release.scope)


def _tried(
    cascade: Cascade, stage: StageName, faces: Sequence[Face], scores: Sequence[StageScore]
) -> dict[int, tuple[float, ...]]:
    """Return the probabilities of each face's harmless variants, where these could turn the stage's answer."""
    rules = cascade.release.stage(stage)
    near = [index for index, score in enumerate(scores) if worth_checking(rules, score.probability)]
    found: dict[int, tuple[float, ...]] = {}
    for first in range(0, len(near), VARIED_TOGETHER):
        part = near[first : first + VARIED_TOGETHER]
        pixels = np.concatenate([*lanes(cores()).map(_varied, [faces[index] for index in part])])
        said = [rules.probability(logit) for logit in outputs_of(cascade, stage, pixels)[:, 0].tolist()]
        each = len(said) // len(part)
        found |= {index: tuple(said[n * each : (n + 1) * each]) for n, index in enumerate(part)}
    return found


def _varied(face: Face) -> np.ndarray:
    return pixels_of(variants(face.crop))


def scores_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> list[StageScore]:
    """Return one stage's calibrated scores of crops from `tensor_of`."""
    rules = cascade.release.stage(stage)
    return _scored(rules, outputs_of(cascade, stage, pixels))


def _scored(rules: Stage, outputs: np.ndarray) -> list[StageScore]:
    return [score(rules, row[0], row[1:]) for row in outputs.tolist()]


def label_argued(verdict: Verdict, where: bool = False) -> tuple[StageName, str]:
    """Return of which stage a map is made and for which label: what was said, or what was nearly said.

    Args:
        verdict: of the face.
        where: whether stage 1's maps answer where a face was edited: that is what is asked first of an edited one, and
            which kind of edit it is changes nothing of it. Else the map is that of the stage that decided.
    """
    if verdict.stage == "edited":
        return "edited", "real" if verdict.label == "real" else "edited"
    if where:
        return "edited", "edited"
    assert verdict.deepfake is not None
    return "deepfake", "deepfake" if verdict.deepfake.positive else "facetune"


def explained(
    cascade: Cascade, faces: Sequence[Face], pixels: np.ndarray, verdicts: Sequence[Verdict], first: Answers
) -> list[tuple[Heatmap, ...]]:
    """Make one map a face: for what `label_argued` says, by the release's method, measured; `first` is stage 1's."""
    maps: list[tuple[Heatmap, ...]] = [()] * len(faces)
    where = cascade.release.edited.heatmap in WHERE_EDITED
    asked = [label_argued(verdict, where) for verdict in verdicts]
    for stage in cascade.networks:
        mine = [index for index, (decided, _) in enumerate(asked) if decided == stage]
        if not mine:  # nothing to load a network for
            continue
        known = first.of(mine) if stage == "edited" else None
        made = explain(cascade, [faces[i] for i in mine], pixels[mine], stage, [asked[i][1] for i in mine], known=known)
        for index, heatmap in zip(mine, made, strict=True):
            maps[index] = (heatmap,)
    return maps


def explain(
    cascade: Cascade,
    faces: Sequence[Face],
    pixels: np.ndarray,
    stage: StageName,
    labels: Sequence[str],
    method: str = "",
    known: Answers | None = None,
) -> list[Heatmap]:
    """Explain faces for any stage and label, with the faithfulness of each map that is an account of the score.

    Where a network tells its own mask at once, a map of where it holds the face edited costs nothing more, and its
    check, which costs six scores, is left out.

    Args:
        cascade: the loaded release.
        faces: the faces, (B,).
        pixels: their crops from `tensor_of`.
        stage: which detector is asked.
        labels: for each face, the label argued for.
        method: one of `pipeline.heatmap.METHODS`; "" for the one that the release names for the stage.
        known: what the stage said of these crops, where it is at hand.

    Raises:
        UnknownName: no such method, or the stage's network has no mask head, or no region outputs.
    """
    card, network = cascade.cards[stage], cascade.networks[stage]
    method = method or cascade.release.stage(stage).heatmap
    points = np.stack([in_crop(face, pixels.shape[-1]) for face in faces]) if faces else np.empty((0, 468, 2))
    windows = [face.window for face in faces]
    if method in WHERE_EDITED and network.tells_masks:
        said = known or answers_of(cascade, stage, pixels)
        assert said.masks is not None
        grids = where_edited(said.masks, said.scores[:, 1:], method, points, pixels.shape[-1])
        maps = [
            Heatmap(grid if label != UNEDITED else -grid, window, stage, label, method)
            for grid, window, label in zip(grids, windows, labels, strict=True)
        ]
        return _in_their_photos(maps, faces)
    from pipeline.examining.explain import heatmaps
    from pipeline.examining.faithfulness import with_faithfulness

    detector = detector_of(card.weights)
    made: list[Heatmap] = []
    for first in range(0, len(faces), settings().batch_size):
        part = slice(first, first + settings().batch_size)
        made += heatmaps(
            detector, pixels[part], windows[part], stage, list(labels[part]), card.positive, method, points[part]
        )

    def logits(batch: np.ndarray) -> np.ndarray:
        return outputs_of(cascade, stage, batch)[:, 0]

    checked = [with_faithfulness(m, logits, crop, card.positive) for m, crop in zip(made, pixels, strict=True)]
    return _in_their_photos(checked, faces)


def _in_their_photos(maps: Sequence[Heatmap], faces: Sequence[Face]) -> list[Heatmap]:
    """Return maps of upright crops in their photos' own frames."""
    return [heatmap.turned_back(face.turn) for heatmap, face in zip(maps, faces, strict=True)]
