"""`examine()`: the one way for a photo, whoever asks. Faces, stage 1, stage 2 where it is called for, and the maps."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Literal

import numpy as np
import torch

from models import registry
from models.detector import TURN, Card, Detector
from models.errors import WeightsMismatch
from models.fusion import fused
from models.release import Release, read_release
from pipeline.container import settled
from pipeline.examination import Examination, FaceExamination
from pipeline.face import CROP_SCALE, Face, find_faces
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.settings import settings
from pipeline.verdict import StageScore, Verdict, decide, passes_on, score

PREPROCESSING = {"crop_scale": CROP_SCALE, "input_size": 256, "container": "JPEG q90 4:2:0"}
"""What this code does between a photo and a detector; a release made with anything else is refused."""

TOGETHER = 64
"""Faces held as tensors at once, so that a crowd does not fill the memory."""

StageName = Literal["edited", "deepfake"]


@dataclass(frozen=True, eq=False)
class Cascade:
    """A loaded release: both detectors in eval mode, with their cards."""

    release: Release
    detectors: dict[StageName, Detector]
    cards: dict[StageName, Card]


_loading = Lock()


def load_cascade(name: str = "") -> Cascade:
    """Load a release once a process, whoever asks first; with no name, that of the settings, else the newest.

    Raises:
        UnknownName, WeightsMissing, WeightsMismatch: see `read_release` and `registry.load`.
    """
    release = read_release(name or settings().release)
    with _loading:
        return _load(release.name, release.sha256)


@cache
def _load(name: str, sha256: str) -> Cascade:
    """Load a release; `sha256` is that of its file, so that a changed file is loaded anew."""
    torch.set_num_threads(settings().threads or torch.get_num_threads())
    release = read_release(name)
    if release.preprocessing != PREPROCESSING:
        raise WeightsMismatch(
            f"Release {release.name} wants preprocessing {release.preprocessing}; this version does {PREPROCESSING}."
        )
    stages: dict[StageName, str] = {"edited": release.edited.weights, "deepfake": release.deepfake.weights}
    loaded = {stage: registry.load(weights) for stage, weights in stages.items()}
    for stage, (detector, card) in loaded.items():
        if card.positive != stage or card.input_size != PREPROCESSING["input_size"]:
            raise WeightsMismatch(f"Release {name} names {card.weights} for a stage or an input it was not made for.")
        fused(detector, card.input_size).requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Cascade(release, {s: d for s, (d, _) in loaded.items()}, {s: c for s, (_, c) in loaded.items()})


def examine(photo: Photo, cascade: Cascade | None = None, heatmaps: bool = True) -> Examination:
    """Examine one photo; see `examine_many`."""
    return examine_many([photo], cascade, heatmaps)[0]


def examine_many(photos: Sequence[Photo], cascade: Cascade | None = None, heatmaps: bool = True) -> list[Examination]:
    """Examine photos together: their faces share the networks' batches, and the numbers are those of each alone.

    Args:
        photos: any number; each is held in memory meanwhile.
        cascade: a loaded release; None for the settings' own.
        heatmaps: also explain, for each face, the label shown by the stage that decided.
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
    if len(photos) < 2:
        return [find_faces(photo) for photo in photos]
    with ThreadPoolExecutor(max(1, torch.get_num_threads())) as pool:
        return list(pool.map(find_faces, photos))


def _examined(cascade: Cascade, faces: Sequence[Face], heatmaps: bool) -> list[FaceExamination]:
    pixels = tensor_of(faces)
    verdicts = judge(cascade, faces, pixels)
    maps = explained(cascade, faces, pixels, verdicts) if heatmaps else [()] * len(faces)
    return [FaceExamination(*parts) for parts in zip(faces, verdicts, maps, strict=True)]


def tensor_of(faces: Sequence[Face]) -> torch.Tensor:
    """Return the crops in the fixed container as (B, 3, S, S) float32 RGB in [0, 1]."""
    if not faces:
        return torch.empty(0, 3, 1, 1)
    crops = np.stack([settled(face.crop) for face in faces]).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(crops)).float().div_(255)


