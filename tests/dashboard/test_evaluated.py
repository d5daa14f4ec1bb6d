"""What the page Errors sorts, filters and counts, on made-up evaluations."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import predictions, write_evaluation
from scipy.stats import binomtest

from dashboard.views.errors import rates, wording
from dashboard.views.errors.board import Board, Cell, judge
from dashboard.views.errors.evaluated import EvaluatedPhoto, photos_at
from dashboard.views.errors.facets import UNSAID, count_values, passing, with_tags
from dashboard.views.errors.orders import SORTS, rows_to_save, sort_photos
from pipeline.casebook.tags import Tag
from pipeline.errors import BadEvaluation
from pipeline.figures import bootstrap
from pipeline.figures.what_if import VERDICTS, is_fixed, judge_arrays
from pipeline.results.evaluation import Evaluation

WORDS = np.array(VERDICTS)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    return Evaluation.read(write_evaluation(tmp_path_factory.mktemp("evaluations"), 400))


@pytest.fixture(scope="module")
def board(shown):
    return Board.of(shown)


def with_rows(shown, **columns):
    """An evaluation with other values in its first rows."""
    table = shown.predictions.copy()
    for name, values in columns.items():
        table.loc[: len(values) - 1, name] = values
    return Board.of(replace(shown, predictions=table))


def everything(board):
    return np.ones(board.count, bool)


def test_under_the_release_s_own_thresholds_the_measured_verdicts_stand(board, shown):
    found = judge(board, board.bands)
    assert found.own
    assert list(WORDS[found.verdict]) == list(shown.predictions.verdict)
    assert list(WORDS[found.label]) == list(shown.predictions.label)


@pytest.mark.parametrize(
    "edges", [(0.2, 0.9, 0.1, 0.8), (0.5, 0.5, 0.5, 0.5), (0.0, 1.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0)]
)
def test_other_thresholds_give_what_rejudging_the_table_gives(shown, edges):
    board = with_rows(shown, reasons=["unstable", "too_blurred near_threshold", "near_threshold"])
    bands = board.bands[0].with_edges(*edges[:2]), board.bands[1].with_edges(*edges[2:])
    table = board.evaluation.predictions
    scores = table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)
    found, want = judge(board, bands), judge_arrays(*scores, *bands, is_fixed(table.reasons))
    assert not found.own
    assert (found.verdict == want.verdict).all() and (found.forced == want.forced).all()
    measured = (table.decided_by == "deepfake").to_numpy()
    assert (found.asked == np.where(board.fixed, measured, want.asked)).all()


def test_the_matrix_counts_as_the_evaluation_did(board, shown):
    cells = rates.count_cells(judge(board, board.bands), everything(board))
    said = bootstrap.confusion(shown.predictions)
    assert [[said[label][verdict] for verdict in VERDICTS] for label in VERDICTS[:3]] == cells.tolist()
    nothing = rates.count_cells(judge(board, board.bands), np.zeros(board.count, bool))
    assert nothing.shape == (3, 4) and nothing.sum() == 0


def test_the_rates_are_those_of_the_matrix():
    cells = np.array([[80, 3, 5, 12], [10, 30, 6, 4], [20, 2, 25, 3]])
    found = {one.name: (one.k, one.n) for one in rates.rates_of(cells)}
    assert found == {
        "real photos called edited": (8, 100),
        "deepfakes called edited": (36, 50),
        "deepfakes called by their kind": (30, 50),
        "facetune edits called edited": (27, 50),
        "facetune edits called by their kind": (25, 50),
        "photos that get a verdict": (181, 200),
        "wrong verdicts": (46, 181),
    }


@pytest.mark.parametrize(("k", "n"), [(0, 30), (7, 30), (30, 30), (1, 1), (500, 20_000)])
def test_intervals_are_wilson_s(k, n):
    expected, one = binomtest(k, n).proportion_ci(method="wilson"), rates.rate("", k, n)
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert one.low <= one.value <= one.high


def test_without_photos_there_is_no_rate():
    one = rates.rate("", 0, 0)
    assert (one.n, one.value, one.low, one.high) == (0, None, None, None)
    assert all(one.value is None for one in rates.rates_of(np.zeros((3, 4), int)))


def test_kinds_are_those_of_edits_only(board, shown):
    found = rates.rates_by_kind(board, judge(board, board.bands), everything(board))
    edits = shown.predictions[shown.predictions.label != "real"]
    assert {one.name: one.n for one in found} == edits.kind.value_counts().to_dict()
    assert sum(one.k for one in found) == int(edits.verdict.isin(["deepfake", "facetune"]).sum())


def test_confident_and_wrong_comes_first_and_right_ones_last(board):
    found = judge(board, board.bands)
    rows = sort_photos(board, found, everything(board), "Confident and wrong first")
    many = int(found.wrong.sum())
    assert found.wrong[rows[:many]].all() and not found.wrong[rows[many:]].any()
    assert (np.diff(found.sure[rows[:many]]) <= 0).all()
    right = rows[found.verdict[rows] == found.label[rows]]
    assert list(right) == list(rows[-len(right) :]) and (np.diff(found.sure[right]) >= 0).all()


def test_every_order_holds_every_photo_once(board):
    found = judge(board, board.bands)
    for sort in SORTS:
        assert sorted(sort_photos(board, found, everything(board), sort)) == list(range(board.count)), sort


def test_photos_without_a_number_come_last(shown):
    board = with_rows(shown, faithfulness=[np.nan, -9.0], p_edited=[0.5, 0.5, 2.0])
    found = judge(board, board.bands)
    rows = sort_photos(board, found, everything(board), "Least faithful heatmap first")
    assert rows[0] == 1 and rows[-1] == 0
    assert sort_photos(board, found, everything(board), "p(edited), highest first")[0] == 2


def test_turning_photos_come_first_then_unstable_ones_then_the_untried(shown):
    board = with_rows(shown, reasons=[""] * 399 + ["unstable"])
    found = judge(board, board.bands)
    rows = sort_photos(board, found, everything(board), "Turns when saved again first")
    turned = board.flips[rows]
    many = int((board.flips > 0).sum())
    assert many and (turned[:many] > 0).all() and (np.diff(turned[:many]) <= 0).all()
    assert rows[many] == 399 and np.isnan(turned[-1]) and turned[many + 1] == 0


def test_flips_are_counted_against_the_clean_tier(shown):
    tiers = pd.DataFrame(
        [("a", "clean", "real"), ("a", "web", "real"), ("a", "hard", "deepfake"), ("b", "web", "real")],
        columns=["id", "tier", "verdict"],
    ).assign(p_edited=0.5, p_deepfake=0.5)
    table = shown.predictions.head(3).assign(id=["a", "b", "c"])
    board = Board.of(replace(shown, predictions=table, tiers=tiers))
    assert board.flips[0] == 1 and np.isnan(board.flips[1:]).all() and board.tiers == 2
    assert np.isnan(Board.of(replace(shown, tiers=None)).flips).all()
    assert Board.of(replace(shown, tiers=tiers[tiers.tier != "clean"])).tiers == 0


def test_filters_let_through_what_has_any_of_a_facet_s_values_in_every_facet(board, shown):
    table = shown.predictions
    chosen = {"source": ("dfdc", "ciplab"), "kind": ("retouch",), "difficulty": ()}
    passed = passing(board.facets, chosen, board.count)
    assert passed.any()
    assert list(passed) == list(table.source.isin(["dfdc", "ciplab"]) & (table.kind == "retouch"))
    assert passing(board.facets, {"source": ("gone",), "nonsense": ("x",)}, board.count).all()


def test_counts_say_what_a_value_would_leave(board):
    chosen = {"source": ("dfdc",), "kind": ("retouch",)}
    numbers = count_values(board.facets, chosen, board.count)
    for facet, values in numbers.items():
        for value, number in values.items():
            assert number == passing(board.facets, chosen | {facet: (value,)}, board.count).sum(), (facet, value)


def test_each_facet_splits_the_photos_and_says_what_is_not_said(board):
    for name, values in board.facets.items():
        assert (np.sum(list(values.values()), axis=0) == 1).all(), name
    assert UNSAID in board.facets["difficulty"]
    assert {"no JPEG", "70 to 79", "80 to 89"} == set(board.facets["JPEG quality"]) - {UNSAID}


def test_tags_can_be_filtered_by(board, shown):
    first, second = shown.predictions.id[:2]
    tags = {first: {"fixed": Tag(first, "fixed")}, "elsewhere": {"fixed": Tag("elsewhere", "fixed")}}
    facets = with_tags(board.facets, shown.predictions.id, tags)
    assert list(np.flatnonzero(passing(facets, {"tag": ("fixed",)}, board.count))) == [0]
    assert passing(facets, {"tag": ("no tag",)}, board.count).sum() == board.count - 1
    assert not passing(facets, {"tag": ("interesting",)}, board.count).any()
    assert second != first


def test_a_cell_is_named_in_the_address_and_nonsense_is_none():
    assert Cell.of("facetune-inconclusive") == Cell("facetune", "inconclusive")
    assert Cell.of(Cell("real", "deepfake").name) == Cell("real", "deepfake")
    assert Cell.of("") is Cell.of("inconclusive-real") is Cell.of("real-nonsense") is Cell.of("<b>") is None


def test_a_cell_holds_as_many_photos_as_the_matrix_says(board):
    found = judge(board, board.bands)
    cells = rates.count_cells(found, everything(board))
    for row, label in enumerate(VERDICTS[:3]):
        for column, verdict in enumerate(VERDICTS):
            assert Cell(label, verdict).of_photos(found).sum() == cells[row, column]


def test_reasons_follow_the_thresholds_and_those_in_the_photo_stay(shown):
    board = with_rows(
        shown, p_edited=[0.65, 0.65, 0.9], p_deepfake=[0.5, 0.5, 0.5], reasons=["too_blurred near_threshold", "", ""],
        verdict=["inconclusive"] * 3,
    )  # fmt: skip
    own = photos_at(board, board.given, [0])[0]
    assert own.verdict.reasons == ("too_blurred", "near_threshold") and own.outcome == "open"
    tried = judge(board, (board.bands[0].with_edges(0.1, 0.2), board.bands[1].with_edges(0.4, 0.6)))
    reasons = [photo.verdict.reasons for photo in photos_at(board, tried, [0, 1, 2])]
    assert reasons == [("too_blurred", "kind_unclear"), ("kind_unclear",), ("kind_unclear",)]


def test_the_second_stage_has_no_say_where_it_was_not_asked(board):
    photos = photos_at(board, board.given, range(50))
    asked = [photo.verdict.deepfake is not None for photo in photos]
    assert asked == board.given.asked[:50].tolist() and any(asked) and not all(asked)


def test_the_list_to_take_away_has_tags_and_no_maps_and_runs_nowhere(board, shown):
    first = shown.predictions.id[7]
    tags = {first: {"fixed": Tag(first, "fixed", "=1+1")}}
    table = rows_to_save(board, judge(board, board.bands), np.array([7, 3]), tags)
    assert list(table.id) == [first, shown.predictions.id[3]] and "heatmap" not in table
    assert list(table.tags) == ["fixed", ""] and list(table.notes) == ["'=1+1", ""]
    assert table.p_edited.dtype == float


def test_an_evaluation_that_does_not_say_its_thresholds_is_refused(shown):
    for run in ({}, {"thresholds": None}, {"thresholds": {"edited": {"threshold": 0.5, "abstain": [0, 1]}}}):
        with pytest.raises(BadEvaluation, match="thresholds"):
            Board.of(replace(shown, run=run))


def test_twenty_thousand_photos_are_judged_counted_and_sorted_before_a_slider_lags(tmp_path):
    from time import thread_time

    board = Board.of(Evaluation.read(write_evaluation(tmp_path, 2_000)))
    table = pd.concat([board.evaluation.predictions] * 10, ignore_index=True)
    large = Board.of(replace(board.evaluation, predictions=table.assign(id=[f"{i:016x}" for i in range(20_000)])))
    bands, took = (large.bands[0].with_edges(0.3, 0.8), large.bands[1]), []
    for _ in range(5):
        begun = thread_time()
        found = judge(large, bands)
        among = passing(large.facets, {"source": ("dfdc",)}, large.count)
        rates.rates_of(rates.count_cells(found, among))
        sort_photos(large, found, among, next(iter(SORTS)))
        took.append(thread_time() - begun)
    assert min(took) < 0.15


def test_without_a_score_there_is_no_verdict_under_tried_thresholds(tmp_path):
    path = write_evaluation(tmp_path, 60)
    table = pd.read_csv(path / "predictions.csv")
    table.loc[:4, "p_edited"] = np.nan
    table.to_csv(path / "predictions.csv", index=False)
    board = Board.of(Evaluation.read(path))
    found = judge(board, (board.bands[0].with_edges(0.9, 0.9), board.bands[1]))
    assert {VERDICTS[code] for code in found.verdict[:5]} == {"inconclusive"}


def test_what_a_file_says_of_itself_is_told_with_its_units_and_whose_it_is():
    row = predictions(3).iloc[0].to_dict() | {"source": "dfdc"}
    assert wording.facts_of(row)["File"] == "JPEG 4:2:0, 600 × 800 px, 62 kB"
    forged = wording.facts_of(row | {"source": "forge-dfdc"})["File"]
    assert forged == "its original's: JPEG 4:2:0, 600 × 800 px, 62 kB"
    lossless = wording.facts_of(row | {"format": "PNG", "subsampling": ""})["File"]
    assert lossless == "PNG, 600 × 800 px, 62 kB"
    assert wording.facts_of(row | {"format": "", "width": float("nan")})["File"] == "–"


@pytest.mark.parametrize(("method", "said"), [("gradcam", True), ("parts", False)])
def test_only_an_account_of_the_score_is_held_to_the_check_by_blurring(method, said):
    row = predictions(3).iloc[0].to_dict() | {"faithfulness": -0.5, "map_method": method}
    photo = EvaluatedPhoto(0, row, None, "right", 0, 3)
    assert any("no better than chance" in note for note in wording.say_notes(photo)) == said


def test_region_bits_are_said_and_other_text_is_not_known():
    assert "nose, mouth" in wording.say_regions("0011") and "all four" in wording.say_regions("1111")
    assert "None of the four" in wording.say_regions("0000")
    assert wording.say_regions("") == wording.say_regions("01x1") == "It is not known which parts were edited."
