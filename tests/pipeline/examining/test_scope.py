"""A photo unlike the training's is not judged, and what is unlike in it is named."""

import cv2
import numpy as np
import pandas as pd
import pytest

from models.errors import WeightsMismatch
from pipeline.examining.find_faces import find_faces
from pipeline.examining.scope import FACTS, LEAST, facts_of, head_turn, scope_codes, scope_limits
from pipeline.verdict import REASONS


@pytest.fixture(scope="module")
def face(collins):
    """A crop and the landmarks in its pixels."""
    (found, *_) = find_faces(collins)
    scale = found.crop.shape[0] / (found.window[2] - found.window[0])
    return found.crop, (found.landmarks - np.array(found.window[:2])) * scale


def changed(face, change) -> dict[str, float]:
    crop, landmarks = face
    return facts_of(np.clip(change(crop.astype(np.float32)), 0, 255).astype(np.uint8), landmarks)


def test_every_fact_is_measured(face):
    facts = facts_of(*face)
    assert tuple(facts) == FACTS and all(np.isfinite(value) and value >= 0 for value in facts.values())


@pytest.mark.parametrize(
    ("fact", "change", "grows"),
    [
        ("sharpness", lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 3), False),
        ("brightness", lambda rgb: rgb * 0.5, False),
        ("brightness", lambda rgb: rgb + 40, True),
        ("contrast", lambda rgb: rgb * 0.3 + 90, False),
        ("saturation", lambda rgb: rgb.mean(axis=2, keepdims=True).repeat(3, axis=2), False),
        ("clipped", lambda rgb: (rgb - 128) * 4 + 128, True),
        ("noise", lambda rgb: rgb + np.random.default_rng(0).normal(0, 12, rgb.shape), True),
    ],
)
def test_a_fact_follows_what_it_is_named_after(face, fact, change, grows):
    before, after = facts_of(*face)[fact], changed(face, change)[fact]
    assert after > before * 1.2 if grows else after < before * 0.8


def test_noise_is_measured_in_steps_of_luma(face):
    flat = np.full((256, 256, 3), 128.0) + np.random.default_rng(0).normal(0, 5, (256, 256, 1))
    assert facts_of(flat.round().astype(np.uint8), face[1])["noise"] == pytest.approx(5, rel=0.05)


def test_the_background_decides_nothing(face):
    crop, landmarks = face
    hull = cv2.convexHull(landmarks.astype(np.float32))
    mask = cv2.fillConvexPoly(np.zeros(crop.shape[:2], np.uint8), np.rint(hull).astype(np.int32), 1)
    mask = cv2.dilate(mask, np.ones((7, 7), np.uint8)).astype(bool)
    assert facts_of(np.where(mask[..., None], crop, 255).astype(np.uint8), landmarks) == facts_of(crop, landmarks)


def test_a_head_turns():
    points = np.zeros((468, 2), np.float32)
    points[234], points[454] = (0, 0), (100, 0)
    for across, said in ((50, 0.0), (75, 0.5), (25, 0.5), (100, 1.0), (110, 1.2)):
        points[1] = across, 30
        assert head_turn(points) == pytest.approx(said)
        tilt = np.array([[0.8, -0.6], [0.6, 0.8]]) * 3
        assert head_turn(points @ tilt.T + 7) == pytest.approx(said), "tilt, size and place do not count"


def test_landmarks_outside_the_crop_measure_the_whole_of_it(face):
    crop, landmarks = face
    assert np.isfinite(facts_of(crop, landmarks + 5000)["sharpness"])


def known(**counts: int) -> pd.DataFrame:
    """Return facts of sources whose values lie evenly from 100 to 200, shifted by 100 for each source."""
    rows = [
        {"source": source, **dict.fromkeys(FACTS, 100.0 * (1 + place) + 100 * i / (n - 1))}
        for place, (source, n) in enumerate(counts.items())
        for i in range(n)
    ]
    return pd.DataFrame(rows)


def test_the_range_holds_the_middle_of_every_source():
    limits = scope_limits(known(large=5000, small=LEAST))
    assert limits["brightness"] == (pytest.approx(100.5), pytest.approx(299.5))
    assert limits["noise"][0] == limits["clipped"][0] == limits["turned"][0] == 0, "there cannot be too little of it"


def test_a_handful_of_photos_sets_no_range_but_a_whole_of_handfuls_does():
    assert scope_limits(known(large=500, few=LEAST - 1))["contrast"][1] == pytest.approx(199.5)
    assert scope_limits(known(few=40, others=40))["contrast"][1] > 290


def test_what_lies_outside_is_named_once():
    limits = dict.fromkeys(FACTS, (10.0, 20.0))
    inside = dict.fromkeys(FACTS, 15.0)
    assert scope_codes(inside, limits) == scope_codes(inside | {"noise": 10.0, "turned": 20.0}, limits) == ()
    assert scope_codes(inside | {"sharpness": 9.0}, limits) == ("too_blurred",)
    assert scope_codes(inside | {"brightness": 9.0}, limits) == ("too_dark",)
    assert scope_codes(inside | {"brightness": 21.0, "turned": 21.0}, limits) == ("too_bright", "turned_away")
    assert scope_codes(inside | {"contrast": 9.0, "noise": 21.0, "sharpness": 21.0}, limits) == ("unlike_training",)
    assert scope_codes(inside, {}) == (), "a release without limits judges all"
    codes = {code for fact in FACTS for value in (9.0, 21.0) for code in scope_codes(inside | {fact: value}, limits)}
    assert codes <= set(REASONS) and len(codes) == 5


def test_a_fact_that_is_not_measured_here_is_refused():
    with pytest.raises(WeightsMismatch, match="not measured here: colour"):
        scope_codes(dict.fromkeys(FACTS, 1.0), {"colour": (0, 1)})
