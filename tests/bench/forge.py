"""How many edits a second the forge makes, by operation."""

from typing import Any

import numpy as np

from pipeline.face import find_faces
from pipeline.forge import Subject, operations
from pipeline.photo import Photo
from tests.bench.photos import SAMPLES
from tests.bench.timing import milliseconds


def throughput() -> dict[str, Any]:
    """Milliseconds an edit on the sample portraits, by operation."""
    subjects = []
    for name in ("collins_real.jpg", "hopper_real.jpg"):
        photo = Photo.read((SAMPLES / name).read_bytes())
        subjects.append(Subject(photo.rgb, find_faces(photo)[0].landmarks))
    first, second = subjects
    return {
        f"{name}, ms an edit": round(
            milliseconds(lambda o=made: o.run(first, second, np.random.default_rng(1), 0.7)), 1
        )
        for name, made in operations().items()
    }
