"""Validation logits: written as they come, gone on with after a kill, and never those of another network."""

import numpy as np
import pytest

from pipeline.crops.crops import read_store
from pipeline.examining.stability import VARIANTS
from pipeline.training import logits
from pipeline.training.logits import scored


class Counting:
    """A network that counts the pictures it is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        self.asked += len(pixels)
        return pixels.mean(axis=(1, 2, 3))[:, None] * np.array([[7.0, 1.0]], np.float32)


@pytest.fixture
def rows(store):
    yield read_store(store)
    for path in store.glob("logits-*"):
        path.unlink()


def test_what_is_known_is_not_asked_again(store, rows):
    network, varied = Counting(), np.arange(len(rows)) % 3 == 0
    first = scored(network, store, rows, "some", ["a"], varied)
    each = 1 + len(VARIANTS)
    assert network.asked == 8 * each + 16 and first.shape == (24, each)
    assert np.isnan(first[1, 1:]).all() and np.isfinite(first[:, 0]).all() and np.isfinite(first[varied]).all()
    again = scored(network, store, rows, "some", ["a"], varied)
    assert network.asked == 8 * each + 16 and np.array_equal(first, again, equal_nan=True)
    scored(network, store, rows, "all", ["a"])
    assert network.asked == 8 * each + 16 + 16 * each, "their variants were missing"
    scored(network, store, rows, "another network", ["b"], varied)
    assert network.asked == 2 * (8 * each + 16) + 16 * each


def test_a_kill_in_the_middle_of_a_line_loses_that_photo_only(store, rows):
    network = Counting()
    first = scored(network, store, rows, "some", ["a"])
    path = next(store.glob("logits-*"))
    path.write_text(path.read_text()[:-9])
    network.asked = 0
    assert np.array_equal(scored(network, store, rows, "some", ["a"]), first)
    assert network.asked == 1 + len(VARIANTS)


def test_other_conditions_start_anew(store, rows, monkeypatch):
    network = Counting()
    scored(network, store, rows, "some", ["a"])
    asked = network.asked
    monkeypatch.setattr(logits, "PREPROCESSING", {"input_size": 1})
    scored(network, store, rows, "some", ["a"])
    assert network.asked == 2 * asked
