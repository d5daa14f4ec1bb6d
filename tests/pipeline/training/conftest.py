"""A store of true faces, and a tower so small that a processor trains it in seconds."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import base as bases
from models import registry
from models.detectors.clip_vit_b16 import ClipDetector, Sizes
from pipeline.crops.build import COLUMNS
from pipeline.crops.crops import STORE_SCALE, STORE_SIDE, Crops
from pipeline.crops.masks import build_masks
from pipeline.face import cut, window_of
from pipeline.regions import part_hull
from sample_data.make import read_subject

ORIGINALS = Path(__file__).resolve().parents[3] / "sample_data" / "originals"
TINY = Sizes(width=48, heads=3, blocks=3, outer=4, taps=(1, 2, 3), tap_width=16, maps=32)
RED = (190, 40, 60)


class TinyDetector(ClipDetector):
    """CLIP's tower in small, on a base of random numbers."""

    base = "tiny"

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs, TINY)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory) -> Path:
    """Write the base of the tiny tower; return where bases lie."""
    root, rng = tmp_path_factory.mktemp("models"), np.random.default_rng(3)
    tensors = {}
    for name, buffer in TinyDetector(1).named_buffers():
        if name in ("mean", "std"):
            continue
        shape = tuple(buffer.shape)
        if buffer.ndim == 2 and name != "position":
            tensors[name] = rng.integers(-127, 128, shape).astype(np.int8)
            tensors[name + bases.SCALE] = np.full(shape[0], 1 / (127 * shape[1] ** 0.5), np.float32)
        else:
            tensors[name] = rng.normal(0, 0.05, shape).astype(np.float16)
    facts = dict.fromkeys(("architecture", "source", "licence", "training", "made_by"), "a test")
    bases.write_base(tensors, {"name": "tiny", **facts}, root)
    return root


@pytest.fixture
def tiny(tiny_base, monkeypatch) -> Iterator[str]:
    """Register the tiny tower; return its name."""
    read = partial(bases.read_base, root=tiny_base)
    monkeypatch.setattr(registry, "read_base", lambda name, sha256="", root=None: read(name, sha256))
    registry.names()  # what is registered first by a scan stays

    def build(outputs: int, pretrained: bool) -> ClipDetector:
        detector = TinyDetector(outputs)
        return detector.on_base(read("tiny")) if pretrained else detector

    monkeypatch.setitem(registry._builders, "tiny_clip", build)
    yield "tiny_clip"
    bases.forget()


def painted(crop: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Paint the mouth red: an edit that any network can learn."""
    import cv2

    mask = np.zeros(crop.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(part_hull(points, "mouth")).astype(np.int32)), 255)
    return np.where(mask[..., None] > 0, np.array(RED, np.uint8), crop)


@pytest.fixture(scope="session")
def face_store(tmp_path_factory) -> Path:
    """Return a folder of 32 crops of two people, half held out for validation; some with a painted mouth."""
    folder, rng = tmp_path_factory.mktemp("faces"), np.random.default_rng(2)
    people = [read_subject(ORIGINALS / f"{name}.jpg") for name in ("collins", "hopper")]
    crops, points, lines = [], [], []
    for n in range(32):
        photo = people[n % 2]
        x0, y0, x1, y1 = window_of(photo.landmarks, STORE_SCALE * float(rng.uniform(0.95, 1.05)))
        shift = rng.uniform(-0.03, 0.03, 2) * (x1 - x0)
        window = (x0 + shift[0], y0 + shift[1], x1 + shift[0], y1 + shift[1])
        gain = rng.uniform(0.85, 1.1, 3)
        crop = np.clip(cut(photo.rgb, window, STORE_SIDE) * gain, 0, 255).astype(np.uint8)
        place = ((photo.landmarks - np.array(window[:2])) * (STORE_SIDE / (x1 - x0))).astype(np.float32)
        label = ("real", "real", "facetune", "deepfake")[n // 2 % 4]
        crops.append(crop if label == "real" else painted(crop, place))
        points.append(place)
        real = label == "real"
        line = {"sha256": f"{n:016x}".ljust(64, "0"), "label": label, "group": f"g{n}"}
        line |= {"kind": "camera" if real else "part composite", "regions": "0000" if real else "0001"}
        lines.append(line | {"source": "ab"[n // 8 % 2], "split": "val" if n >= 16 else "train", "face_size": 200.0})
    table = pd.DataFrame(lines).reindex(columns=list(COLUMNS), fill_value="")
    table.assign(origin=table.source).to_parquet(folder / "crops.parquet")
    np.save(folder / "crops.npy", np.stack(crops))
    np.save(folder / "landmarks.npy", np.stack(points))
    return folder


@pytest.fixture(scope="session")
def crops(face_store) -> Crops:
    """Return the crops of `face_store`, their masks beside them."""
    stored = Crops.read(face_store)
    if not stored.has_masks:
        build_masks(stored)
    return stored
