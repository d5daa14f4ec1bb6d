"""Sets of possible labels of a whole table are those that the cascade makes of each photo."""

import numpy as np
import pytest
from made_up_evaluation import predictions

from models.release import read_release
from pipeline.figures import bootstrap
from pipeline.figures.label_sets import possible, set_figures
from pipeline.verdict import StageScore, Verdict, label_set

QUANTILES = {"real": 0.6, "deepfake": 0.7, "facetune": 0.5}
LABELS = ("real", "deepfake", "facetune")


def test_sets_are_those_of_the_cascade():
    from dataclasses import replace

    table = predictions(200)
    release = replace(read_release(), conformal={"coverage": 0.9, "quantiles": QUANTILES})
    got = possible(table, QUANTILES)
    for row, sets in zip(table.itertuples(), got, strict=True):
        second = StageScore("b", row.p_deepfake, 0.5, (0, 0)) if row.decided_by == "deepfake" else None
        verdict = Verdict("inconclusive", StageScore("a", row.p_edited, 0.7, (0, 0)), second)
        assert tuple(np.array(LABELS)[sets]) == label_set(verdict, release)
    assert 1 < got.sum(axis=1).mean() < 3, "the quantiles of this test should rule some labels out"


def test_figures_are_those_of_the_house():
    table = predictions(200)
    sets = possible(table, QUANTILES)
    real = (table.label == "real").to_numpy()
    want = bootstrap.interval(table[real].assign(hit=sets[real, 0]), bootstrap.hit_rate)
    assert set_figures(table, QUANTILES)["real"]["held"] == want


def test_sizes_sum_to_one_and_absent_labels_are_left_out():
    table = predictions(200)
    figures = set_figures(table[table.label != "facetune"], QUANTILES)
    assert set(figures) == {"real", "deepfake"}
    for part in figures.values():
        assert sum(part[str(size)]["value"] for size in range(4)) == pytest.approx(1, abs=1e-3)


def test_without_quantiles_nothing_is_ruled_out():
    assert possible(predictions(20), {}).all()
