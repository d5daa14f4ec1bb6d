"""Which outline of a part fits: changes of a known size are found again, whether forged or made by experts."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from pipeline.crops.build import main_face
from pipeline.crops.crops import Crops, stored_crop
from pipeline.errors import BadDataset
from pipeline.evaluation import part_sizes
from pipeline.evaluation.part_sizes import SIZES, as_text, measure_part_sizes, overlaps
from pipeline.regions import part_hull
from tests.conftest import SAMPLES, encoded

MADE = 1.35
"""The size at which parts are changed here."""


def changed_at(rgb, landmarks, parts):
    """Return a picture in which hulls of that size are another colour."""
    edited = rgb.copy()
    for part in parts:
        inside = np.zeros(rgb.shape[:2], np.uint8)
        cv2.fillConvexPoly(inside, np.rint(part_hull(landmarks, part, MADE)).astype(np.int32), 1)
        edited[inside == 1] = 255 - edited[inside == 1] // 2
    return edited


@pytest.fixture
def store(tmp_path, monkeypatch, hopper):
    """Two real photos, a composite of one of them as experts would leave it, and the same forged from its crop."""
    edited = tmp_path / "composite.png"
    edited.write_bytes(encoded(changed_at(hopper.rgb, main_face(hopper).landmarks, ["mouth", "left eye"])))
    crop, points = stored_crop(hopper.rgb, main_face(hopper).landmarks)
    forged = changed_at(crop, points, ["mouth", "left eye"])
    paths = [SAMPLES / "hopper_real.jpg", SAMPLES / "collins_real.jpg", edited, SAMPLES / "hopper_real.jpg"]
    table = pd.DataFrame({"path": [str(path) for path in paths], "sha256": ["a", "b", "c", "a"]})
    table["label"] = ["real", "real", "facetune", "facetune"]
    table["kind"] = ["camera", "camera", "part composite", "part composite"]
    table["source"], table["group"] = ["ciplab", "ciplab", "ciplab", "forge-ciplab"], ["1", "2", "3", "1"]
    table["regions"], table["recipe"] = ["0000", "0000", "1001", "1001"], ["", "", "", "{}"]
    table = table.assign(error="", split="val")
    empty = np.zeros_like(crop), np.zeros_like(points)
    stored, landmarks = np.stack([crop, empty[0], empty[0], forged]), np.stack([points, empty[1], empty[1], points])
    crops = Crops(tmp_path, table, stored, landmarks)
    monkeypatch.setattr(part_sizes.Crops, "read", lambda _folder: crops)
    return crops


def test_the_size_of_a_change_is_found_again(store, tmp_path):
    path = measure_part_sizes(Path("store"), root=tmp_path)
    assert path.stem == store.revision
    measured = json.loads(path.read_text())
    # experts' changes are smoothed before they are compared, which widens them
    for truth, least in (("forged", 0.9), ("experts", 0.65)):
        parts = measured["mean IoU"][truth]
        assert set(parts) == {"left eye", "mouth", "all"}, "of parts that were not edited nothing is told"
        for sizes in parts.values():
            best = max(sizes, key=lambda size: sizes[size]["value"])
            assert abs(float(best) - MADE) <= 0.15 and sizes[best]["value"] > least
            assert sizes["0.9"]["value"] < sizes[best]["value"] - 0.2
    said = as_text(path, measured)
    assert said.count("in use") == 4 and "experts, mouth" in said and "forged, left eye" in said


def test_test_photos_are_never_asked(store, tmp_path):
    store.table["split"] = "test"
    with pytest.raises(BadDataset, match="no part composite whose original is known"):
        measure_part_sizes(Path("store"), root=tmp_path)


def test_a_composite_of_nobody_that_is_there_is_left_out(store, tmp_path):
    store.table.loc[0, "path"] = str(SAMPLES / "collins_real.jpg")  # two alike: neither is told from the other
    assert set(json.loads(measure_part_sizes(Path("store"), root=tmp_path).read_text())["mean IoU"]) == {"forged"}


def test_pixels_that_another_part_may_have_changed_are_not_judged(store):
    points = np.array(store.landmarks[0])
    both = np.any(changed_at(store.stored[0], points, ["mouth", "nose"]) != store.stored[0], axis=2)
    told = dict(overlaps(both, points, ["mouth", "nose"]))
    alone = dict(overlaps(both, points, ["mouth"]))
    assert SIZES[int(np.argmax(told["mouth"]))] == pytest.approx(MADE, abs=0.15)
    assert max(alone["mouth"]) < max(told["mouth"]), "the nose counts against it where nobody says that it was edited"


def test_a_part_that_hardly_changed_is_not_judged(store):
    nothing = np.zeros(store.stored[0].shape[:2], bool)
    assert not list(overlaps(nothing, np.array(store.landmarks[0]), ["mouth"]))
