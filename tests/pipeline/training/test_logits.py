"""Validation logits: written as they come, gone on with after a kill, and never those of another network."""

import numpy as np
import pytest

from pipeline.crops.crops import Crops
from pipeline.examining.stability import VARIANTS
from pipeline.training import logits
from pipeline.training.logits import Served, score_crops


class Counting:
    """A network that counts the pictures it is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        self.asked += len(pixels)
        return pixels.mean(axis=(1, 2, 3))[:, None] * np.array([[7.0, 1.0]], np.float32)


@pytest.fixture
def crops(store):
    yield Crops.read(store)
    for path in store.glob("logits-*"):
        path.unlink()


def test_what_is_known_is_not_asked_again(store, crops):
    network, varied = Counting(), np.arange(len(crops)) % 3 == 0
    first = score_crops(Served(network, ("a",)), crops, crops.table, "some", varied)
    each = 1 + len(VARIANTS)
    assert network.asked == 8 * each + 16 and first.shape == (24, each)
    assert np.isnan(first[1, 1:]).all() and np.isfinite(first[:, 0]).all() and np.isfinite(first[varied]).all()
    again = score_crops(Served(network, ("a",)), crops, crops.table, "some", varied)
    assert network.asked == 8 * each + 16 and np.array_equal(first, again, equal_nan=True)
    score_crops(Served(network, ("a",)), crops, crops.table, "all")
    assert network.asked == 8 * each + 16 + 16 * each, "their variants were missing"
    score_crops(Served(network, ("b",)), crops, crops.table, "another network", varied)
    assert network.asked == 2 * (8 * each + 16) + 16 * each


def test_a_kill_in_the_middle_of_a_line_loses_that_photo_only(store, crops):
    network = Counting()
    first = score_crops(Served(network, ("a",)), crops, crops.table, "some")
    path = next(store.glob("logits-*"))
    path.write_text(path.read_text()[:-9])
    network.asked = 0
    assert np.array_equal(score_crops(Served(network, ("a",)), crops, crops.table, "some"), first)
    assert network.asked == 1 + len(VARIANTS)


def test_other_conditions_start_anew(store, crops, monkeypatch):
    network = Counting()
    score_crops(Served(network, ("a",)), crops, crops.table, "some")
    asked = network.asked
    monkeypatch.setattr(logits, "PREPROCESSING", {"input_size": 1})
    score_crops(Served(network, ("a",)), crops, crops.table, "some")
    assert network.asked == 2 * asked
