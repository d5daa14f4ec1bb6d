"""`FaceCrops` go to a stage and `StageAnswers` come back: the same whoever asks, and no more is asked than need be."""

from dataclasses import replace

import numpy as np
import pytest

from models.release import Stage
from pipeline.examining.container import crop_of_pixels, settle
from pipeline.examining.find_faces import find_faces
from pipeline.examining.networks import (
    FaceCrops,
    StageAnswers,
    answers_about,
    answers_of,
    ask,
    features_of,
    scores_of,
    with_answers,
)
from pipeline.face import in_crop
from pipeline.verdict import StageScore


@pytest.fixture(scope="module")
def crops(hopper, collins) -> FaceCrops:
    return FaceCrops.of([find_faces(photo)[0] for photo in (hopper, collins, hopper)])


def scored(probability: float) -> StageScore:
    return StageScore("w", probability, 0.5, (0.4, 0.6))


def test_crops_are_in_the_fixed_container_beside_their_faces(crops):
    assert len(crops) == 3 and crops.pixels.shape == (3, 3, 256, 256) and not crops.answers
    for face, pixels, points in zip(crops.faces, crops.pixels, crops.landmarks, strict=True):
        assert (crop_of_pixels(pixels) == settle(face.crop)).all() and (points == in_crop(face, 256)).all()
    assert FaceCrops.of([]).landmarks.shape == (0, 468, 2)


def test_rows_are_selected_with_all_that_is_known_of_them(crops, cascade):
    answered = with_answers(cascade, "edited", crops)
    some = answered.select([2, 1])
    assert some.faces == [crops.faces[2], crops.faces[1]] and (some.pixels == crops.pixels[[2, 1]]).all()
    assert (some.answers["edited"].scores == answered.answers["edited"].scores[[2, 1]]).all()
    assert set(answered.answers) == {"edited"} and not crops.answers, "the crops themselves stay as they were"


def test_what_is_at_hand_is_not_asked_again(crops, cascade):
    answered = with_answers(cascade, "edited", crops)
    silent = replace(cascade, networks={})
    assert answers_about(silent, "edited", answered) is answered.answers["edited"]
    with pytest.raises(KeyError):
        answers_about(silent, "deepfake", answered)
    assert (answers_about(cascade, "edited", crops).scores == answered.answers["edited"].scores).all()


def test_a_stage_answers_for_the_rows_that_it_is_asked_of(crops, cascade):
    whole, some = ask(cascade, "edited", crops), ask(cascade, "edited", crops, [2, 0])
    assert list(whole.scores) == [0, 1, 2] and list(some.scores) == [2, 0]
    assert all(some.scores[row] == whole.scores[row] for row in some.scores)
    assert list(whole.scores.values()) == scores_of(cascade, "edited", crops.pixels)
    assert not ask(replace(cascade, networks={}), "deepfake", crops, []).scores, "nobody is asked of nothing"


def test_those_pass_that_are_surely_positive_and_stay_so():
    stage = Stage("w", 1.0, 0.0, 0.5, (0.4, 0.6), "")
    scores = {0: scored(0.9), 3: scored(0.55), 4: scored(0.1), 5: scored(0.8), 7: scored(0.7)}
    answers = StageAnswers(stage, scores, {0: (0.95, 0.5), 5: (0.9, 0.39)})
    assert answers.passing == [0, 7] and StageAnswers(stage).passing == []


def test_features_are_those_of_all_answers(crops, cascade):
    features = features_of(cascade, "edited", crops.pixels)
    assert features is not None and (features == answers_of(cascade, "edited", crops.pixels).features).all()
    assert features.dtype == np.float32 and len(features) == 3
