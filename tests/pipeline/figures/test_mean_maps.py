"""Mean maps on the canonical face."""

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadGrid
from pipeline.figures.mean_maps import ALL, LEAST, mean_maps, outcome_of
from pipeline.results.canonical import pack_grid, unpack_grid


def table_of(grids, label="deepfake", verdict="deepfake", kind="face swap") -> pd.DataFrame:
    rows = [{"label": label, "verdict": verdict, "kind": kind, "heatmap": pack_grid(grid)} for grid in grids]
    return pd.DataFrame(rows)


def grids_of(count, peak=1.0):
    grid = np.full((16, 16), -0.1 * peak, np.float32)
    grid[4, 5] = peak
    return [grid.copy() for _ in range(count)]


def test_means_are_those_of_the_maps():
    strong, weak = grids_of(10, 4.0), grids_of(30, 1.0)
    found = mean_maps(table_of([*strong, *weak]))
    one = found[ALL]["deepfake"]["right"]
    assert one["n"] == 40 and one["said"] == {"deepfake": 40}
    assert unpack_grid(one["mean"])[4, 5] == pytest.approx((10 * 4 + 30) / 40, rel=0.01)
    even = unpack_grid(one["even"])
    assert even[4, 5] == pytest.approx(1, rel=0.01) and even[0, 0] == pytest.approx(-0.1, rel=0.05)
    assert found["face swap"]["deepfake"]["right"] == one


def test_outcomes_and_kinds_are_told_apart():
    parts = [
        table_of(grids_of(25), verdict="deepfake"),
        table_of(grids_of(24), verdict="real"),
        table_of(grids_of(3), verdict="facetune"),
        table_of(grids_of(30), verdict="inconclusive"),
        table_of(grids_of(40), "real", "real", "camera"),
        table_of(grids_of(21), "facetune", "facetune", "retouch"),
    ]
    found = mean_maps(pd.concat(parts, ignore_index=True))
    assert list(found) == [ALL, "face swap", "retouch"], "real photos have no kind of edit"
    counts = {outcome: one["n"] for outcome, one in found[ALL]["deepfake"].items()}
    assert counts == {"right": 25, "wrong": 27, "inconclusive": 30}
    assert found[ALL]["deepfake"]["wrong"]["said"] == {"real": 24, "facetune": 3}
    assert list(found["retouch"]) == ["facetune"] and "wrong" not in found[ALL]["real"]


def test_under_twenty_maps_no_mean_is_told():
    one = mean_maps(table_of(grids_of(LEAST - 1)))[ALL]["deepfake"]["right"]
    assert one["n"] == LEAST - 1 and one["mean"] is None and one["even"] is None


def test_unknown_cells_count_for_nothing():
    grids = grids_of(40)
    for number, grid in enumerate(grids):
        grid[0] = np.nan if number < 30 else 0.5
        grid[1] = np.nan if number < 15 else 0.5
    grids += [np.full((16, 16), np.nan, np.float32)] * 5
    one = mean_maps(table_of(grids))[ALL]["deepfake"]["right"]
    mean = unpack_grid(one["mean"])
    assert one["n"] == 40, "a map that is no number is none"
    assert np.isnan(mean[0]).all(), "reached by a quarter only"
    assert mean[1] == pytest.approx(np.full(16, 0.5), rel=0.01)


def test_flat_maps_say_nothing_and_do_no_harm():
    one = mean_maps(table_of(np.zeros((LEAST, 16, 16))))[ALL]["deepfake"]["right"]
    assert not unpack_grid(one["even"]).any() and not unpack_grid(one["mean"]).any()


def test_photos_without_maps_are_left_out():
    table = table_of(grids_of(30))
    assert mean_maps(table.assign(heatmap="")) == {} and mean_maps(table.head(0)) == {}
    table.loc[:9, "heatmap"] = ""
    assert mean_maps(table)[ALL]["deepfake"]["right"]["n"] == 20


def test_a_damaged_map_is_not_passed_over():
    table = table_of(grids_of(30))
    table.loc[3, "heatmap"] = "1.0:abc"
    with pytest.raises(BadGrid):
        mean_maps(table)


def test_a_verdict_is_right_only_if_it_names_the_label():
    table = pd.DataFrame({"label": ["real", "real", "facetune"], "verdict": ["real", "inconclusive", "deepfake"]})
    assert list(outcome_of(table)) == ["right", "inconclusive", "wrong"]
