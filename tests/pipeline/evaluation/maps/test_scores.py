"""Maps against what is known of an edit: where truth and map lie, and which method is chosen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.crops.crops import stored_crop
from pipeline.crops.masks import EDITED, UNKNOWN
from pipeline.evaluation.maps import truth
from pipeline.evaluation.maps.choice import CHOSEN_BY, OUTPUTS, best_method, map_figures, thresholds_of, with_overlap
from pipeline.evaluation.maps.scores import (
    Case,
    blind_map,
    falls_when_undone,
    overlap,
    perturb_maps,
    precision,
    score_map,
)
from pipeline.examining.find_faces import find_faces
from pipeline.face import REGIONS
from pipeline.figures.pointing import one_hot, pointing, share_named
from pipeline.results.figure import Figure
from pipeline.results.maps import BEATS
from tests.pipeline.evaluation.map_examples import (
    facts,
    grain_of_a_corner,
    grid_of_truth,
    grid_with,
    mask_with,
    over_window,
)


@pytest.fixture(scope="module")
def face(hopper) -> tuple[np.ndarray, np.ndarray]:
    """A stored crop (300, 300, 3) and its landmarks in store pixels."""
    return stored_crop(hopper.rgb, find_faces(hopper)[0].landmarks)


def test_a_mask_seen_is_what_the_window_wholly_covers():
    assert truth.WINDOW == (22, 22, 278, 278) and (truth.SEEN.start, truth.SEEN.stop) == (6, 69)
    assert 4 * truth.SEEN.start >= 22 > 4 * (truth.SEEN.start - 1)
    assert 4 * truth.SEEN.stop <= 278 < 4 * (truth.SEEN.stop + 1)


@pytest.mark.parametrize("side", [8, 16])
def test_a_map_lies_on_the_mask_without_a_lean(side):
    """Half a cell beside it would be four cells of the mask with a grid of 8, and two with one of 16."""
    mask = mask_with(slice(25, 45), slice(30, 54))
    cells = truth.cells_of(over_window(grid_of_truth(mask, side)))
    assert cells.shape == (63, 63)
    rows, columns = np.mgrid[6:69, 6:69] + 0.5
    centre = (cells * rows).sum() / cells.sum(), (cells * columns).sum() / cells.sum()
    np.testing.assert_allclose(centre, (35, 42), atol=0.35)


def test_a_perfect_map_scores_as_one_and_its_contrary_does_not():
    mask = mask_with(slice(22, 38), slice(30, 46))
    good = grid_of_truth(mask)
    assert precision(over_window(good), mask) > 0.9
    assert overlap(over_window(good), mask, [0.5])[0] > 0.75
    share = (truth.in_window(mask) == EDITED).mean()
    assert precision(over_window(-good), mask) < share
    flat = over_window(np.zeros((16, 16), np.float32))
    assert precision(flat, mask) == pytest.approx(share), "a map that says nothing is worth chance"
    lost = over_window(np.full((16, 16), np.nan, np.float32))
    assert precision(lost, mask) == pytest.approx(share)


def test_unknown_cells_count_for_nothing():
    mask = mask_with(slice(22, 38), slice(30, 46))
    good = grid_of_truth(mask)
    good[0, 0] = 1  # a false alarm where nobody knows
    blind = mask.copy()
    blind[:16, :16] = UNKNOWN
    assert precision(over_window(good), blind) > precision(over_window(good), mask)
    assert overlap(over_window(good), blind, [0.5])[0] > overlap(over_window(good), mask, [0.5])[0]


def test_a_mask_of_one_kind_of_cell_has_no_precision():
    assert np.isnan(precision(over_window(grid_with(3, 3)), np.full((75, 75), EDITED, np.uint8)))


@pytest.mark.parametrize("name", REGIONS)
def test_the_peak_is_in_the_part_that_it_lies_in(name, face):
    _, landmarks = face
    x, y = landmarks[list(REGIONS[name])].mean(axis=0)
    inside = truth.parts_at((float(x), float(y)), landmarks)
    assert inside[list(REGIONS).index(name)]
    assert not truth.parts_at((30.0, 30.0), landmarks).any()


def test_a_part_is_grown_by_a_quarter(face):
    _, landmarks = face
    mouth = landmarks[list(REGIONS["mouth"])]
    centre, left = mouth.mean(axis=0), mouth[mouth[:, 0].argmin()]
    for factor, inside in ((1.15, True), (1.4, False)):
        x, y = centre + (left - centre) * factor
        assert truth.parts_at((float(x), float(y)), landmarks)[3] == inside


def test_the_area_of_parts_is_that_of_their_points(face):
    _, landmarks = face
    rng = np.random.default_rng(0)
    points = rng.uniform(22, 278, (1500, 2))
    for bits in ([False, False, False, True], [True, False, True, False], [False] * 4):
        hit = np.mean([(truth.parts_at((x, y), landmarks) & bits).any() for x, y in points])
        assert truth.parts_area(np.array(bits), landmarks) == pytest.approx(hit, abs=0.025)


def cell_of(landmarks: np.ndarray, name: str) -> tuple[int, int]:
    x, y = (landmarks[list(REGIONS[name])].mean(axis=0) - 22) // 16
    return int(y), int(x)


def test_a_peak_hits_by_bits_or_by_mask(face):
    crop, landmarks = face
    pixels = np.zeros((3, 256, 256), np.float32)
    row, column = cell_of(landmarks, "mouth")
    by_bits = Case(facts("0001"), pixels, landmarks, None)
    assert score_map(by_bits, "gradcam", grid_with(row, column))["hit"]
    assert not score_map(by_bits, "gradcam", grid_with(0, 0))["hit"]
    assert not score_map(replace(by_bits, facts=facts("1000")), "gradcam", grid_with(row, column))["hit"]
    by_mask = Case(facts("", kind="forged"), pixels, landmarks, mask_with(slice(40, 44), slice(20, 24)))
    assert score_map(by_mask, "gradcam", grid_with(9, 4))["hit"], "store pixel 94, 174 lies in cell 23, 43"
    assert not score_map(by_mask, "gradcam", grid_with(4, 9))["hit"], "rows and columns are not exchanged"
    assert by_mask.area == pytest.approx(16 / 63**2)
    assert 0.005 < by_bits.area < 0.1 and crop.shape == (300, 300, 3)


@pytest.mark.parametrize(("fill", "state"), [(0.0, "flat"), (np.nan, "not a number")])
def test_a_map_without_a_peak_hits_nothing(fill, state, face):
    case = Case(facts("1111"), np.zeros((3, 256, 256), np.float32), face[1], None)
    row = score_map(case, "gradcam", np.full((16, 16), fill, np.float32))
    assert row["state"] == state and not row["hit"] and not row["names"] and np.isnan(row["peak_x"])


def test_a_map_wholly_against_has_a_peak_but_names_no_place(face):
    row, column = cell_of(face[1], "mouth")
    case = Case(facts("0001"), np.zeros((3, 256, 256), np.float32), face[1], None)
    answer = score_map(case, "mask", grid_with(row, column) - 5)
    assert answer["state"] == "one-sided against" and answer["hit"] and not answer["names"]


def sigmoid(logit: float) -> float:
    return 1 / (1 + np.exp(-logit))


def test_deletion_and_insertion_tell_a_right_map_from_a_wrong_one():
    pixels = np.random.default_rng(0).random((3, 256, 256)).astype(np.float32)
    right = -np.add.outer(np.arange(16.0), np.arange(16.0)).astype(np.float32)
    wrong = right[::-1, ::-1].copy()
    broken = np.full((16, 16), np.nan, np.float32)
    areas = perturb_maps([over_window(g) for g in (broken, right, wrong)], pixels, grain_of_a_corner, sigmoid)
    assert all(np.isnan(value) for value in areas[0].values()), "nothing is said of a map that is no number"
    assert areas[1]["deletion"] < areas[2]["deletion"] and areas[1]["insertion"] > areas[2]["insertion"]
    assert areas[1]["faithfulness"] > 0 > areas[2]["faithfulness"]
    assert all(0 <= areas[place][key] <= 1 for place in (1, 2) for key in ("deletion", "insertion"))


def test_undoing_an_edit_tells_a_right_map_from_a_wrong_one():
    """The network tells how grainy a corner is; the edit made it so, and the original has no grain there."""
    pixels = np.random.default_rng(0).random((3, 256, 256)).astype(np.float32)
    original = pixels.copy()
    original[:, :64, :64] = 0.5
    case = Case(facts("", kind="forged"), pixels, np.zeros((468, 2), np.float32), None, original)
    right = -np.add.outer(np.arange(16.0), np.arange(16.0)).astype(np.float32)
    flat, broken = np.zeros((16, 16), np.float32), np.full((16, 16), np.nan, np.float32)
    falls = falls_when_undone(
        [over_window(grid) for grid in (right, right[::-1, ::-1].copy(), flat, broken)], case, grain_of_a_corner
    )
    assert falls[0] > 0 > falls[1] and np.isnan(falls[2:]).all()


def test_baselines_know_nothing_but_are_the_same_each_time():
    centre = blind_map("centre", "ab" * 32)
    assert np.array_equal(centre, centre[::-1, ::-1]) and centre.argmax() in (119, 120, 135, 136)
    noise = blind_map("random", "ab" * 32)
    assert np.array_equal(noise, blind_map("random", "ab" * 32)) and not np.array_equal(
        noise, blind_map("random", "12" * 32)
    )


def test_chance_knows_which_parts_are_often_edited_and_answered():
    always_mouth = pd.DataFrame({"group": range(40), "regions": ["0001"] * 30 + ["1000"] * 10})
    rate = share_named(always_mouth, one_hot(pd.Series(["mouth"] * 40)))
    assert rate["value"] == 0.75 and rate["chance"] == pytest.approx(0.75, abs=0.01)
    nothing = share_named(always_mouth, one_hot(pd.Series(["", "forehead"] * 20)))
    assert nothing["value"] == nothing["chance"] == 0


@pytest.mark.parametrize("count", [2, 5, 8, 19, 20, 40])
def test_chance_sets_no_answer_against_its_own_photo(count):
    """One photo has an edit that no other has, and is answered rightly; the others are not answered: chance is nil."""
    table = pd.DataFrame({"regions": ["1000"] + ["0100"] * (count - 1), "group": [str(n) for n in range(count)]})
    first = np.zeros((count, 4), bool)
    first[0, 0] = True
    rate = share_named(table, first)
    assert rate["value"] == pytest.approx(1 / count, abs=1e-4) and rate["chance"] == 0


def test_of_a_single_photo_there_is_no_chance():
    table = pd.DataFrame({"regions": ["1000"], "group": ["a"]})
    rate = share_named(table, np.array([[True, False, False, False]]))
    assert rate["value"] == 1 and rate["chance"] is None and Figure.read(rate).chance is None


def test_pointing_counts_composites_with_known_parts_only():
    table = pd.DataFrame(
        {
            "kind": ["part composite", "part composite", "part composite", "face swap"],
            "regions": ["0001", "1100", "", "1111"],
            "source": "s",
            "group": list("abcd"),
            "peak_region": ["mouth", "nose", "nose", "nose"],
            "likeliest_region": ["nose", "left eye", "nose", "nose"],
        }
    )
    rates = pointing(table)
    assert rates["s: all, by map"]["value"] == 0.5 and rates["s: all, by map"]["n"] == 2
    assert rates["s: all, by region outputs"]["value"] == 0.5
    assert rates["s: one region, by map"]["value"] == 1 and rates["s: one region, by region outputs"]["value"] == 0


def test_a_threshold_is_validations_and_is_kept():
    mask = mask_with(slice(22, 38), slice(30, 46))
    case = Case(facts("", kind="forged"), np.zeros((3, 256, 256), np.float32), np.zeros((468, 2), np.float32), mask)
    good, scale = grid_of_truth(mask), 10 * grid_of_truth(mask) - 3
    val = pd.DataFrame([score_map(case, "gradcam", good), score_map(case, "mask", scale)])
    thresholds = thresholds_of(val)
    assert set(thresholds) == {"gradcam", "mask"} and thresholds["mask"] > thresholds["gradcam"]
    first, second = with_overlap(val, thresholds).iou
    assert first > 0.75 and second > 0.75
    shifted = with_overlap(pd.DataFrame([score_map(case, "gradcam", good + 100)]), thresholds)
    assert shifted.iou[0] < 0.1, "the threshold is not chosen again for other photos"


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value, "high": value, "n": 9}


def val_figures(worth: dict[str, float], beats: dict[str, float]) -> dict[str, object]:
    measures = {measure: {name: figure(value) for name, value in worth.items()} for measure in CHOSEN_BY}
    return {"val": measures | {f"forged: {BEATS}": {name: figure(value) for name, value in beats.items()}}}


def test_the_method_shipped_is_the_best_of_those_that_matter():
    worth = {"gradcam": 0.4, "layercam": 0.6, "mask": 0.9, "centre": 0.95, OUTPUTS: 0.99}
    sound = dict.fromkeys(worth, 0.8)
    assert best_method(val_figures(worth, sound)) == "mask", "what never saw the picture is not shipped"
    assert best_method(val_figures(worth, sound | {"mask": 0.5})) == "layercam"
    noise = sound | {"gradcam": 0.6, "layercam": 0.75, "mask": 0.6, "random": 0.7}
    assert best_method(val_figures(worth, noise)) == "layercam", "noise beats random cells as often as the mask"
    assert best_method(val_figures(worth, dict.fromkeys(worth, 0.1))) == "gradcam"
    assert best_method(val_figures(worth | {"gradcam": 0.9}, sound)) == "gradcam", "of equals the first"


def test_the_test_split_chooses_nothing():
    metrics = val_figures({"gradcam": 0.4, "mask": 0.6}, {"gradcam": 0.8, "mask": 0.8})
    metrics["test"] = val_figures({"gradcam": 0.9, "mask": 0.1}, {"gradcam": 0.8, "mask": 0.1})["val"]
    assert best_method(metrics) == "mask"


def test_a_set_that_was_not_measured_is_left_out(face):
    case = Case(facts("0001"), np.zeros((3, 256, 256), np.float32), face[1], None)
    row = score_map(case, "gradcam", grid_with(3, 3)) | {"iou": np.nan, "deletion": np.nan, "insertion": np.nan}
    measures = map_figures(pd.DataFrame([row | {"faithfulness": np.nan, "restored": np.nan}]))
    assert set(measures) == {
        f"{name}: {measure}"
        for name in ("composites", "composites, one region")
        for measure in ("peak in an edited part", "names a place, and rightly")
    }
    assert best_method({"val": measures}) == "gradcam"
