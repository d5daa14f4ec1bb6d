"""Pairs hold what they say, a handful is not told, and of many only the worst are kept."""

import numpy as np
import pytest
from made_up_evaluation import predictions

from pipeline.figures import bootstrap, slice_pairs
from pipeline.figures.gaps import gaps
from pipeline.figures.slice_pairs import LEAST_GROUPS, surely
from pipeline.figures.slices import LEAST, SKIN_TONE, figures_of_part, slices
from pipeline.results.figure import Figure


@pytest.fixture(scope="module")
def table():
    found = predictions(1200)
    return found.assign(positive=found.label != "real", score=found.p_edited, said=found.says_edited)


@pytest.fixture(scope="module")
def told(table):
    return slice_pairs.slice_pairs(table)


def one(told, slices, values):
    return next(row for row in told if row["slices"] == slices and row["values"] == values)


def test_figures_are_those_of_the_photos_of_which_both_facts_hold(table, told):
    row = one(told, ["kind", "face size"], ["retouch", "192 to 256 px"])
    mine = table[(table.kind == "retouch") & (table.face_size >= 192) & (table.face_size < 256)]
    assert row["recall"]["n"] == len(mine)
    assert row["recall"]["value"] == pytest.approx(mine.said.mean(), abs=1e-4)
    assert row["recall"]["low"] < row["recall"]["value"] < row["recall"]["high"]


def test_counting_by_group_gives_the_interval_that_counting_photos_gives(table, told):
    row = one(told, ["source", "JPEG quality"], ["dfdc", "70 to 79"])
    mine = table[(table.source == "dfdc") & table.jpeg_quality.between(70, 79) & ~table.positive]
    whole = bootstrap.interval(mine, bootstrap.false_alarm)
    assert row["false alarms"]["n"] == len(mine) and row["false alarms"]["value"] == whole["value"]
    assert row["false alarms"]["low"] == pytest.approx(whole["low"], abs=0.01)
    assert row["false alarms"]["high"] == pytest.approx(whole["high"], abs=0.01)


def test_a_kind_of_edit_has_no_false_alarms(told):
    mine = [row for row in told if "kind" in row["slices"]]
    assert mine and not any("false alarms" in row for row in mine)
    assert not any("camera" in row["values"] for row in told)


def test_no_figure_is_about_a_handful_or_a_few_persons(table, told):
    figures = [row[name] for row in told for name in slice_pairs.ABOUT if name in row]
    assert min(figure["n"] for figure in figures) >= LEAST
    few = table.assign(group=[f"g{i % (LEAST_GROUPS - 1)}" for i in range(len(table))])
    assert slice_pairs.slice_pairs(few) == []


def test_only_the_worst_of_many_are_kept_in_their_order(table, told, monkeypatch):
    monkeypatch.setattr(slice_pairs, "MOST", 10)
    kept = slice_pairs.slice_pairs(table)
    assert len(kept) == 10 and kept == [row for row in told if row in kept]
    dropped = [row for row in told if row not in kept]
    assert max(map(slice_pairs._rank, kept)) <= min(map(slice_pairs._rank, dropped))


def test_an_interval_of_one_point_is_not_sure():
    assert surely(Figure(1.0, 1.0, 1.0, 20)) == pytest.approx(0.85)
    assert surely(Figure(0.0, 0.0, 0.0, 20)) == 0
    assert surely(Figure(0.9, 0.8, 1.0, 20)) == 0.8


def test_photos_of_which_nothing_is_known_have_no_pairs(table):
    blank = table.assign(source="a", kind="", face_size=np.nan, sharpness=np.nan, brightness=1.0, ita=np.nan)
    assert slice_pairs.slice_pairs(blank) == []
    assert slice_pairs.slice_pairs(table[~table.positive]) != []


def test_a_gap_is_the_difference_of_its_ends(table):
    rows = slices(table)
    found = gaps(table, rows)[SKIN_TONE]
    by_class = {row["value"]: row["false alarms"] for row in rows if row["slice"] == SKIN_TONE}
    gap = found["false alarms"]
    values = {name: figure["value"] for name, figure in by_class.items() if figure["value"] is not None}
    assert values[gap["worst"]] == max(values.values()) and values[gap["best"]] == min(values.values())
    assert gap["value"] == pytest.approx(values[gap["worst"]] - values[gap["best"]], abs=2e-4)
    assert gap["low"] < gap["value"] < gap["high"]
    assert found["recall"]["value"] >= 0 and found["AUC"]["worst"] != found["AUC"]["best"]


def test_one_class_has_no_gap(table):
    alike = table.assign(ita=20.0)
    assert SKIN_TONE not in gaps(alike, slices(alike))


def test_the_figure_over_all_is_over_all(table):
    assert figures_of_part(table)["recall"]["value"] == pytest.approx(table.said[table.positive].mean(), abs=1e-4)
    assert figures_of_part(table[table.positive])["false alarms"]["value"] is None
