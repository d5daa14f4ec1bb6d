"""Faces that are lost in random scenes made of the sample portraits: 90 px and more, on grey and on a picture."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.examining.find_faces import search

SAMPLES = Path(__file__).resolve().parent.parent.parent / "sample_data"
PORTRAITS = ("collins_face_swap", "collins_real", "hopper_real")
WIDTH, HEIGHT = 1600, 1200
SEED = 17


def _picture(name: str) -> Image.Image:
    return Image.open(SAMPLES / f"{name}.jpg").convert("RGB")


def _ground(number: int) -> np.ndarray:
    """Return the scene that faces are laid on, (1200, 1600, 3) uint8: grey, or every second time a picture."""
    if number % 2:
        return np.array(_picture("coffee_no_face").resize((WIDTH, HEIGHT)))
    return np.full((HEIGHT, WIDTH, 3), 128, np.uint8)


def single_scenes(count: int, seed: int = SEED) -> Iterator[np.ndarray]:
    """Yield scenes, (1200, 1600, 3) uint8, with one face of 92 × 120 px at a random place."""
    rng, portrait = np.random.default_rng(seed), np.asarray(_picture(PORTRAITS[0]))
    for number in range(count):
        scene = _ground(number)
        _lay(scene, portrait, rng, 0, 0, WIDTH, HEIGHT)
        yield scene


def four_face_scenes(count: int, seed: int = SEED) -> Iterator[np.ndarray]:
    """Yield scenes, (1200, 1600, 3) uint8, with one face at a random place of each quarter, 90 to 140 px high."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        scene = _ground(number)
        for quarter in range(4):
            whole = _picture(PORTRAITS[rng.integers(len(PORTRAITS))])
            share = rng.uniform(0.75, 1.0)
            portrait = np.asarray(whole.resize((round(whole.width * share), round(whole.height * share))))
            _lay(scene, portrait, rng, quarter % 2 * WIDTH // 2, quarter // 2 * HEIGHT // 2, WIDTH // 2, HEIGHT // 2)
        yield scene


def _lay(
    scene: np.ndarray, portrait: np.ndarray, rng: np.random.Generator, left: int, top: int, width: int, height: int
) -> None:
    y = top + int(rng.integers(0, height - portrait.shape[0] + 1))
    x = left + int(rng.integers(0, width - portrait.shape[1] + 1))
    scene[y : y + portrait.shape[0], x : x + portrait.shape[1]] = portrait


def lost() -> dict[str, str]:
    """Count the faces that are not found, at 200 places and in 100 scenes of four."""
    since = time.perf_counter()
    lone = [len(search(scene).faces) for scene in single_scenes(200)]
    groups = [len(search(scene).faces) for scene in four_face_scenes(100)]
    return {
        "one face at a random place of 1600 × 1200: lost": f"{sum(n < 1 for n in lone)} of {len(lone)}",
        "four faces in such a scene: lost": f"{sum(max(0, 4 - n) for n in groups)} of {4 * len(groups)}",
        "found where none was laid": f"{sum(max(0, n - 1) for n in lone) + sum(max(0, n - 4) for n in groups)}",
        "seconds (seed 17)": f"{time.perf_counter() - since:.0f}",
    }
