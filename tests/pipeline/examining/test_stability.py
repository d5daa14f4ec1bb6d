"""Verdicts that a harmless change would turn are withdrawn; all others stay what they were."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.release import Stage
from pipeline.cascade import examine, examine_many, judge
from pipeline.examining.container import pixels_of, settle
from pipeline.examining.find_faces import find_faces
from pipeline.examining.loaded import Cascade
from pipeline.examining.networks import FaceCrops, outputs_of
from pipeline.examining.stability import VARIANTS, logits_under, variants, worth_checking
from pipeline.face import cut, window_of
from pipeline.photo import Photo

SOME = st.floats(0.001, 0.999)


@pytest.fixture(scope="module")
def faces(hopper, collins):
    return [find_faces(hopper)[0], find_faces(collins)[0]]


@given(st.integers(0, 1000), st.sampled_from([64, 128, 256]))
@settings(max_examples=15, deadline=None)
def test_variants_hold_no_chance(seed, side):
    crop = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    kept = crop.copy()
    first, second = variants(crop), variants(crop)
    assert len(first) == len(VARIANTS) and all((a == b).all() for a, b in zip(first, second, strict=True))
    assert all(made.shape == crop.shape and made.dtype == np.uint8 for made in first) and (crop == kept).all()


def test_variants_change_little_of_a_photo_but_something(faces):
    for face in faces:
        for made in variants(face.crop):
            assert (made != face.crop).any()
            assert np.corrcoef(made.ravel(), face.crop.ravel())[0, 1] > 0.85


def test_a_crops_pixels_are_those_of_the_fixed_container(faces):
    pixels = pixels_of([face.crop for face in faces])
    assert pixels.dtype == np.float32 and pixels.shape == (2, 3, 256, 256)
    assert (np.rint(pixels[1].transpose(1, 2, 0) * 255) == settle(faces[1].crop)).all()
    assert (pixels == FaceCrops.of(faces).pixels).all() and pixels_of([]).shape[0] == 0


def test_logits_under_are_those_that_serving_gets(faces, cascade):
    said = np.array(list(logits_under(cascade.networks["edited"], [face.crop for face in faces])))
    assert said.shape == (2, 1 + len(VARIANTS))
    np.testing.assert_array_equal(said[:, 0], outputs_of(cascade, "edited", FaceCrops.of(faces).pixels)[:, 0])
    crops = [crop for face in faces for crop in variants(face.crop)]
    np.testing.assert_array_equal(said[:, 1:].ravel(), outputs_of(cascade, "edited", pixels_of(crops))[:, 0])


BANDED = Stage("w", 1.0, 0.0, 0.7, (0.4, 0.7), "", stability_margin=0.5)
AROUND = Stage("w", 1.0, 0.0, 0.5, (0.35, 0.65), "", stability_margin=0.5)
PLAIN = Stage("w", 1.0, 0.0, 0.6, (0.6, 0.6), "", stability_margin=0.5)


@pytest.mark.parametrize(
    ("stage", "said", "others", "turns"),
    [
        (BANDED, 0.8, (0.8, 0.75), False),
        (BANDED, 0.8, (0.8, 0.5), False),
        (BANDED, 0.8, (0.8, 0.39), True),
        (BANDED, 0.3, (0.69,), False),
        (BANDED, 0.3, (0.7,), True),
        (BANDED, 0.5, (0.1, 0.9), False),
        (AROUND, 0.65, (0.34,), True),
        (AROUND, 0.2, (0.64, 0.1), False),
        (PLAIN, 0.6, (0.59,), True),
        (PLAIN, 0.59, (), False),
    ],
)
def test_an_answer_turns_only_into_its_contrary(stage, said, others, turns):
    assert stage.flips(said, others) == turns


@given(st.sampled_from([BANDED, AROUND, PLAIN]), SOME, SOME)
def test_no_answer_turns_that_has_more_room_than_its_variant_moved(stage, said, other):
    moved = abs(np.log(said / (1 - said)) - np.log(other / (1 - other)))
    assert not stage.flips(said, [other]) or stage.room(said) <= moved + 1e-9


def test_what_is_near_its_contrary_is_checked():
    asked = [0.01, 0.5, 0.57, 0.58, 0.6, 0.69, 0.71, 0.99]
    near = [worth_checking(PLAIN, p) for p in asked]
    assert near == [False, True, True, True, True, True, True, False]
    assert not any(worth_checking(replace(PLAIN, stability_margin=0.0), p) for p in asked), "older releases: never"
    never = replace(PLAIN, threshold=1.1, abstain=(1.1, 1.1))
    assert not any(worth_checking(never, p) for p in asked), "nothing reaches it, so nothing turns"


def ruled(cascade: Cascade, edited: dict[str, object], deepfake: dict[str, object], **more: object) -> Cascade:
    release = cascade.release
    first, second = replace(release.edited, **edited), replace(release.deepfake, **deepfake)
    return replace(cascade, release=replace(release, edited=first, deepfake=second, min_face=1, **more))


def at(threshold: float, margin: float = 0.0) -> dict[str, object]:
    return {"threshold": threshold, "abstain": (threshold, threshold), "stability_margin": margin}


def between(cascade: Cascade, stage: str, face) -> tuple[float, float]:
    """Return the photo's own probability and a threshold that lies between it and that of its furthest variant."""
    (logits,) = logits_under(cascade.networks[stage], [face.crop])
    rules = cascade.release.stage(stage)
    own, *others = (rules.probability(logit) for logit in logits.tolist())
    return own, (own + max(others, key=lambda other: abs(other - own))) / 2


