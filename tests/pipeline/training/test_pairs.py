"""What an epoch draws: as many as asked, and beside each one of the other label, as near to it as there is."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from pipeline.datasets.sources import home
from pipeline.training.pairs import epoch_pairs

LINES = [
    ("a", "camera", "real", "1", ""),
    ("a", "camera", "real", "2", ""),
    ("a", "part composite", "facetune", "3", ""),
    ("forge-a", "retouch", "facetune", "1", "forge-1"),
    ("forge-a", "face swap", "deepfake", "1", "forge-1"),
    ("b", "camera", "real", "4", "b-1"),
    ("b", "face swap", "deepfake", "5", "b-1"),
    ("b", "camera", "real", "6", "b-2"),
    ("unsplash", "camera", "real", "7", ""),
    ("stylegan2", "GAN", "deepfake", "8", ""),
    ("alone", "GAN", "deepfake", "9", ""),
]


@pytest.fixture
def rows() -> pd.DataFrame:
    """Eleven photos of five collections, with row numbers that do not start at 0."""
    table = pd.DataFrame(LINES, columns=["source", "kind", "label", "sha256", "pair"])
    return table.set_index(table.index + 100)


def pairs(rows: pd.DataFrame, pools: dict[str, int], seed: int = 1) -> np.ndarray:
    truth = (rows.label != "real").to_numpy(np.float32)
    return epoch_pairs(rows, truth, pools, np.random.default_rng(seed))


def test_the_other_is_of_the_other_label(rows):
    drawn = pairs(rows, {"*": 200})
    real = rows.label == "real"
    assert drawn.shape == (200, 2) and (real[drawn[:, 0]].to_numpy() != real[drawn[:, 1]].to_numpy()).all()


@pytest.mark.parametrize(
    ("pool", "partners"),
    [
        ("forge-a/*", {100}),  # its own original
        ("b/face swap", {105}),  # its pair
        ("a/part composite", {100, 101}),  # any real photo of its collection
        ("stylegan2/*", {108}),  # the portraits it was collected beside
        ("alone/*", {100, 101, 105, 107, 108}),  # any real photo at all
    ],
)
def test_the_nearest_other_is_taken(rows, pool, partners):
    assert set(pairs(rows, {pool: 60})[:, 1]) == partners


def test_an_original_stands_beside_its_own_edits(rows):
    drawn = pairs(rows.drop(index=101), {"a/camera": 40})
    assert set(drawn[:, 0]) == {100} and set(drawn[:, 1]) == {103, 104}


def test_an_epoch_draws_what_is_asked(rows):
    counts = Counter((rows.source + "/" + rows.kind)[pairs(rows, {"a/camera": 5, "*/camera": 4, "b/*": 3})[:, 0]])
    assert counts["a/camera"] == 5 and counts["b/camera"] + counts["unsplash/camera"] == 4
    assert counts["b/face swap"] == 3, "the first matching pool wins"


def test_a_small_pool_is_drawn_whole_then_repeated(rows):
    counts = Counter(pairs(rows, {"a/camera": 7})[:, 0].tolist())
    assert len(counts) == 2 and set(counts.values()) == {3, 4}


def test_draws_follow_the_seed_and_are_mixed(rows):
    pools = {"a/*": 20, "b/*": 20}
    first, again, other = (pairs(rows, pools, seed) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert len(set(rows.source[first[:10, 0]])) == 2


def test_homes():
    assert [home(name) for name in ("forge-ffhq", "ffhq", "stylegan2")] == ["ffhq", "ffhq", "unsplash"]


def test_an_epoch_without_a_collection_is_as_long_as_with_it(rows):
    pools = {"a/*": 10, "b/*": 20, "alone/*": 3}
    assert len(pairs(rows, pools)) == 33
    drawn = pairs(rows[rows.source != "b"], pools)
    sources = Counter(rows.source.loc[drawn[:, 0]])
    assert len(drawn) == 33 and sources == {"a": 25, "alone": 8}
