"""How many edits a second the forge makes: one by one, in batches, and the whole workshop with files and masks."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from pipeline.examining.find_faces import find_faces
from pipeline.forge import Subject, all_operations
from pipeline.forge.workshop import forge
from pipeline.photo import Photo
from tests.bench.photos import SAMPLES, portraits
from tests.bench.timing import milliseconds


def throughput() -> dict[str, Any]:
    """Milliseconds an edit on the sample portraits, by operation; then pictures a second of a whole run."""
    return _by_operation() | _workshop()


def _workshop(photos: int = 8) -> dict[str, Any]:
    """Make all edits of a few 600 px portraits: reading, faces, donors, masks and recipes, with processes to start."""
    found = {}
    with TemporaryDirectory() as folder:
        originals = Path(folder, "in")
        originals.mkdir()
        for number, data in enumerate(portraits(photos)):
            (originals / f"{number}.jpg").write_bytes(data)
        for workers in (1, 2):
            since = time.perf_counter()
            made = forge(originals, Path(folder, str(workers)), workers=workers).made.total()
            word = f"whole workshop, {workers} worker{'s' * (workers > 1)}, pictures a second"
            found[word] = round(made / (time.perf_counter() - since), 1)
    return found


def _by_operation() -> dict[str, Any]:
    subjects = []
    for name in ("collins_real.jpg", "hopper_real.jpg"):
        photo = Photo.read((SAMPLES / name).read_bytes())
        subjects.append(Subject(photo.rgb, find_faces(photo)[0].landmarks))
    first, second = subjects
    return {
        f"{name}, ms an edit": round(
            milliseconds(lambda o=made: o.run(first, second, np.random.default_rng(1), 0.7)), 1
        )
        for name, made in all_operations().items()
    }


def batched_against_single(side: int = 224, count: int = 8) -> dict[str, Any]:
    """Edits a second of the batched forge over those of the single-photo one, on this processor, of the same faces."""
    import torch

    from pipeline.face import cut, window_of
    from pipeline.forge.batched import Crops, all_batched

    squares = []
    for name in ("collins_real.jpg", "hopper_real.jpg"):
        photo = Photo.read((SAMPLES / name).read_bytes())
        points = find_faces(photo)[0].landmarks
        window = window_of(points)
        scaled = (points - window[:2]) * (side / (window[2] - window[0])) - 0.5
        squares.append(Subject(cut(photo.rgb, window, side), scaled.astype(np.float32)))
    pixels, landmarks = (
        torch.stack([torch.from_numpy(np.ascontiguousarray(picture)) for picture in pictures] * (count // 2))
        for pictures in ([one.rgb.transpose(2, 0, 1) for one in squares], [one.landmarks for one in squares])
    )
    crops, donors = (Crops.of(pixels.roll(by, 0), landmarks.roll(by, 0), torch.arange(count)) for by in (0, 1))
    found = {}
    for name, made in all_batched().items():
        single = all_operations()[name]
        one = milliseconds(lambda o=single: o.run(squares[0], squares[1], np.random.default_rng(1), 0.7), 5, 1)
        many = milliseconds(lambda o=made: o.run(crops, donors, 0.7), 3, 1) / count
        found[f"{name}, edits a second of a batch of {count} over one by one"] = round(one / many, 2)
    return found
