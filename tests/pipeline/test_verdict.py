"""Every way from two scores to a verdict."""

from dataclasses import replace
from typing import get_args

import pytest

from models.release import Release, Stage
from pipeline.examining.scope import ABOVE, BELOW, UNLIKE
from pipeline.verdict import LABELS, NO_FACE, REASONS, Label, StageScore, Verdict, decide, label_set, passes_on, score

FIRST = Stage("first", 1.0, 0.0, 0.6, (0.4, 0.6), "")
SECOND = Stage("second", 1.0, 0.0, 0.5, (0.45, 0.55), "")
RELEASE = Release("r", "2026-11-22", FIRST, SECOND, {}, 48, "")


def said(stage: Stage, probability: float | None) -> StageScore | None:
    return None if probability is None else StageScore(stage.weights, probability, stage.threshold, stage.abstain)


TABLE = [
    # face, p(edited), p(deepfake), label, reasons
    (100, 0.0, None, "real", ()),
    (100, 0.39, None, "real", ()),
    (100, 0.4, None, "inconclusive", ("near_threshold",)),
    (100, 0.5999, None, "inconclusive", ("near_threshold",)),
    (100, 0.6, 0.1, "facetune", ()),
    (100, 0.6, 0.4499, "facetune", ()),
    (100, 0.6, 0.45, "inconclusive", ("kind_unclear",)),
    (100, 0.6, 0.5, "inconclusive", ("kind_unclear",)),
    (100, 0.6, 0.55, "deepfake", ()),
    (100, 1.0, 1.0, "deepfake", ()),
    (48, 0.9, 0.1, "facetune", ()),
    (47.9, 0.9, 0.1, "inconclusive", ("face_too_small",)),
    (10, 0.1, None, "inconclusive", ("face_too_small",)),
    (10, 0.5, None, "inconclusive", ("face_too_small", "near_threshold")),
    (10, 0.9, 0.5, "inconclusive", ("face_too_small", "kind_unclear")),
]


@pytest.mark.parametrize(("size", "first", "second", "label", "reasons"), TABLE)
def test_all_branches(size, first, second, label, reasons):
    edited, deepfake = said(FIRST, first), said(SECOND, second)
    assert passes_on(edited) == (second is not None), "the second stage runs exactly where it is called for"
    verdict = decide(RELEASE, size, edited, deepfake)
    assert (verdict.label, verdict.reasons) == (label, reasons)
    assert (verdict.edited, verdict.deepfake) == (edited, deepfake), "scores are kept also where nothing is said"
    assert verdict.stage == ("edited" if second is None else "deepfake")


@pytest.mark.parametrize(
    ("first", "second", "outside", "stability", "reasons"),
    [
        (0.9, 0.1, ("too_dark",), (), ("too_dark",)),
        (0.3, None, (), (0.3, 0.59, 0.2), ()),
        (0.3, None, (), (0.3, 0.6), ("unstable",)),
        (0.7, None, (), (0.7, 0.39), ("unstable",)),
        (0.7, 0.1, (), (0.1, 0.54), ()),
        (0.7, 0.1, (), (0.1, 0.55), ("unstable",)),
        (0.7, 0.6, ("too_blurred", "turned_away"), (0.44,), ("too_blurred", "turned_away", "unstable")),
    ],
)
def test_scope_and_stability(first, second, outside, stability, reasons):
    verdict = decide(RELEASE, 100, said(FIRST, first), said(SECOND, second), outside, stability)
    assert (verdict.reasons, verdict.stability) == (reasons, stability)
    assert (verdict.label == "inconclusive") == bool(reasons)
    small = decide(RELEASE, 10, said(FIRST, first), said(SECOND, second), outside, stability)
    assert small.reasons == ("face_too_small", *reasons)


@pytest.mark.parametrize(
    ("first", "second", "labels"),
    [
        (0.1, None, ("real",)),
        (0.4, None, ("real", "facetune")),  # an edit's kind is not known: each counts with p(edited)
        (0.6, None, ("real", "deepfake", "facetune")),
        (0.95, 0.9, ("deepfake",)),
        (0.95, 0.1, ("facetune",)),
        (0.8, 0.5, ("facetune",)),
    ],
)
def test_labels_that_stay_possible(first, second, labels):
    release = replace(
        RELEASE, conformal={"coverage": 0.9, "quantiles": {"real": 0.6, "deepfake": 0.5, "facetune": 0.6}}
    )
    verdict = Verdict("inconclusive", said(FIRST, first), said(SECOND, second))
    assert label_set(verdict, release) == labels