def judge(cascade: Cascade, faces: Sequence[Face], pixels: torch.Tensor) -> list[Verdict]:
    """Run stage 1 on every crop and stage 2 on those that pass its threshold."""
    release = cascade.release
    first = scores_of(cascade, "edited", pixels)
    passed = [index for index, edited in enumerate(first) if passes_on(edited)]
    second = dict(zip(passed, scores_of(cascade, "deepfake", pixels[passed]), strict=True))
    return [decide(release, face.size, first[i], second.get(i)) for i, face in enumerate(faces)]


def scores_of(cascade: Cascade, stage: StageName, pixels: torch.Tensor) -> list[StageScore]:
    """Return one stage's calibrated scores of crops from `tensor_of`."""
    rules = cascade.release.edited if stage == "edited" else cascade.release.deepfake
    return [score(rules, row[0], row[1:]) for row in _outputs(cascade.detectors[stage], pixels)]


@torch.inference_mode()
def _outputs(detector: Detector, pixels: torch.Tensor) -> list[list[float]]:
    """Return, for each crop, the logit and then the region logits where the network has them; in batches.

    A batch is filled up to an even size with its own last crop: the convolutions sum in another order for a batch of
    one, and the same photo must give the same numbers alone and among others.
    """
    rows: list[list[float]] = []
    for batch in pixels.split(settings().batch_size) if len(pixels) else ():
        size = len(batch)
        if size % 2:
            batch = torch.cat([batch, batch[-1:]])
        with TURN:
            said = detector(batch.contiguous(memory_format=torch.channels_last))
        columns = [said.logit[:, None]] if said.regions is None else [said.logit[:, None], said.regions]
        rows += torch.cat(columns, dim=1)[:size].tolist()
    return rows


def label_argued(verdict: Verdict) -> tuple[StageName, str]:
    """Return the stage that decided and the label that its map argues for: what was said, or what was nearly said."""
    if verdict.stage == "edited":
        return "edited", "real" if verdict.label == "real" else "edited"
    assert verdict.deepfake is not None
    return "deepfake", "deepfake" if verdict.deepfake.positive else "facetune"


def explained(
    cascade: Cascade, faces: Sequence[Face], pixels: torch.Tensor, verdicts: Sequence[Verdict]
) -> list[tuple[Heatmap, ...]]:
    """Make one map a face: of the stage that decided, for the label shown, with its faithfulness."""
    maps: list[tuple[Heatmap, ...]] = [()] * len(faces)
    asked = [label_argued(verdict) for verdict in verdicts]
    for stage in cascade.detectors:
        mine = [index for index, (decided, _) in enumerate(asked) if decided == stage]
        made = explain(cascade, [faces[i] for i in mine], pixels[mine], stage, [asked[i][1] for i in mine])
        for index, heatmap in zip(mine, made, strict=True):
            maps[index] = (heatmap,)
    return maps


def explain(
    cascade: Cascade,
    faces: Sequence[Face],
    pixels: torch.Tensor,
    stage: StageName,
    labels: Sequence[str],
    method: str = "gradcam",
) -> list[Heatmap]:
    """Explain faces for any stage and label, with the faithfulness of each map.

    Args:
        cascade: the loaded release.
        faces: the faces, (B,).
        pixels: their crops from `tensor_of`.
        stage: which detector is asked.
        labels: for each face, the label argued for.
        method: a key of `pipeline.explain.METHODS`.
    """
    from pipeline.explain import heatmaps, with_faithfulness

    detector, positive = cascade.detectors[stage], cascade.cards[stage].positive
    made: list[Heatmap] = []
    for first in range(0, len(faces), settings().batch_size):
        part = slice(first, first + settings().batch_size)
        windows = [face.window for face in faces[part]]
        made += heatmaps(detector, pixels[part], windows, stage, list(labels[part]), positive, method)
    return [with_faithfulness(m, detector, crop, positive) for m, crop in zip(made, pixels, strict=True)]
