"""Rates by sort of photo, and what a verdict is worth by them: by hand, and against the figures that were stored."""

import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import predictions

from pipeline.figures import bootstrap
from pipeline.figures.base_rates import OUTCOMES, Tally, expected_counts, worth
from pipeline.results.evaluation import Evaluation
from pipeline.results.index import folders

SHIPPED = [one.path for one in folders() if not one.problem]


def photos(*rows):
    """(label, kind, verdict, group), all of one source."""
    table = pd.DataFrame(rows, columns=["label", "kind", "verdict", "group"])
    return table.assign(source="here")


def many(label, kind, flagged, passed, unsure=0):
    said = ["deepfake"] * flagged + ["real"] * passed + ["inconclusive"] * unsure
    return [(label, kind, verdict, f"{label}{kind}{i}") for i, verdict in enumerate(said)]


@pytest.fixture
def tally():
    edits = [*many("deepfake", "swap", 80, 10, 10), *many("facetune", "retouch", 20, 160, 20)]
    return Tally.of(photos(*edits, *many("real", "camera", 5, 90, 5)))


def halves(tally):
    edited = tally.cells.edited.to_numpy(bool)
    return tally.rates(edited), tally.rates(~edited)


def test_rates_by_hand(tally):
    edited, unedited = halves(tally)
    assert edited.counts.tolist() == [100, 170, 30] and (edited.n, edited.groups) == (300, 300)
    assert unedited.value == pytest.approx([0.05, 0.90, 0.05])
    alike = tally.rates(tally.cells.edited.to_numpy(bool), alike=True)
    assert alike.value == pytest.approx([(0.8 + 0.1) / 2, (0.1 + 0.8) / 2, 0.1])
    assert edited.drawn.sum(axis=1) == pytest.approx(1) and alike.drawn.sum(axis=1) == pytest.approx(1)


def test_worth_by_hand(tally):
    found = worth(*halves(tally), np.array([0.5, 0.01]))
    third = 1 / 3
    assert found.flagged[0] == pytest.approx(third / (third + 0.05))
    assert found.flagged[1] == pytest.approx(0.01 * third / (0.01 * third + 0.99 * 0.05))
    missed = 170 / 300
    assert found.passed[1] == pytest.approx(0.01 * missed / (0.01 * missed + 0.99 * 0.9))
    for name in ("flagged", "passed"):
        assert (found[f"{name}_low"] < found[name]).all() and (found[name] < found[f"{name}_high"]).all()


def test_the_rarer_edits_are_the_less_a_flag_is_worth(tally):
    found = worth(*halves(tally), np.geomspace(1e-4, 0.5, 20))
    assert (np.diff(found.flagged) > 0).all() and (np.diff(found.passed) > 0).all()


def test_expected_numbers_sum_to_the_photos(tally):
    numbers = expected_counts(*halves(tally), 0.1, 1000)
    assert numbers.sum() == pytest.approx(1000) and numbers[0].sum() == pytest.approx(100)
    assert numbers[1, 0] == pytest.approx(900 * 0.05)


def test_what_never_came_about_is_not_called_impossible():
    tally = Tally.of(photos(*many("deepfake", "swap", 30, 10), *many("real", "camera", 0, 40)))
    edited, unedited = halves(tally)
    figure = unedited.figure("flagged")
    assert figure["value"] == 0 and 0.03 < figure["high"] < 0.1, "one in forty may well be missed"
    found = worth(edited, unedited, np.array([0.01]))
    assert found.flagged[0] == 1 and found.flagged_low[0] < 0.5
    assert unedited.drawn.sum(axis=1) == pytest.approx(1)


def test_what_never_came_about_is_drawn_for_each_sort_by_itself():
    """Draws that rise and fall together would narrow what is said of their ratio, and widen their mean."""
    tally = Tally.of(
        photos(*many("deepfake", "swap", 0, 40), *many("facetune", "retouch", 0, 40), *many("real", "camera", 0, 40))
    )
    sorts = [(tally.cells.kind == kind).to_numpy(bool) for kind in ("swap", "retouch", "camera")]
    rare = np.array([tally.rates(sort).drawn[:, 0] for sort in sorts])
    limit = 4 / np.sqrt(rare.shape[1])
    assert (np.abs(np.corrcoef(rare)[np.triu_indices(3, 1)]) < limit).all()
    assert rare.std(axis=1) == pytest.approx(rare.std(), rel=0.25)
    assert np.array_equal(tally.rates(sorts[0]).drawn, tally.rates(sorts[0]).drawn), "a page drawn twice is the same"
    both = tally.rates(sorts[0] | sorts[1], alike=True).drawn[:, 0]
    assert both.std() < 0.85 * rare[:2].std(), "the mean of two is told better than either"


def test_intervals_are_those_of_the_house():
    table = predictions(400)
    reals = table[table.label == "real"]
    ready = reals.assign(positive=False, said=reals.verdict.isin(["deepfake", "facetune"]))
    mine = Tally.of(reals, seed=1)
    want = bootstrap.interval(ready, bootstrap.false_alarm, seed=1)
    got = mine.rates(np.ones(len(mine.cells), bool)).figure("flagged")
    assert [round(got[name], 4) for name in ("value", "low", "high")] == [
        want[name] for name in ("value", "low", "high")
    ]


def test_photos_of_one_group_are_drawn_together():
    reals = many("real", "camera", 20, 50, 10)
    apart = Tally.of(photos(*reals))
    together = Tally.of(photos(*((*row[:3], f"g{i % 8}") for i, row in enumerate(reals))))
    one = Tally.of(photos(*((*row[:3], "g") for row in reals)))
    width = [np.ptp(t.rates(np.array([True])).drawn[:, 0]) for t in (apart, together, one)]
    assert width[0] > 0 and width[2] < 1e-12
    assert together.rates(np.array([True])).groups == 8


@pytest.mark.filterwarnings("error")
def test_sorts_without_photos_say_nothing(tally):
    none = tally.rates(np.zeros(len(tally.cells), bool))
    assert none.figure("flagged") == {"value": None, "low": None, "high": None, "n": 0}
    assert np.isnan(worth(none, halves(tally)[1], np.array([0.1])).flagged[0])
    empty = Tally.of(predictions(10).head(0))
    assert empty.rates(np.zeros(0, bool)).n == 0


@pytest.mark.filterwarnings("error")
def test_nothing_flagged_at_all_is_no_number():
    tally = Tally.of(photos(*many("deepfake", "swap", 0, 9), *many("real", "camera", 0, 9)))
    found = worth(*halves(tally), np.array([0.1]))
    assert np.isnan(found.flagged[0]) and found.passed[0] == pytest.approx(0.1)


def test_unknown_verdicts_count_as_no_answer():
    tally = Tally.of(photos(("real", "camera", "strange", "a"), ("real", "camera", "real", "b")))
    assert dict(zip(OUTCOMES, tally.counts[0], strict=True)) == {"flagged": 0, "passed": 1, "inconclusive": 1}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_false_alarms_are_the_stored_ones(path):
    stored = Evaluation.read(path)
    tally = Tally.of(stored.predictions)
    for source, figure in stored.metrics["false alarms"].items():
        got = tally.rates((~tally.cells.edited & (tally.cells.source == source)).to_numpy(bool)).figure("flagged")
        assert (round(got["value"], 4), got["n"]) == (figure["value"], figure["n"])
