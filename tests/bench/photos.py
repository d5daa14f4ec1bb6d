"""Photos to measure with, made from sample_data: 600 px JPEGs with one face each."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.examining.find_faces import faces_in
from pipeline.face import cut, window_of

SAMPLES = Path(__file__).resolve().parent.parent.parent / "sample_data"


def portraits(count: int, side: int = 600) -> list[bytes]:
    """Return `count` different JPEGs, (side, side), of the sample portraits with the face filling about half."""
    made = []
    faces = []
    for path in sorted(SAMPLES.glob("*_*.jpg")):
        rgb = np.asarray(Image.open(path).convert("RGB"))
        if found := faces_in(rgb):
            faces.append((rgb, found[0].landmarks))
    rng = np.random.default_rng(0)
    for number in range(count):
        rgb, landmarks = faces[number % len(faces)]
        crop = cut(rgb, window_of(landmarks, 1.5 + 0.3 * rng.random()), side)
        buffer = io.BytesIO()
        Image.fromarray(crop).save(buffer, "JPEG", quality=int(rng.integers(80, 95)))
        made.append(buffer.getvalue())
    return made
