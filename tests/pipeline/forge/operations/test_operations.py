"""Every operation of the forge, by the same rules; the faces are the public-domain originals of sample_data."""

import json
import os
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

import pipeline.forge.operations
from models.errors import UnknownName
from pipeline.face import NOSE
from pipeline.forge import Edit, Operation, Subject, all_operations, operation, pick_donor, tint_donor
from pipeline.forge.geometry.donors import skin_colour
from pipeline.forge.geometry.masks import eye_distance
from sample_data.make import read_subject

ORIGINALS = Path(__file__).resolve().parents[4] / "sample_data" / "originals"
ALL = sorted(all_operations())
ALL_SCENES = os.environ.get("TELLTALE_ALL_SCENES") == "1"
PASTES = {name for name in ALL if operation(name).needs_donor}
"""Operations whose result is whole at any strength above 0."""
CHOOSY = {"seamless_swap"}
"""They refuse Collins' face for Hopper's, who wears glasses: Collins is asked, and a smaller photo of her."""
WHOLE = {"remade"}
"""Operations that edit all of the square around the face."""
SEEDS = range(6)
SCALE = 0.6  # of the faces, to the originals' size


@cache
def person(name: str) -> Subject:
    return read_subject(ORIGINALS / f"{name}.jpg")


def part_of(subject: Subject, x0: int, y0: int, x1: int, y1: int) -> Subject:
    return Subject(np.ascontiguousarray(subject.rgb[y0:y1, x0:x1]), subject.landmarks - np.float32([x0, y0]))


def resized(subject: Subject, factor: float) -> Subject:
    rgb = cv2.resize(subject.rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return Subject(rgb, (subject.landmarks * factor).astype(np.float32))


@cache
def face() -> Subject:
    """Grace Hopper, head and shoulders, 240 × 204: large enough for every operation, and quick to edit."""
    return resized(part_of(person("hopper"), 90, 20, 430, 420), SCALE)


@cache
def donor() -> Subject:
    return tint_donor(resized(person("collins"), SCALE), face())


@cache
def face_of(name: str) -> Subject:
    """The face that an operation is tried on, 240 × 204."""
    return resized(part_of(person("collins"), 55, 0, 395, 400), SCALE) if name in CHOOSY else face()


@cache
def donor_of(name: str) -> Subject:
    return tint_donor(resized(person("collins"), 0.9 * SCALE), face_of(name)) if name in CHOOSY else donor()


def run(name: str, subject: Subject, seed: int = 3, strength: float = 1.0, lender: Subject | None = None) -> Edit:
    return operation(name).run(subject, lender or donor_of(name), np.random.default_rng(seed), strength)


@cache
def made(name: str, seed: int, strength: float = 1.0) -> Edit:
    """Return what an operation makes of its face: many tests look at the same edits."""
    edit = run(name, face_of(name), seed, strength)
    for part in (edit.rgb, edit.mask):
        part.setflags(write=False)
    return edit


def changed_edit(name: str) -> Edit:
    """Return the first edit that was not refused."""
    return next(edit for seed in range(20) if (edit := made(name, seed)).changed)


def check(edit: Edit, subject: Subject) -> None:
    assert edit.rgb.shape == subject.rgb.shape and edit.rgb.dtype == np.uint8
    assert edit.mask.shape == subject.rgb.shape[:2] and edit.mask.dtype == np.float32
    assert np.isfinite(edit.mask).all() and edit.mask.min() >= 0 and edit.mask.max() <= 1
    outside = edit.mask == 0
    assert np.array_equal(edit.rgb[outside], subject.rgb[outside])
    assert len(edit.region_bits) == 4 and all(type(bit) is bool for bit in edit.region_bits)
    assert isinstance(edit.steps, tuple) and edit.steps and (edit.changed or "refused" in edit.steps[0])
    json.dumps(edit.steps, allow_nan=False)


def test_the_operations_are_found_by_scanning():
    assert {"part_composite", "smooth_skin", "reshape", "makeup", "face_swap", "self_blend", "resynthesis"} <= set(ALL)
    assert {one.label for one in all_operations().values()} == {"facetune", "deepfake"}


def test_each_file_of_the_folder_defines_one_operation_named_like_the_file():
    folder = Path(pipeline.forge.operations.__file__).parent
    files = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert files == ALL
    for name in files:
        one = import_module(f"pipeline.forge.operations.{name}").OPERATION
        assert one.name == name and one is operation(name)


def test_whoever_lists_the_operations_loads_nothing_else():
    """No network, no workshop, no manifest: only the operations, what they share, and the noun of a face."""
    code = (
        "import sys; from pipeline.forge.operation import all_operations; all_operations(); "
        "print(*(name for name in sys.modules if name.startswith('pipeline.')))"
    )
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    shared = {"pipeline.face", "pipeline.forge", "pipeline.forge.operation"}
    folders = ("pipeline.forge.operations", "pipeline.forge.geometry")
    assert {f"pipeline.forge.operations.{name}" for name in ALL} <= loaded
    assert {name for name in loaded - shared if not name.startswith(folders)} == set()


@pytest.mark.parametrize("name", ALL)
def test_an_operation_is_named_as_its_module(name: str):
    one = operation(name)
    assert isinstance(one, Operation) and one.name == name and one.kind
    assert one.edit.__module__ == f"pipeline.forge.operations.{name}"


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="smooth_skin"):
        operation("smoothskin")


