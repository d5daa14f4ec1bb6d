"""Skin tone in pixels, by hand: a flat colour has a known angle."""

import cv2
import numpy as np
import pytest

from pipeline.examining.face_facts import ita_class, measure_face, skin_tone
from pipeline.examining.find_faces import find_faces
from pipeline.examining.networks import FaceCrops
from pipeline.results.canonical import canonical_face

POINTS = canonical_face() * 256


def flat(lightness: float, yellow: float) -> np.ndarray:
    """A crop of one colour, given in CIELAB."""
    lab = np.full((256, 256, 3), (lightness, 12.0, yellow), np.float32)
    return np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255).astype(np.uint8)


@pytest.mark.parametrize("lightness, yellow", [(75, 15), (60, 20), (50, 18), (35, 12)])
def test_the_angle_of_a_flat_colour(lightness, yellow):
    expected = np.degrees(np.arctan((lightness - 50) / yellow))
    assert skin_tone(flat(lightness, yellow), POINTS) == pytest.approx(expected, abs=3)


def test_background_hair_eyes_and_lips_do_not_count():
    crop = flat(70, 16)
    expected = skin_tone(crop, POINTS)
    crop[:20], crop[:, :20], crop[:, -20:] = 0, 255, (0, 0, 255)
    for part in ((61, 291, 17, 0), (33, 133, 159, 145), (263, 362, 386, 374)):
        cv2.fillConvexPoly(crop, cv2.convexHull(np.rint(POINTS[list(part)]).astype(np.int32)), (200, 0, 0))
    assert skin_tone(crop, POINTS) == pytest.approx(expected)


def test_no_angle_where_it_would_mean_nothing():
    assert np.isnan(skin_tone(np.full((256, 256, 3), 128, np.uint8), POINTS)), "grey"
    assert np.isnan(skin_tone(flat(60, -10), POINTS)), "blue light"
    assert np.isnan(skin_tone(flat(60, 15), POINTS - 1000)), "no skin in the crop"


def test_classes_follow_their_edges():
    angles = [-60, -30.5, 0, 20, 35, 50, 60]
    names = ["dark", "dark", "brown", "tan", "intermediate", "light", "very light"]
    assert [ita_class(angle) for angle in angles] == names
    assert ita_class(float("nan")) == ""


def test_a_real_face_is_measured_alike_at_any_scale(hopper):
    face = find_faces(hopper)[0]
    facts = measure_face(face, FaceCrops.of([face]).pixels[0])
    assert set(facts) == {"sharpness", "brightness", "contrast", "ita"}
    assert 0 < facts["brightness"] < 255 and facts["sharpness"] > 0 and 0 < facts["ita"] < 90
