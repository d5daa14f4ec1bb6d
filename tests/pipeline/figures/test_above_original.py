"""An edit against the photo it was made of: who belongs to whom, and how often the edit scores higher."""

import pandas as pd
import pytest

from pipeline.figures import bootstrap
from pipeline.figures.above_original import ALL, above_original, original_places

ROWS = [
    ("a", "real", "camera", "", 1.0),
    ("b", "real", "camera", "pair-1", 0.0),
    ("a-1", "facetune", "retouch", "forge-a", 0.5),  # below its original
    ("a-2", "facetune", "retouch", "forge-a", 2.0),
    ("a-3", "deepfake", "face swap", "forge-a", 3.0),
    ("c", "deepfake", "face swap", "pair-1", 0.1),
    ("d", "deepfake", "face swap", "pair-2", 9.0),  # its original is not here
    ("e", "facetune", "part composite", "", 9.0),  # of no known photo
    ("f", "facetune", "retouch", "forge-a", 1.0),  # alike: not above
]


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setattr(bootstrap, "DRAWS", 20)
    made = pd.DataFrame(ROWS, columns=["id", "label", "kind", "pair", "logit_edited"])
    return made.assign(group=made.id)


def test_each_edit_finds_its_own_original(table):
    assert original_places(table).tolist() == [-1, -1, 0, 0, 0, 1, -1, -1, 0]


def test_the_benchmarks_originals_share_the_pair(table):
    benchmark = table.assign(pair=["forge-x"] * 2 + ["forge-x"] * 7).drop(index=1).reset_index(drop=True)
    assert original_places(benchmark).tolist() == [-1] + [0] * 7


def test_the_share_above_is_told_by_kind_with_its_n(table):
    found = above_original(table)
    assert {name: (figure["value"], figure["n"]) for name, figure in found.items()} == {
        ALL: (0.6, 5), "face swap": (1.0, 2), "retouch": (pytest.approx(1 / 3, abs=1e-4), 3)}  # fmt: skip


def test_without_pairs_there_is_nothing(table):
    assert above_original(table[table.label == "real"].reset_index(drop=True)) == {}
    assert above_original(table.assign(pair="")) == {}
