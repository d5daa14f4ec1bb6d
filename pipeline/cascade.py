"""`examine()`: the one way for a photo, whoever asks. Faces, stage 1, stage 2 where it is called for, and the maps."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.card import Card
from models.errors import WeightsMismatch
from models.release import Release, Stage, read_release
from models.serving import Network, serve
from pipeline.examination import Examination, FaceExamination
from pipeline.face import CROP_SCALE, Face, find_faces, in_crop
from pipeline.heatmap import WHERE_EDITED, Heatmap
from pipeline.photo import Photo
from pipeline.scope import facts_of, outside
from pipeline.settings import settings
from pipeline.stability import pixels_of, variants, worth_checking
from pipeline.verdict import StageScore, Verdict, decide, passes_on, score

PREPROCESSING = {"crop_scale": CROP_SCALE, "input_size": 256, "container": "JPEG q90 4:2:0"}
"""What this code does between a photo and a detector; a release made with anything else is refused."""

TOGETHER = 64
"""Faces held as tensors at once, so that a crowd does not fill the memory."""

VARIED_TOGETHER = 12
"""Faces whose variants are held as tensors at once."""

StageName = Literal["edited", "deepfake"]

if TYPE_CHECKING:  # torch takes seconds to import, and only an explanation needs it
    from models.detector import Detector


@dataclass(frozen=True, eq=False)
class Cascade:
    """A loaded release: both networks as they score, with their cards."""

    release: Release
    networks: dict[StageName, Network]
    cards: dict[StageName, Card]


_loading = Lock()


def load_cascade(name: str = "") -> Cascade:
    """Load a release once a process, whoever asks first; with no name, that of the settings, else the newest.

    Raises:
        UnknownName, WeightsMissing, WeightsMismatch: see `read_release` and `serve`.
    """
    release = read_release(name or settings().release)
    with _loading:
        return _load(release.name, release.sha256)


@cache
def _load(name: str, sha256: str) -> Cascade:
    """Load a release; `sha256` is that of its file, so that a changed file is loaded anew."""
    release = read_release(name)
    if release.preprocessing != PREPROCESSING:
        raise WeightsMismatch(
            f"Release {release.name} wants preprocessing {release.preprocessing}; this version does {PREPROCESSING}."
        )
    stages: dict[StageName, str] = {"edited": release.edited.weights, "deepfake": release.deepfake.weights}
    served = {stage: serve(weights) for stage, weights in stages.items()}
    for stage, (_, card) in served.items():
        if card.positive != stage or card.input_size != PREPROCESSING["input_size"]:
            raise WeightsMismatch(f"Release {name} names {card.weights} for a stage or an input it was not made for.")
    return Cascade(release, {s: n for s, (n, _) in served.items()}, {s: c for s, (_, c) in served.items()})


@cache
def detector_of(weights: str) -> "Detector":
    """Return the torch network of released weights, which an explanation looks into, in eval mode."""
    import torch

    from models import registry
    from models.fusion import fused

    torch.set_num_threads(1)  # beside other work, two threads that wait for each other are ten times slower than one
    detector, card = registry.load(weights)
    return fused(detector, card.input_size).requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def cores() -> int:
    """Return how many processor threads may be used."""
    may = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return settings().threads or may or 1


@cache
def _lanes(count: int) -> ThreadPoolExecutor:
    """Return the threads that find faces and run networks, each on one core."""
    return ThreadPoolExecutor(count, "lane")


def examine(photo: Photo, cascade: Cascade | None = None, heatmaps: bool = True) -> Examination:
    """Examine one photo; see `examine_many`."""
    return examine_many([photo], cascade, heatmaps)[0]


def examine_many(photos: Sequence[Photo], cascade: Cascade | None = None, heatmaps: bool = True) -> list[Examination]:
    """Examine photos together: their faces share the networks' batches, and the numbers are those of each alone.

    Args:
        photos: any number; each is held in memory meanwhile.
        cascade: a loaded release; None for the settings' own.
        heatmaps: also explain each face, see `label_argued`.
    """
    cascade, most = cascade or load_cascade(), settings().max_faces
    found = _found(photos)
    faces = [face for group in found for face in group[:most]]
    parts = (faces[first : first + TOGETHER] for first in range(0, len(faces), TOGETHER))
    examined = iter([done for part in parts for done in _examined(cascade, part, heatmaps)])
    return [
        Examination(photo, tuple(next(examined) for _ in group[:most]), cascade.release, len(group[most:]))
        for photo, group in zip(photos, found, strict=True)
    ]


def _found(photos: Sequence[Photo]) -> list[list[Face]]:
    """Find the faces of each photo, several photos at once: finding uses one core only."""
    return list(_lanes(cores()).map(find_faces, photos))


def _examined(cascade: Cascade, faces: Sequence[Face], heatmaps: bool) -> list[FaceExamination]:
    pixels = tensor_of(faces)
    verdicts = judge(cascade, faces, pixels)
    maps = explained(cascade, faces, pixels, verdicts) if heatmaps else [()] * len(faces)
    return [FaceExamination(*parts) for parts in zip(faces, verdicts, maps, strict=True)]


def tensor_of(faces: Sequence[Face]) -> np.ndarray:
    """Return the crops in the fixed container as (B, 3, S, S) float32 RGB in [0, 1]."""
    return pixels_of([face.crop for face in faces])


def judge(
    cascade: Cascade, faces: Sequence[Face], pixels: np.ndarray, outputs: np.ndarray | None = None
) -> list[Verdict]:
    """Run stage 1 on every crop and stage 2 on those that pass its threshold, and keep passing it when hardly changed.

    Args:
        cascade: the loaded release.
        faces: the faces, (B,).
        pixels: their crops from `tensor_of`.
        outputs: stage 1's of these crops, see `outputs_of`, where they are at hand.
    """
    release = cascade.release
    first = _scored(release.edited, outputs_of(cascade, "edited", pixels) if outputs is None else outputs)
    tried = _tried(cascade, "edited", faces, first)
    sound = [i not in tried or not release.edited.flips(score.probability, tried[i]) for i, score in enumerate(first)]
    passed = [index for index, edited in enumerate(first) if passes_on(edited) and sound[index]]
    scores = scores_of(cascade, "deepfake", pixels[passed])
    second = dict(zip(passed, scores, strict=True))
    again = _tried(cascade, "deepfake", [faces[i] for i in passed], scores)
    tried = {i: said for i, said in tried.items() if i not in second} | {passed[n]: said for n, said in again.items()}
    beyond = [*_lanes(cores()).map(partial(_outside, release), faces, pixels)]
    return [
        decide(release, face.size, first[i], second.get(i), beyond[i], tried.get(i, ())) for i, face in enumerate(faces)
    ]


def _outside(release: Release, face: Face, crop: np.ndarray) -> tuple[str, ...]:
    """Return what puts a face, with its (3, S, S) crop, out of a release's scope."""
    if not release.scope:
        return ()
    rgb = np.rint(crop.transpose(1, 2, 0) * 255).astype(np.uint8)
    return outside(facts_of(rgb, in_crop(face, rgb.shape[0])), release.scope)


