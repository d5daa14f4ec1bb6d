"""`Cascade`: a loaded release. Its networks score through onnxruntime; torch is loaded where one is looked into."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from models import base
from models.card import Card
from models.errors import WeightsMismatch
from models.release import STAGES, Release, StageName, read_release
from models.serving import Network, serve
from pipeline.examining.lanes import cores
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
    weights = [release.stage(stage).weights for stage in STAGES]
    with ThreadPoolExecutor(len(weights)) as pool:
        served = dict(zip(STAGES, pool.map(partial(serve, wide=cores()), weights), strict=True))
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
    from models.fusion import fuse

    torch.set_num_threads(1)  # beside other work, two threads that wait for each other are ten times slower than one
    detector, card = registry.load(weights)
    base.forget()
    ready = fuse(detector.merge(), card.input_size).requires_grad_(False)
    return ready.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