def test_a_verdict_that_turns_is_withdrawn_and_says_so(faces, cascade):
    own, threshold = between(cascade, "edited", faces[0])
    shaky = ruled(cascade, at(threshold, 5.0), at(0.5))
    (verdict,) = judge(shaky, FaceCrops.of(faces[:1]))
    assert verdict.reasons == ("unstable",) and verdict.label == "inconclusive"
    assert verdict.deepfake is None and verdict.stage == "edited", "an answer that does not hold is not built upon"
    assert verdict.edited.probability == pytest.approx(own) and len(verdict.stability) == len(VARIANTS)
    (kept,) = judge(ruled(cascade, at(threshold), at(0.5)), FaceCrops.of(faces[:1]))
    assert kept.reasons == () and kept.stability == () and kept.edited.probability == verdict.edited.probability


def test_the_second_stage_is_tried_as_well(faces, cascade):
    _, threshold = between(cascade, "deepfake", faces[1])
    shaky = ruled(cascade, at(0.0, 5.0), at(threshold, 5.0))
    (verdict,) = judge(shaky, FaceCrops.of(faces[1:]))
    assert verdict.stage == "deepfake" and verdict.reasons == ("unstable",)
    assert len(verdict.stability) == len(VARIANTS)


def test_an_answer_that_holds_keeps_what_it_was_tried_with(faces, cascade):
    calm = ruled(cascade, at(0.999, 50.0), at(0.5, 50.0))
    for verdict in judge(calm, FaceCrops.of(faces)):
        assert verdict.label == "real" and len(verdict.stability) == len(VARIANTS)
        assert all(0 < p < 0.999 for p in verdict.stability)


def test_alone_or_together_the_same_is_tried_and_found(hopper, collins, faces, cascade):
    cuts = [cut(photo.rgb, window_of(find_faces(photo)[0].landmarks, 1.7), 160) for photo in (hopper, collins)]
    row = np.ascontiguousarray(np.concatenate([cuts[0], cuts[1], cuts[1][:, ::-1]], axis=1))
    photos = [hopper, Photo(row, "0" * 64, b"group", "PNG"), collins]
    _, threshold = between(cascade, "edited", faces[1])
    limits = {"sharpness": (150.0, 1e9), "brightness": (0.0, 130.0)}
    wary = ruled(cascade, at(threshold, 0.6), at(0.5, 5.0), scope=limits)
    alone = [entry.verdict for photo in photos for entry in examine(photo, wary, heatmaps=False).faces]
    for turn in (1, -1):
        found = examine_many(photos[::turn], wary, heatmaps=False)[::turn]
        assert [entry.verdict for one in found for entry in one.faces] == alone
    assert any(verdict.stability for verdict in alone) and any(verdict.reasons for verdict in alone)


def test_what_is_out_of_scope_is_not_judged_but_scored(faces, cascade):
    far = ruled(cascade, at(0.5), at(0.5), scope={"brightness": (254.0, 255.0), "sharpness": (1e6, 1e7)})
    for verdict in judge(far, FaceCrops.of(faces)):
        assert verdict.label == "inconclusive" and verdict.reasons == ("too_dark", "too_blurred")
        assert 0 < verdict.edited.probability < 1