def _tried(
    cascade: Cascade, stage: StageName, faces: Sequence[Face], scores: Sequence[StageScore]
) -> dict[int, tuple[float, ...]]:
    """Return the probabilities of each face's harmless variants, where these could turn the stage's answer."""
    rules = cascade.release.edited if stage == "edited" else cascade.release.deepfake
    near = [index for index, score in enumerate(scores) if worth_checking(rules, score.probability)]
    found: dict[int, tuple[float, ...]] = {}
    for first in range(0, len(near), VARIED_TOGETHER):
        part = near[first : first + VARIED_TOGETHER]
        pixels = np.concatenate([*_lanes(cores()).map(_varied, [faces[index] for index in part])])
        said = [rules.probability(logit) for logit in outputs_of(cascade, stage, pixels)[:, 0].tolist()]
        each = len(said) // len(part)
        found |= {index: tuple(said[n * each : (n + 1) * each]) for n, index in enumerate(part)}
    return found


def _varied(face: Face) -> np.ndarray:
    return pixels_of(variants(face.crop))


def scores_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> list[StageScore]:
    """Return one stage's calibrated scores of crops from `tensor_of`."""
    rules = cascade.release.edited if stage == "edited" else cascade.release.deepfake
    return _scored(rules, outputs_of(cascade, stage, pixels))


def _scored(rules: Stage, outputs: np.ndarray) -> list[StageScore]:
    return [score(rules, row[0], row[1:]) for row in outputs.tolist()]


def outputs_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> np.ndarray:
    """Return one stage's raw outputs, (B, outputs) float32, of crops from `tensor_of`; all cores share the batches."""
    return _batched(cascade.networks[stage], pixels)


def features_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> np.ndarray | None:
    """Return what one stage's head reads of crops from `tensor_of`, (B, C) float32; None where its graph tells none."""
    network = cascade.networks[stage]
    return _batched(network.features, pixels) if network.tells_features else None


def _batched(network: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray) -> np.ndarray:
    size = min(settings().batch_size, -(-len(pixels) // cores()) or 1)
    batches = [pixels[first : first + size] for first in range(0, len(pixels), size)]
    return np.concatenate([*_lanes(cores()).map(network, batches)] or [np.empty((0, 1), np.float32)])


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
    cascade: Cascade, faces: Sequence[Face], pixels: np.ndarray, verdicts: Sequence[Verdict]
) -> list[tuple[Heatmap, ...]]:
    """Make one map a face: for what `label_argued` says, by the release's method, measured."""
    maps: list[tuple[Heatmap, ...]] = [()] * len(faces)
    where = cascade.release.edited.heatmap in WHERE_EDITED
    asked = [label_argued(verdict, where) for verdict in verdicts]
    for stage in cascade.networks:
        mine = [index for index, (decided, _) in enumerate(asked) if decided == stage]
        made = explain(cascade, [faces[i] for i in mine], pixels[mine], stage, [asked[i][1] for i in mine])
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
) -> list[Heatmap]:
    """Explain faces for any stage and label, with the faithfulness of each map.

    Args:
        cascade: the loaded release.
        faces: the faces, (B,).
        pixels: their crops from `tensor_of`.
        stage: which detector is asked.
        labels: for each face, the label argued for.
        method: one of `pipeline.explain.METHODS`; "" for the one that the release names for the stage.

    Raises:
        UnknownName: no such method, or the stage's network has no mask head, or no region outputs.
    """
    from pipeline.explain import heatmaps, with_faithfulness

    rules = cascade.release.edited if stage == "edited" else cascade.release.deepfake
    method = method or rules.heatmap
    card = cascade.cards[stage]
    detector = detector_of(card.weights)
    made: list[Heatmap] = []
    for first in range(0, len(faces), settings().batch_size):
        part = slice(first, first + settings().batch_size)
        windows = [face.window for face in faces[part]]
        points = np.stack([in_crop(face, pixels.shape[-1]) for face in faces[part]])
        made += heatmaps(detector, pixels[part], windows, stage, list(labels[part]), card.positive, method, points)

    def logits(batch: np.ndarray) -> np.ndarray:
        return outputs_of(cascade, stage, batch)[:, 0]

    return [with_faithfulness(m, logits, crop, card.positive) for m, crop in zip(made, pixels, strict=True)]
