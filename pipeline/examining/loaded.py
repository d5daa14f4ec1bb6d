"""`Cascade`: a loaded release, and what its networks say of a batch, all cores sharing the work."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from models import base
from models.card import Card
from models.errors import WeightsMismatch
from models.release import Release, StageName, read_release
from models.serving import Answers, Network, serve
from pipeline.face import CROP_SCALE
from pipeline.settings import settings

PREPROCESSING = {"crop_scale": CROP_SCALE, "input_size": 256, "container": "JPEG q90 4:2:0"}
"""What this code does between a photo and a detector; a release made with anything else is refused."""

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
    with ThreadPoolExecutor(len(stages)) as pool:
        served = dict(zip(stages, pool.map(partial(serve, wide=cores()), stages.values()), strict=True))
    base.forget()  # all that was needed of it is merged
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
    base.forget()
    ready = fused(detector.merge(), card.input_size).requires_grad_(False)
    return ready.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def cores() -> int:
    """Return how many processor threads may be used."""
    may = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return settings().threads or may or 1


@cache
def lanes(count: int) -> ThreadPoolExecutor:
    """Return the threads that find faces and run networks, each on one core."""
    return ThreadPoolExecutor(count, "lane")


def answers_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> Answers:
    """Return all that one stage says of crops from `tensor_of`; all cores share the batches."""
    size = min(settings().batch_size, -(-len(pixels) // cores()) or 1)
    batches = [pixels[first : first + size] for first in range(0, len(pixels), size)] or [pixels]
    return Answers.joined([*lanes(cores()).map(cascade.networks[stage].told, batches)])


def outputs_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> np.ndarray:
    """Return one stage's raw outputs, (B, outputs) float32, of crops from `tensor_of`."""
    return answers_of(cascade, stage, pixels).scores


def features_of(cascade: Cascade, stage: StageName, pixels: np.ndarray) -> np.ndarray | None:
    """Return what one stage's head reads of crops from `tensor_of`, (B, C) float32; None where its graph tells none."""
    return answers_of(cascade, stage, pixels).features