@pytest.mark.parametrize("name", ALL)
def test_strength_0_gives_the_subject_back(name: str):
    edit = run(name, face_of(name), strength=0)
    assert np.array_equal(edit.rgb, face_of(name).rgb) and not edit.mask.any() and edit.region_bits == (False,) * 4


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_only_the_mask_changes(name: str, strength: float):
    for seed in SEEDS:
        check(made(name, seed, strength), face_of(name))


@pytest.mark.parametrize("name", ALL)
def test_something_visible_is_done_within_the_mask(name: str):
    edit = changed_edit(name)
    far = np.abs(edit.rgb.astype(int) - face_of(name).rgb).max(axis=2)
    assert far[edit.mask > 0.5].mean() > 1
    assert 0.002 < (edit.mask > 0.1).mean() < (0.9 if name in WHOLE else 0.5)


@pytest.mark.parametrize("name", sorted(set(ALL) - PASTES))
def test_more_strength_changes_more(name: str):
    def change(strength: float) -> float:
        edits = (made(name, seed, strength) for seed in SEEDS)
        return float(np.mean([np.abs(edit.rgb.astype(int) - face_of(name).rgb).mean() for edit in edits]))

    assert change(0.15) < change(1.0)


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_gives_the_same_bytes(name: str):
    one, two = made(name, 5), run(name, face_of(name), 5)
    assert np.array_equal(one.rgb, two.rgb) and np.array_equal(one.mask, two.mask) and one.steps == two.steps


@pytest.mark.parametrize("name", ALL)
def test_seeds_differ(name: str):
    assert len({made(name, seed).rgb.tobytes() for seed in range(8)}) > 2


@pytest.mark.parametrize("name", ALL)
def test_the_inputs_are_not_written_to(name: str):
    subject, lender = face_of(name), donor_of(name)
    before = subject.rgb.copy(), subject.landmarks.copy(), lender.rgb.copy()
    frozen = subject.rgb.copy()
    frozen.setflags(write=False)
    edit = run(name, Subject(frozen, subject.landmarks), 3)
    edit.rgb[:] = 0
    assert all(np.array_equal(a, b) for a, b in zip(before, (subject.rgb, subject.landmarks, lender.rgb), strict=True))


def test_region_bits_of_a_composite_follow_its_parts():
    names = ("left eye", "right eye", "nose", "mouth")
    subject, lender = person("collins"), tint_donor(resized(person("collins"), 0.97), person("collins"))
    for seed in SEEDS:
        edit = run("part_composite", subject, seed, 1.0, lender)
        pasted = {step["part"] for step in edit.steps if "part" in step and "refused" not in step}
        assert {name for name, bit in zip(names, edit.region_bits, strict=True) if bit} == pasted