def test_without_quantiles_or_scores_no_label_is_ruled_out():
    every = ("real", "deepfake", "facetune")
    assert label_set(Verdict("real", said(FIRST, 0.01)), RELEASE) == every
    measured = replace(RELEASE, conformal={"coverage": 0.9, "quantiles": dict.fromkeys(every, 0.2)})
    assert label_set(NO_FACE, measured) == every


def test_a_band_above_the_threshold_keeps_the_second_stage_from_running():
    assert not passes_on(StageScore("w", 0.6, 0.5, (0.3, 0.7)))


@pytest.mark.parametrize(("first", "second"), [(0.0, 0.5), (0.3, 0.2), (0.9, 0.9), (1.0, 0.0), (0.6, 0.55)])
def test_joint_probabilities_sum_to_one(first, second):
    joint = Verdict("deepfake", said(FIRST, first), said(SECOND, second)).probabilities
    assert sum(joint.values()) == pytest.approx(1) and all(0 <= value <= 1 for value in joint.values())
    assert joint == pytest.approx({"real": 1 - first, "deepfake": first * second, "facetune": first * (1 - second)})


def test_what_did_not_run_has_no_probability():
    assert Verdict("real", said(FIRST, 0.25)).probabilities == {"real": 0.75, "deepfake": None, "facetune": None}
    assert NO_FACE.probabilities == {"real": None, "deepfake": None, "facetune": None}
    assert (NO_FACE.label, NO_FACE.reasons, NO_FACE.stage) == ("inconclusive", ("no_face",), "edited")


def test_most_suspicious_first():
    ordered = [
        Verdict("facetune", said(FIRST, 0.95), said(SECOND, 0.1)),
        Verdict("deepfake", said(FIRST, 0.7), said(SECOND, 0.9)),
        Verdict("inconclusive", said(FIRST, 0.99), said(SECOND, 0.5), ("kind_unclear",)),
        Verdict("inconclusive", said(FIRST, 0.5), None, ("near_threshold",)),
        NO_FACE,
        Verdict("real", said(FIRST, 0.3)),
        Verdict("real", said(FIRST, 0.1)),
    ]
    assert sorted(reversed(ordered), key=lambda verdict: verdict.suspicion, reverse=True) == ordered


@pytest.mark.parametrize(
    ("label", "first", "second", "strength"),
    [
        ("deepfake", 1.0, 0.9, "strong"),
        ("deepfake", 1.0, 0.89, "moderate"),
        ("facetune", 0.7, 0.0, "moderate"),
        ("facetune", 0.699, 0.0, "weak"),
        ("real", 0.0, None, ""),
        ("inconclusive", 0.99, 0.5, ""),
    ],
)
def test_strength(label, first, second, strength):
    assert Verdict(label, said(FIRST, first), said(SECOND, second)).strength == strength


def test_score_calibrates_and_keeps_the_rule():
    made = score(Stage("w", 2.0, -1.0, 0.7, (0.2, 0.7), ""), 0.5, (0.0, 100.0, -100.0, 1.0))
    assert (made.weights, made.probability, made.threshold, made.abstain) == ("w", 0.5, 0.7, (0.2, 0.7))
    assert made.regions[0] == 0.5 and made.likeliest_region == "right eye" and made.abstains and not made.positive
    assert score(FIRST, 0.0).likeliest_region == ""


def test_every_label_and_reason_has_words():
    assert set(LABELS) == set(get_args(Label))
    reasons = {reason for *_, codes in TABLE for reason in codes} | set(NO_FACE.reasons)
    reasons |= {"too_many_faces", "face_unsure", "cut_short", "unstable", UNLIKE, *BELOW.values(), *ABOVE.values()}
    assert reasons == set(REASONS) and all(text and text[0].islower() for text in REASONS.values())
