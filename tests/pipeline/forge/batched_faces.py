"""Batches of the sample photos' faces, for the tests of the batched forge."""

from functools import cache
from pathlib import Path

import numpy as np
import torch

from pipeline.face import cut, window_of
from pipeline.forge import Subject
from pipeline.forge.batched import Crops
from pipeline.forge.batched.donors import tint
from sample_data.make import read_subject

ORIGINALS = Path(__file__).resolve().parents[3] / "sample_data" / "originals"
SIDE = 112
"""Of the crops, in pixels."""


@cache
def square(name: str, scale: float = 1.45) -> Subject:
    """Return the square around a person's face, `SIDE` pixels wide."""
    photo = read_subject(ORIGINALS / f"{name}.jpg")
    window = window_of(photo.landmarks, scale)
    points = (photo.landmarks - window[:2]) * (SIDE / (window[2] - window[0])) - 0.5
    return Subject(cut(photo.rgb, window, SIDE), points.astype(np.float32))


def batch_of(subjects: list[Subject], seeds: list[int]) -> Crops:
    pixels = torch.stack([torch.from_numpy(one.rgb.copy()).permute(2, 0, 1) for one in subjects])
    points = torch.stack([torch.from_numpy(one.landmarks) for one in subjects])
    return Crops.of(pixels, points, torch.tensor(seeds))


@cache
def faces(count: int = 8) -> Crops:
    """Collins and Hopper in turn, each time with another seed."""
    return batch_of([square(("collins", "hopper")[place % 2]) for place in range(count)], list(range(count)))


@cache
def lenders(count: int = 8) -> Crops:
    """Collins for both, a little smaller and in the other's light: a donor of like pose without glasses."""
    return tint(batch_of([square("collins", 1.55)] * count, list(range(count))), faces(count))
