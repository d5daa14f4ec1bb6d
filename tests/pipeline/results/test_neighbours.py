"""Nearest photos: stored beside the predictions, read back, found."""

import json

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import FORMAT, RUN
from pipeline.results.neighbours import NAME, Neighbours, original_groups, write_features


@pytest.fixture
def folder(tmp_path):
    run = {"format": FORMAT, "release": "x", "dataset": "test", "n": 60}
    (tmp_path / RUN).write_text(json.dumps(run))
    return tmp_path


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(60, 32)).astype(np.float32)


def test_the_nearest_are_those_of_a_plain_scan(folder, features):
    write_features(folder, [features[:40], features[40:]], "edited-x")
    found = Neighbours.read(folder)
    assert found.weights == "edited-x"
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    far = 1 - unit @ unit[7]
    assert [row for row, _ in found.of(7, 3)] == np.argsort(far)[1:4].tolist()
    assert [gap for _, gap in found.of(7, 4)] == pytest.approx(np.sort(far)[1:5].tolist(), abs=0.02)
    assert found.near(features[7] * 5, 1)[0] == (7, pytest.approx(0, abs=1e-3))
    assert len(found.near(features[7], 100)) == 60


def test_none_are_stored_where_the_network_tells_none(folder):
    write_features(folder, [], "edited-x")
    assert Neighbours.read(folder) is None


def test_a_damaged_or_foreign_file_is_refused(folder, features):
    write_features(folder, [features[:59]], "edited-x")
    with pytest.raises(BadEvaluation, match="of 59 photos where the evaluation has 60"):
        Neighbours.read(folder)
    write_features(folder, [features], "edited-x")
    (folder / NAME).write_bytes((folder / NAME).read_bytes()[:50])
    with pytest.raises(BadEvaluation, match="cannot be read"):
        Neighbours.read(folder)


def test_kin_are_left_out(features):
    index, kin = Neighbours(features, "x"), np.arange(60) // 4
    plain, others = index.of(8, 6), index.of(8, 6, kin)
    assert len(others) == 6 and not {9, 10, 11} & {row for row, _ in others}
    assert [row for row, _ in plain if row not in (9, 10, 11)] == [row for row, _ in others][
        : len(plain) - len({9, 10, 11} & {row for row, _ in plain})
    ]
    assert index.of(8, 6, np.zeros(60)) == []


def test_edits_and_their_original_are_kin():
    table = pd.DataFrame(
        {
            "sha256": ["a" * 64, "a" * 64, "b" * 64, "c" * 64, "b" * 64, "d" * 64],
            "pair": ["", "forge-" + "a" * 16, "dfdc-1", "dfdc-1", "forge-" + "b" * 16, "dfdc-2"],
            "label": ["real", "facetune", "real", "deepfake", "deepfake", "deepfake"],
        }
    )
    codes = original_groups(table).tolist()
    assert codes[0] == codes[1] and codes[2] == codes[3] == codes[4] and len(set(codes)) == 3
