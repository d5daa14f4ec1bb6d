"""Slices hold what they say, are compared with the right real photos, and say nothing of a handful."""

import numpy as np
import pytest
from made_up_evaluation import predictions

from pipeline.figures.slices import LEAST, slices


@pytest.fixture(scope="module")
def table():
    found = predictions()
    return found.assign(positive=found.label != "real", score=found.p_edited, said=found.says_edited)


@pytest.fixture(scope="module")
def told(table):
    return slices(table)


def of(told, name):
    return {row["value"]: row for row in told if row["slice"] == name}


def test_all_slices_are_there(told):
    assert {row["slice"] for row in told} == {
        "source", "kind", "difficulty", "edited regions", "face size", "JPEG quality", "sharpness", "brightness",
        "contrast", "skin tone in pixels (ITA)",
    }  # fmt: skip
    assert set(of(told, "edited regions")) == {"1", "2", "3", "4"}
    assert set(of(told, "JPEG quality")) == {"70 to 79", "80 to 89", "no JPEG"}


def test_figures_are_those_of_the_slice(table, told):
    row = of(told, "face size")["192 to 256 px"]
    mine = table[(table.face_size >= 192) & (table.face_size < 256)]
    assert row["n"] == len(mine)
    assert row["recall"]["value"] == pytest.approx(mine.said[mine.positive].mean(), abs=1e-4)
    assert row["false alarms"]["value"] == pytest.approx(mine.said[~mine.positive].mean(), abs=1e-4)
    assert row["false alarms"]["n"] + row["recall"]["n"] == row["AUC"]["n"] == len(mine)


@pytest.mark.parametrize("name", ["face size", "sharpness", "brightness", "contrast", "JPEG quality",
                                  "skin tone in pixels (ITA)"])  # fmt: skip
def test_a_slice_by_a_fact_splits_all_photos(table, told, name):
    assert sum(row["n"] for row in of(told, name).values()) == len(table)


def test_thirds_are_thirds(table, told):
    assert [row["n"] for row in of(told, "sharpness").values()] == pytest.approx([len(table) / 3] * 3, abs=1)
    assert [value.split()[0] for value in of(told, "sharpness")] == ["low", "middle", "high"]


def test_edits_are_held_against_the_real_photos_of_their_collection(table, told):
    forged = of(told, "source")["forge-dfdc"]
    reals = (~table.positive & (table.source == "dfdc")).sum()
    assert forged["false alarms"]["n"] == reals and forged["recall"]["n"] == (table.source == "forge-dfdc").sum()


def test_a_handful_gives_no_figure(table):
    few = table[~table.positive | (table.kind != "face swap") | (np.arange(len(table)) < 30)]
    swaps = int((few.kind == "face swap").sum())
    assert 0 < swaps < LEAST
    row = of(slices(few), "kind")["face swap"]
    nothing = {"value": None, "low": None, "high": None}
    assert row["recall"] == nothing | {"n": swaps} and row["AUC"] == nothing | {"n": row["n"]}
    assert row["false alarms"]["value"] is not None


def test_photos_that_are_all_alike_and_without_edits(table):
    told = slices(table[~table.positive].assign(sharpness=5.0, ita=np.nan))
    assert of(told, "sharpness")["all"]["recall"]["value"] is None
    assert not of(told, "kind") and set(of(told, "source")) == {"ciplab", "dfdc"}
    assert not of(told, "skin tone in pixels (ITA)")
