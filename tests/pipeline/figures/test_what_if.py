"""Verdicts under other thresholds: the release's own give the stored ones back."""

import numpy as np
import pytest
from made_up_evaluation import THRESHOLDS, predictions

from pipeline.figures.what_if import Band, rejudged
from pipeline.results.evaluation import Evaluation
from pipeline.results.index import folders

SHIPPED = [one.path for one in folders() if not one.problem and "thresholds" in one.run]
JUDGED = ["verdict", "forced", "says_edited", "says_deepfake", "decided_by"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_releases_own_thresholds_give_the_stored_verdicts(path):
    stored = Evaluation.read(path)
    bands = [Band.of_run(stored.run["thresholds"][stage]) for stage in ("edited", "deepfake")]
    again = rejudged(stored.predictions, *bands)
    assert [(again[name] != stored.predictions[name]).sum() for name in JUDGED] == [0] * len(JUDGED)


@pytest.fixture
def bands():
    return [Band.of_run(THRESHOLDS[stage]) for stage in ("edited", "deepfake")]


def test_a_lower_threshold_flags_more(bands):
    table = predictions()
    before = rejudged(table, *bands)
    after = rejudged(table, bands[0].moved(0.2, 0.3), bands[1])
    assert (before.verdict == table.verdict).all()
    flagged = [(one.verdict.isin(["deepfake", "facetune"])).sum() for one in (before, after)]
    assert flagged[1] > flagged[0]
    assert set(after.verdict[table.p_edited < 0.2]) == {"real"}
    assert set(after.verdict[(table.p_edited >= 0.2) & (table.p_edited < 0.3)]) == {"inconclusive"}


def test_what_lies_in_the_photo_stays_inconclusive(bands):
    table = predictions()
    table.loc[table.index[:5], ["reasons", "verdict"]] = ["too_dark", "inconclusive"]
    table.loc[table.index[5:9], ["reasons", "verdict"]] = ["near_threshold unstable", "inconclusive"]
    after = rejudged(table, bands[0].moved(0, 0), bands[1].moved(0, 0))
    assert set(after.verdict[:9]) == {"inconclusive"} and "inconclusive" not in set(after.verdict[9:])


def test_a_threshold_stays_where_it_can(bands):
    assert bands[0].moved(0.5, 0.9).threshold == 0.7
    assert bands[0].moved(0.8, 0.9).threshold == 0.8 and bands[0].moved(0.1, 0.3).threshold == 0.3
    assert Band.of_run(THRESHOLDS["deepfake"]) == Band(0.5, 0.5, 0.5)
    assert not bands[1].abstains(np.array([0.5])).any() and bands[1].says(np.array([0.5])).all()


def test_without_a_score_there_is_no_verdict_at_any_threshold(bands):
    table = predictions()
    table.loc[table.index[:3], "p_edited"] = np.nan
    table.loc[table.index[3:6], ["p_edited", "p_deepfake"]] = [0.99, np.nan]
    after = rejudged(table, bands[0].moved(0.9, 0.9), bands[1])
    assert set(after.verdict[:6]) == {"inconclusive"} and "real" in set(after.verdict[6:])
