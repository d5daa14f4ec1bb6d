"""Curves and the place of errors, by hand."""

import numpy as np
import pandas as pd
import pytest

from pipeline.figures.curves import OUTCOMES, cascade_errors, confidence, outcomes, reliability, risk_coverage


def photos(*rows) -> pd.DataFrame:
    names = ("label", "verdict", "decided_by", "reasons", "forced", "p_edited", "p_deepfake")
    return pd.DataFrame(rows, columns=list(names)).assign(group=[str(i) for i in range(len(rows))])


TABLE = photos(
    ("real", "real", "edited", "", "real", 0.1, 0.5),
    ("real", "facetune", "deepfake", "", "facetune", 0.9, 0.1),
    ("real", "inconclusive", "edited", "near_threshold", "real", 0.6, 0.5),
    ("real", "inconclusive", "deepfake", "face_too_small", "facetune", 0.9, 0.1),
    ("deepfake", "real", "edited", "", "real", 0.2, 0.5),
    ("deepfake", "facetune", "deepfake", "", "facetune", 0.8, 0.3),
    ("deepfake", "inconclusive", "deepfake", "kind_unclear", "deepfake", 0.9, 0.6),
    ("facetune", "facetune", "deepfake", "", "facetune", 0.95, 0.05),
    ("facetune", "inconclusive", "edited", "unstable", "facetune", 0.8, 0.2),
    ("facetune", "inconclusive", "deepfake", "unstable", "facetune", 0.8, 0.2),
)


def test_where_each_error_arose():
    assert outcomes(TABLE).tolist() == [
        "right", "stage 1 false alarm", "stage 1 abstained", "out of scope", "stage 1 missed", "stage 2 wrong",
        "stage 2 abstained", "right", "stage 1 abstained", "stage 2 abstained",
    ]  # fmt: skip
    assert set(outcomes(TABLE)) == set(OUTCOMES)


def test_shares_of_each_label_sum_to_one():
    found = cascade_errors(TABLE)
    assert found["real"]["stage 1 false alarm"] | {"low": 0, "high": 0} == {
        "value": 0.25, "low": 0, "high": 0, "n": 4, "count": 1,
    }  # fmt: skip
    for shares in found.values():
        assert sum(one["value"] for one in shares.values()) == pytest.approx(1, abs=1e-3)
    assert sum(one["count"] for shares in found.values() for one in shares.values()) == len(TABLE)


def test_confidence_is_the_joint_probability_of_the_forced_label():
    assert confidence(TABLE)[[0, 1, 6]] == pytest.approx([0.9, 0.9 * 0.9, 0.9 * 0.6])


def test_the_risk_of_the_surest_photos():
    rows = [("real", "real", "edited", "", "real", 0.01 * i, 0.5) for i in range(10)]
    rows += [("deepfake", "real", "edited", "", "real", 0.3 + 0.01 * i, 0.5) for i in range(10)]
    curve = risk_coverage(photos(*rows))
    assert [point["coverage"] for point in curve] == pytest.approx(np.arange(1, 21) / 20)
    assert [point["n"] for point in curve] == list(range(1, 21))
    assert [point["value"] for point in curve] == pytest.approx([max(0, n - 10) / n for n in range(1, 21)], abs=1e-4)
    assert curve[9]["confidence"] == pytest.approx(1 - 0.09)
    assert all(point["low"] <= point["value"] <= point["high"] for point in curve)


def test_reliability_by_hand():
    table = pd.DataFrame(
        {"score": [0.05, 0.05, 0.95, 1.0], "positive": [True, False, True, True], "group": list("abcd")}
    )
    curve = reliability(table)
    assert len(curve) == 10 and [row["n"] for row in curve] == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert curve[0]["score"] == 0.05 and curve[0]["value"] == 0.5
    assert curve[9]["score"] == 0.975 and curve[9]["value"] == 1
    assert curve[4]["value"] is None and curve[4]["score"] is None


def test_nothing_gives_no_curves():
    nothing = TABLE.iloc[:0]
    assert risk_coverage(nothing) == [] and cascade_errors(nothing) == {}
    assert reliability(nothing.assign(score=[], positive=[])) == []
