"""`Question`: what a map answers, and with which sign."""

import pytest

from models.release import STAGES
from pipeline.examining.questions import Question, first_question
from pipeline.verdict import StageScore, Verdict


def scored(probability: float) -> StageScore:
    return StageScore("w", probability, 0.5, (0.5, 0.5))


REAL = Verdict("real", scored(0.1))
UNSURE = Verdict("inconclusive", scored(0.6), reasons=("near_threshold",))
DEEPFAKE, FACETUNE = (Verdict(name, scored(0.9), scored(p)) for name, p in (("deepfake", 0.8), ("facetune", 0.2)))


@pytest.mark.parametrize(
    ("verdict", "where", "stage", "label"),
    [
        (REAL, False, "edited", "real"),
        (REAL, True, "edited", "real"),
        (UNSURE, False, "edited", "edited"),
        (DEEPFAKE, False, "deepfake", "deepfake"),
        (FACETUNE, False, "deepfake", "facetune"),
        (FACETUNE, True, "edited", "edited"),
    ],
)
def test_a_face_is_first_asked_for_what_was_said_of_it(verdict, where, stage, label):
    assert first_question(verdict, where) == Question(stage, label)


@pytest.mark.parametrize(
    ("method", "signs"),
    [("gradcam", {"edited": 1, "real": -1, "deepfake": 1, "facetune": -1}),
     ("mask", {"edited": 1, "real": -1, "deepfake": 1, "facetune": 1}),
     ("parts", {"edited": 1, "real": -1, "deepfake": 1, "facetune": 1})],
)  # fmt: skip
def test_a_mask_tells_where_and_not_which_kind(method, signs):
    for stage, labels in zip(STAGES, (("edited", "real"), ("deepfake", "facetune")), strict=True):
        for label in labels:
            assert Question(stage, label).sign(stage, method) == signs[label]