def test_region_bits_of_a_swap_are_all_set_when_the_mouth_is_swapped_too():
    edits = [run("face_swap", person("collins"), seed, 1.0, resized(person("collins"), 0.9)) for seed in SEEDS]
    assert all(edit.region_bits == (True,) * 4 for edit in edits)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("window", [(0, 0, 90, 240), (102, 0, 204, 240), (0, 108, 204, 240), (0, 0, 204, 120)])
def test_a_face_cut_off_by_the_picture(name: str, window: tuple[int, int, int, int]):
    cut = part_of(face_of(name), *window)
    for seed in SEEDS:
        check(run(name, cut, seed), cut)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("factor", [0.08, 0.17, 0.25, 0.5, 3.3])
def test_any_size(name: str, factor: float):
    """From 20 pixels to 800; the largest takes longest, and is drawn once."""
    subject = resized(face_of(name), factor)
    for seed in SEEDS if factor < 1 or ALL_SCENES else SEEDS[-1:]:
        check(run(name, subject, seed), subject)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shift", [(-1000, 0), (0, 5000), (150, 150)])
def test_landmarks_outside_the_picture(name: str, shift: tuple[int, int]):
    subject = Subject(face_of(name).rgb, face_of(name).landmarks + np.float32(shift))
    check(run(name, subject), subject)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_landmarks_that_are_no_face_are_refused(name: str, value: float):
    subject = Subject(face_of(name).rgb, np.full((468, 2), value, np.float32))
    edit = run(name, subject)
    assert not edit.changed and "refused" in edit.steps[0] and np.array_equal(edit.rgb, subject.rgb)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("level", [0, 255])
def test_a_flat_picture(name: str, level: int):
    subject = Subject(np.full_like(face_of(name).rgb, level), face_of(name).landmarks)
    check(run(name, subject), subject)


@pytest.mark.parametrize("name", ALL)
def test_noise_and_a_turned_head(name: str):
    rng, rgb, points = np.random.default_rng(0), face_of(name).rgb, face_of(name).landmarks
    noise = Subject(rng.integers(0, 256, rgb.shape, dtype=np.uint8), points)
    turned = Subject(np.ascontiguousarray(rgb[::-1]), points * (1, -1) + (0, len(rgb) - 1))
    for subject in (noise, turned):
        check(run(name, subject), subject)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_0_to_1_is_an_error(name: str, strength: float):
    with pytest.raises(ValueError, match="strength"):
        run(name, face_of(name), strength=strength)


def test_a_missing_donor_is_an_error():
    for one in all_operations().values():
        if one.needs_donor:
            with pytest.raises(ValueError, match="donor"):
                one.run(face(), None, np.random.default_rng(0), 1.0)
        else:
            check(one.run(face(), None, np.random.default_rng(0), 1.0), face())


@pytest.mark.parametrize("name", sorted(PASTES))
def test_a_donor_that_does_not_fit_is_refused_and_said(name: str):
    away = Subject(donor().rgb, donor().landmarks + np.float32(3000))
    turned = donor().landmarks.copy()
    turned[list(NOSE), 0] += 0.4 * eye_distance(turned)
    for lender in (away, Subject(255 - face().rgb, face().landmarks), Subject(donor().rgb, turned)):
        edit = run(name, face(), lender=lender)
        assert not edit.changed and edit.steps[0]["refused"]


def test_glasses_are_not_carried_by_parts():
    lender = tint_donor(person("hopper"), person("collins"))
    for seed in range(10):
        assert not any(run("part_composite", person("collins"), seed, 1.0, lender).region_bits[:3])


def test_the_donor_is_the_nearest_and_never_the_subject():
    subject = person("collins")
    near = Subject(subject.rgb.copy(), subject.landmarks + 1)
    candidates = [subject, person("hopper"), near]
    assert all(pick_donor(subject, candidates, np.random.default_rng(seed)) is near for seed in SEEDS)
    with pytest.raises(ValueError, match="candidate"):
        pick_donor(subject, [subject], np.random.default_rng(0))


def test_a_tinted_donor_has_the_subjects_colour():
    gap = skin_colour(tint_donor(person("hopper"), person("collins"))) - skin_colour(person("collins"))
    assert np.abs(gap).max() < 6
    assert eye_distance(donor().landmarks) == eye_distance(resized(person("collins"), SCALE).landmarks)
