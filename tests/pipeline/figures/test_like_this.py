"""A face among the slices of an evaluation."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import BadEvaluation
from pipeline.examining.container import pixels_of
from pipeline.examining.face_facts import measure_face
from pipeline.examining.find_faces import find_faces
from pipeline.figures.like_this import FACTS, NO_JPEG, beyond, fitting, jpeg_quality, known_of, read_slices, worst
from pipeline.figures.slices import bins
from pipeline.results.figure import Figure
from tests.made_up_evaluation import predictions

KNOWN = {
    "face_size": 200.0,
    "jpeg_quality": 75.0,
    "sharpness": 50.0,
    "brightness": 120.0,
    "contrast": 30.0,
    "ita": 20.0,
}


def figure(value, n=100):
    spread = (None, None) if value is None else (round(value - 0.05, 4), round(value + 0.1, 4))
    return {"value": value, "low": spread[0], "high": spread[1], "n": n}


def slice_of(name, value, alarms=0.1, recall=0.6, n=200):
    return {"slice": name, "value": value, "n": n, "false alarms": figure(alarms), "recall": figure(recall)}


def values(slices, **known):
    return {fit.name: fit.value for fit in fitting(slices, KNOWN | known)}


def test_every_photo_of_an_evaluation_finds_its_own_slices():
    table = predictions(300)
    binned = bins(table)
    slices = [slice_of(name, str(value)) for name, found in binned.items() for value in found.categories]
    wrong = 0
    for place, row in enumerate(table.to_dict("records")):
        found = values(slices, **{fact: row[fact] for fact in FACTS.values()})
        mine = {name: str(binned[name][place]) for name in FACTS if binned[name][place] == binned[name][place]}
        assert {name: found.get(name) for name in ("face size", "JPEG quality", "skin tone in pixels (ITA)")} == {
            name: mine.get(name) for name in ("face size", "JPEG quality", "skin tone in pixels (ITA)")
        }
        wrong += sum(found.get(name) != mine[name] for name in ("sharpness", "brightness", "contrast"))
    assert wrong <= 6, "only where a third's edge was rounded"


@pytest.mark.parametrize(
    ("size", "said"),
    [(5, "under 128 px"), (127.9, "under 128 px"), (128, "128 to 192 px"), (320, "from 320 px"), (4000, "from 320 px")],
)
def test_edges_of_open_slices(size, said):
    slices = [slice_of("face size", value) for value in ("under 128 px", "128 to 192 px", "from 320 px")]
    assert values(slices, face_size=float(size)) == {"face size": said}


def test_what_no_photo_was_like_is_told():
    slices = [slice_of("sharpness", "low (2.469 to 37.3)"), slice_of("sharpness", "high (119.4 to 1.2e+04)"),
              slice_of("JPEG quality", "70 to 79")]  # fmt: skip
    assert values(slices, sharpness=9000.0) == {"sharpness": "high (119.4 to 1.2e+04)", "JPEG quality": "70 to 79"}
    known = KNOWN | {"sharpness": 20_000.0, "jpeg_quality": float(NO_JPEG)}
    assert fitting(slices, known) == [] and beyond(slices, known) == ["JPEG quality", "sharpness"]
    assert beyond(slices, KNOWN | {"sharpness": float("nan")}) == [], "not known is not unlike"


def test_what_cannot_be_told_of_a_face_fits_nowhere():
    slices = [slice_of("skin tone in pixels (ITA)", "tan"), slice_of("contrast", "all"), slice_of("kind", "retouch")]
    assert values(slices) == {"contrast": "all", "skin tone in pixels (ITA)": "tan"}
    assert values(slices, ita=float("nan"), contrast=float("nan")) == {}


def test_missed_edits_are_what_recall_leaves():
    (fit,) = fitting([slice_of("contrast", "all", recall=0.6)], KNOWN)
    assert fit.missed == Figure(0.4, 0.3, 0.45, 100)


def test_the_worst_slice_is_that_of_the_error_that_matters():
    slices = [slice_of("face size", "192 to 256 px", 0.3, 0.9), slice_of("contrast", "all", 0.1, 0.2),
              slice_of("sharpness", "all", None, 0.1)]  # fmt: skip
    fits = fitting(slices, KNOWN)
    assert worst(fits, "deepfake").name == worst(fits, "facetune").name == "face size"
    assert worst(fits, "real").name == "sharpness"
    assert worst(fits, "inconclusive").name == "contrast", "both are known there"
    assert worst([], "real") is None and worst(fitting(slices[2:], KNOWN), "deepfake") is None


def test_chance_in_a_small_slice_does_not_make_it_the_worst():
    sure, unsure = fitting([slice_of("face size", "192 to 256 px", 0.2), slice_of("contrast", "all", 0.3)], KNOWN)
    unsure = replace(unsure, false_alarms=Figure(0.3, 0.0, 0.8, 22))
    assert worst([sure, unsure], "deepfake") is sure


def test_a_face_is_measured_as_the_evaluation_does(hopper):
    face = find_faces(hopper)[0]
    known = known_of(face, hopper.data)
    assert set(known) == set(FACTS.values())
    told = measure_face(face, pixels_of([face.crop])[0])
    assert {name: known[name] for name in told} == told and known["face_size"] == face.size


@pytest.mark.parametrize("quality", [60, 75, 92])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(quality):
    buffer = io.BytesIO()
    Image.fromarray(np.full((40, 40, 3), 90, np.uint8)).save(buffer, "JPEG", quality=quality)
    assert jpeg_quality(buffer.getvalue()) == quality


def test_other_files_have_no_quality():
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    assert jpeg_quality(buffer.getvalue()) == jpeg_quality(b"GIF89a nothing") == jpeg_quality(b"") == NO_JPEG


@pytest.mark.parametrize("content", [{}, {"slices": {}}, {"slices": [{"slice": "a"}]}, {"slices": [3]}])
def test_an_evaluation_without_slices_is_refused(tmp_path, content):
    (tmp_path / "metrics.json").write_text(json.dumps(content))
    with pytest.raises(BadEvaluation, match="holds no slices"):
        read_slices(tmp_path)


def test_slices_are_read(tmp_path):
    with pytest.raises(BadEvaluation, match=r"no metrics\.json"):
        read_slices(tmp_path)
    (tmp_path / "metrics.json").write_text(json.dumps({"slices": [slice_of("contrast", "all")]}))
    assert read_slices(tmp_path)[0]["value"] == "all"
