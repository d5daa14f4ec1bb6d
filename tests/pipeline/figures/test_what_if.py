"""Verdicts under other thresholds: the release's own give the stored ones back."""

import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import THRESHOLDS, predictions

from models.release import Release, Stage
from pipeline.figures.what_if import VERDICTS, Band, is_fixed, judge_arrays
from pipeline.results.evaluation import Evaluation
from pipeline.results.index import folders
from pipeline.verdict import StageScore, decide, passes_on

SHIPPED = [one.path for one in folders() if not one.problem and "thresholds" in one.run]
WORDS = np.array(VERDICTS)
JUDGED = ["verdict", "forced", "says_edited", "says_deepfake", "decided_by"]


def rejudged(table: pd.DataFrame, edited: Band, deepfake: Band) -> pd.DataFrame:
    """The table with the verdicts of `judge_arrays`."""
    first, second = table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)
    fixed = is_fixed(table.reasons)
    verdicts = judge_arrays(first, second, edited, deepfake, fixed)
    decided = np.where(fixed, table.decided_by, np.where(verdicts.asked, "deepfake", "edited"))
    says = {"says_edited": edited.says(first), "says_deepfake": deepfake.says(second)}
    words = {"verdict": WORDS[verdicts.verdict], "forced": WORDS[verdicts.forced], "decided_by": decided}
    return table.assign(**says, **words)


@pytest.mark.parametrize(
    "edges", [((0.4, 0.6), (0.45, 0.55)), ((0.7, 0.7), (0.5, 0.5)), ((0.0, 1.0), (0.2, 0.3))], ids=str
)
def test_arrays_are_judged_as_the_cascade_judges_each_photo(edges):
    first, second = (grid.ravel() for grid in np.meshgrid(np.linspace(0, 1, 41), np.linspace(0, 1, 41)))
    stages = [Stage(name, 1.0, 0.0, band[1], band, "") for name, band in zip(("a", "b"), edges, strict=True)]
    release = Release("r", "2026-11-22", *stages, {}, 0, "")
    bands = [Band.of_run({"threshold": stage.threshold, "abstain": stage.abstain}) for stage in stages]
    verdicts = judge_arrays(first, second, *bands, np.zeros(len(first), bool))
    for place, scores in enumerate(zip(first, second, strict=True)):
        one, two = (
            StageScore(stage.weights, score, stage.threshold, stage.abstain)
            for stage, score in zip(stages, scores, strict=True)
        )
        assert verdicts.asked[place] == passes_on(one)
        assert WORDS[verdicts.verdict[place]] == decide(release, 100, one, two if passes_on(one) else None).label


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
    after = rejudged(table, bands[0].with_edges(0.2, 0.3), bands[1])
    assert (before.verdict == table.verdict).all()
    flagged = [(one.verdict.isin(["deepfake", "facetune"])).sum() for one in (before, after)]
    assert flagged[1] > flagged[0]
    assert set(after.verdict[table.p_edited < 0.2]) == {"real"}
    assert set(after.verdict[(table.p_edited >= 0.2) & (table.p_edited < 0.3)]) == {"inconclusive"}


def test_what_lies_in_the_photo_stays_inconclusive(bands):
    table = predictions()
    table.loc[table.index[:5], ["reasons", "verdict"]] = ["too_dark", "inconclusive"]
    table.loc[table.index[5:9], ["reasons", "verdict"]] = ["near_threshold unstable", "inconclusive"]
    after = rejudged(table, bands[0].with_edges(0, 0), bands[1].with_edges(0, 0))
    assert set(after.verdict[:9]) == {"inconclusive"} and "inconclusive" not in set(after.verdict[9:])


def test_a_threshold_stays_where_it_can(bands):
    assert bands[0].with_edges(0.5, 0.9).threshold == 0.7
    assert bands[0].with_edges(0.8, 0.9).threshold == 0.8 and bands[0].with_edges(0.1, 0.3).threshold == 0.3
    assert Band.of_run(THRESHOLDS["deepfake"]) == Band(0.5, 0.5, 0.5)
    assert not bands[1].abstains(np.array([0.5])).any() and bands[1].says(np.array([0.5])).all()


def test_without_a_score_there_is_no_verdict_at_any_threshold(bands):
    table = predictions()
    table.loc[table.index[:3], "p_edited"] = np.nan
    table.loc[table.index[3:6], ["p_edited", "p_deepfake"]] = [0.99, np.nan]
    after = rejudged(table, bands[0].with_edges(0.9, 0.9), bands[1])
    assert set(after.verdict[:6]) == {"inconclusive"} and "real" in set(after.verdict[6:])
