"""The cascade against the original system's two ResNet-152, and where one photo's time goes."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from PIL import Image

from models import registry
from models.faces import blazeface, facemesh, retinaface
from models.in_use import releases_in_use
from pipeline.bulk.examine import Call, records
from pipeline.bulk.lines import Earlier
from pipeline.cascade import examine
from pipeline.examining.container import settle
from pipeline.examining.find_faces import COARSE, find_faces
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.examining.networks import FaceCrops, scores_of
from pipeline.face import cut, window_of
from pipeline.intake import Account, named_in
from pipeline.photo import Photo
from tests.bench.photos import portraits
from tests.bench.timing import milliseconds

PHOTOS = 32
BATCH = 16


def _per_second(count: int, seconds: float) -> float:
    return round(count / seconds, 1)


def against_resnet152() -> dict[str, Any]:
    """Photos a second on the same photos: two ResNet-152 at 224 px, and each release in use, without heatmaps."""
    data = portraits(PHOTOS)
    networks = [registry.build("resnet152").eval().to(memory_format=torch.channels_last) for _ in range(2)]
    photos = [Photo.read(one) for one in data]
    pixels = FaceCrops.of([find_faces(photo)[0] for photo in photos]).pixels
    original, nets = _timed(lambda: _two_resnets(networks, data)), _timed(lambda: _resnets_only(networks, pixels))
    found: dict[str, Any] = {
        "two ResNet-152, decode to scores, photos/s": _per_second(PHOTOS, original),
        "two ResNet-152, networks only, photos/s": _per_second(PHOTOS, nets),
    }
    for word in releases_in_use():
        found |= {f"{word}: {name}": value for name, value in _release(word, data, pixels, original, nets).items()}
    return found


def _release(word: str, data: list[bytes], pixels: np.ndarray, original: float, nets: float) -> dict[str, Any]:
    """Return what one release does of the same photos, and how that stands to two ResNet-152."""
    loaded = load_cascade(word)
    whole = _timed(lambda: _whole(data, loaded))
    first = _timed(lambda: scores_of(loaded, "edited", pixels))
    half = first + _timed(lambda: scores_of(loaded, "deepfake", pixels[: PHOTOS // 2]))
    both = first + _timed(lambda: scores_of(loaded, "deepfake", pixels))
    alone = milliseconds(lambda: [scores_of(loaded, stage, pixels[:1]) for stage in loaded.networks])
    return {
        "decode and faces to verdict, photos/s": _per_second(PHOTOS, whole),
        "ratio to two ResNet-152": round(original / whole, 2),
        "stage 1, faces/s": _per_second(PHOTOS, first),
        "both stages where half are edited, faces/s": _per_second(PHOTOS, half),
        "both stages on every face, networks only, photos/s": _per_second(PHOTOS, both),
        "ratio to two ResNet-152, networks only": round(nets / both, 2),
        "one face alone, both networks, ms": round(alone, 1),
    }


def _timed(call: Any) -> float:
    call()
    best = []
    for _ in range(2):
        since = time.perf_counter()
        call()
        best.append(time.perf_counter() - since)
    return min(best)


@torch.inference_mode()
def _resnets_only(networks: list[Any], pixels: np.ndarray) -> None:
    small = torch.nn.functional.interpolate(torch.from_numpy(pixels), (224, 224)).contiguous(
        memory_format=torch.channels_last
    )
    for batch in small.split(BATCH):
        for network in networks:
            network(batch)


@torch.inference_mode()
def _two_resnets(networks: list[Any], data: list[bytes]) -> None:
    """The original recipe: decode, squash to 224 px, both networks; no face is looked for."""
    for first in range(0, len(data), BATCH):
        images = [Image.fromarray(Photo.read(one).rgb).resize((224, 224)) for one in data[first : first + BATCH]]
        batch = torch.from_numpy(np.stack([np.asarray(image) for image in images])).permute(0, 3, 1, 2).float() / 255
        for network in networks:
            network(batch.contiguous(memory_format=torch.channels_last))


def _whole(data: list[bytes], loaded: Any) -> None:
    """Through the batch's own path: reading goes on in a thread while the networks run."""
    with TemporaryDirectory() as scratch:
        files = [Path(scratch) / f"{number}.jpg" for number in range(len(data))]
        for file, one in zip(files, data, strict=True):
            file.write_bytes(one)
        order = Call(tuple(map(str, files)))
        named = [each for path in order.paths for each in named_in(path, order.recursive)]
        assert len(list(records(order, named, loaded, Account(), Earlier()))) == len(data)


def parts_of_one_photo() -> dict[str, Any]:
    """Milliseconds of each part of one 600 px photo, by release in use, and how far the whole is from their sum."""
    return {
        f"{word}: {name}": value for word in releases_in_use() for name, value in _parts(load_cascade(word)).items()
    }


def _parts(loaded: Cascade) -> dict[str, Any]:
    data = portraits(1)[0]
    photo = Photo.read(data)
    detection = blazeface.find(photo.rgb)[0]
    face = find_faces(photo)[0]
    pixels = FaceCrops.of([face]).pixels
    parts = {
        "decode": milliseconds(lambda: Photo.read(data)),
        "find the face": milliseconds(lambda: blazeface.find(photo.rgb)),
        "look for more faces": milliseconds(lambda: retinaface.find(photo.rgb, longest=COARSE)),
        "468 landmarks": milliseconds(lambda: facemesh.landmarks(photo.rgb, detection)),
        "crop": milliseconds(lambda: cut(photo.rgb, window_of(face.landmarks), 256)),
        "container": milliseconds(lambda: settle(face.crop)),
        "stage 1": milliseconds(lambda: scores_of(loaded, "edited", pixels)),
    }
    if examine(photo, loaded, heatmaps=False).verdict.deepfake is not None:
        parts["stage 2"] = milliseconds(lambda: scores_of(loaded, "deepfake", pixels))
    whole = milliseconds(lambda: examine(Photo.read(data), loaded, heatmaps=False))
    mapped = milliseconds(lambda: examine(Photo.read(data), loaded, heatmaps=True))
    found = {f"{name}, ms": round(value, 1) for name, value in parts.items()}
    return found | {
        "sum of the parts, ms": round(sum(parts.values()), 1),
        "the whole, ms": round(whole, 1),
        "the whole over the sum": round(whole / sum(parts.values()), 2),
        "the whole with heatmap and its faithfulness, ms": round(mapped, 1),
    }
