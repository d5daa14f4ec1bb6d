"""How many edits a second the forge makes: by operation, and the whole workshop, files and masks included."""

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
