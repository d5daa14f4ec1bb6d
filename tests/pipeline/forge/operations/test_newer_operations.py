"""What is particular to each operation of the forge's second generation."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from pipeline.face import LIPS, window_of
from pipeline.forge import Edit, Subject, all_operations, drawn_operations, operation, tint_donor
from pipeline.forge.geometry import remaking
from pipeline.forge.geometry.donors import side_light
from pipeline.forge.geometry.filters import detail_levels, sharpen_edges
from pipeline.forge.geometry.masks import EYES, eye_distance, hull, skin
from pipeline.forge.operation import WINDOW_SCALE
from pipeline.forge.operations import clone_stamp, recolour, seamless_swap
from tests.pipeline.forge.operations.test_operations import part_of, person, resized

FIRST = [
    *("blemish", "face_swap", "makeup", "part_composite", "reshape"),
    *("resynthesis", "self_blend", "skin_tone", "smooth_skin"),
]
SECOND = ["clone_stamp", "denoised", "detail_levels", "enhancer", "recolour", "remade", "seamless_swap"]


@cache
def large() -> Subject:
    """Hopper's face, larger than the photo has it, so that levels of detail lie far apart."""
    return resized(part_of(person("hopper"), 110, 60, 410, 400), 1.6)


def run(name: str, subject: Subject, seed: int, donor: Subject | None = None) -> Edit:
    return operation(name).run(subject, donor, np.random.default_rng(seed), 1.0)


def energy(picture: np.ndarray, sigmas: tuple[float, float], where: np.ndarray) -> float:
    """Return the spread of what lies between two blurs, within a bool mask."""
    fine, coarse = (cv2.GaussianBlur(picture.astype(np.float32), (0, 0), sigma) for sigma in sigmas)
    return float((fine - coarse)[where].std())


def test_the_generations_and_what_each_draws_from():
    assert sorted(drawn_operations()) == sorted(drawn_operations(1)) == FIRST
    assert sorted(drawn_operations(2)) == sorted(all_operations()) == sorted([*FIRST, *SECOND])
    assert {operation(name).since for name in SECOND} == {2}


def test_levels_of_detail_give_the_picture_back():
    rgb = person("collins").rgb.astype(np.float32)
    levels, rest = detail_levels(rgb, 0.8, 5)
    assert len(levels) == 5 and np.abs(sum(levels) + rest - rgb).max() < 1e-2
    flat = np.full((20, 20, 3), 90, np.float32) + np.indices((20, 20)).sum(axis=0)[..., None] % 2
    assert np.array_equal(sharpen_edges(flat, 1.0, 3.0, 1.5, 30.0), flat)


def test_detail_levels_turns_the_middle_down_and_keeps_the_coarse_and_the_finest():
    subject, unit = large(), eye_distance(large().landmarks)
    inside = cv2.erode((skin(subject.rgb, subject.landmarks) > 0.95).astype(np.uint8), np.ones((9, 9))) > 0
    for seed in range(3):
        edit = run("detail_levels", subject, seed)
        fine, middle, coarse = (
            energy(edit.rgb, sigmas, inside) / energy(subject.rgb, sigmas, inside)
            for sigmas in ((0.3, 0.006 * unit), (0.02 * unit, 0.05 * unit), (0.3 * unit, 0.5 * unit))
        )
        assert 0.8 < fine < 1.6 and middle < 0.85 and 0.9 < coarse < 1.1, (fine, middle, coarse)


def test_a_stamp_copies_pixels_and_a_healing_brush_keeps_the_tone(monkeypatch: pytest.MonkeyPatch):
    subject, unit = large(), eye_distance(large().landmarks)
    monkeypatch.setattr(clone_stamp, "STROKES", (1, 1))
    monkeypatch.setattr(clone_stamp, "OPACITY", (1.0, 1.0))
    ways = set()
    for seed in range(12):
        edit = run("clone_stamp", subject, seed)
        step, whole = edit.steps[0], edit.mask > 0.999
        if not whole.any():
            continue
        across, down = step["from"]
        rows, columns = np.nonzero(whole)
        lent = subject.rgb[rows + down, columns + across].astype(int)
        ways.add(step["way"])
        assert 0.15 * unit < np.hypot(across, down) < 0.51 * unit
        if step["way"] == "clone":
            assert np.array_equal(edit.rgb[whole], lent)
        else:
            own, made = (cv2.GaussianBlur(rgb, (0, 0), clone_stamp.TONE[1] * unit) for rgb in (subject.rgb, edit.rgb))
            assert np.abs(made.astype(int) - own)[whole].max() < 8
    assert ways == {"clone", "heal"}


def test_recolouring_leaves_the_eyes_alone(monkeypatch: pytest.MonkeyPatch):
    subject = person("collins")
    inner = np.maximum(*(hull(subject.landmarks[list(eye)], subject.rgb.shape, -1.0) for eye in EYES)) > 0.5
    cheek = tuple(np.rint(subject.landmarks[50]).astype(int)[::-1])
    for share, part in ((0.0, "skin"), (1.0, "hair")):
        monkeypatch.setattr(recolour, "BY_HAIR", share)
        edit = run("recolour", subject, 1)
        assert edit.steps[0]["part"] == part and edit.mask[inner].max() < 0.25
        assert (edit.mask[cheek] > 0.9) == (part == "skin")
        assert edit.region_bits[2] == (part == "skin") and not edit.region_bits[3]


def test_hair_is_dyed_above_the_face_and_a_hat_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recolour, "BY_HAIR", 1.0)
    subject = person("collins")
    edit = run("recolour", subject, 2)
    rows = np.nonzero(edit.mask > 0.5)[0]
    assert np.median(rows) < subject.landmarks[10, 1] + eye_distance(subject.landmarks)
    refused = run("recolour", person("hopper"), 2)
    assert not refused.changed and "hair" in refused.steps[0]["refused"]


def test_a_colour_keeps_light_and_shade():
    lab = np.array([[[10.0, 0, 0], [50, 5, 5], [90, 0, 0]]], np.float32)
    made = recolour.coloured(lab, 50.0, np.array([0.8, 20.0, -10.0]), 1.0)
    assert (np.diff(made[0, :, 0]) > 0).all() and made[0, 0, 1] < made[0, 1, 1] <= made[0, 2, 1] + 5


def smaller(name: str = "collins") -> Subject:
    return tint_donor(resized(person(name), 0.9), person("collins"))


def test_a_seamless_swap_refuses_whom_a_face_swap_takes():
    hopper, collins = person("hopper"), tint_donor(person("collins"), person("hopper"))
    assert run("face_swap", hopper, 0, collins).changed
    for lender, why in ((collins, "too small"), (resized(collins, 2.0), "glasses")):
        assert why in run("seamless_swap", hopper, 0, lender).steps[0]["refused"]


def test_a_seamless_swap_refuses_another_light():
    subject, lender = person("collins"), smaller()
    middle, reach = lender.landmarks[:, 0].mean(), eye_distance(lender.landmarks)
    ramp = np.clip(1 + (np.arange(lender.rgb.shape[1]) - middle) / reach * 0.35, 0.6, 1.3)[None, :, None]
    lit = replace(lender, rgb=np.clip(lender.rgb * ramp, 0, 255).astype(np.uint8))
    assert abs(side_light(lit) - side_light(subject)) > seamless_swap.LARGEST_SIDE_LIGHT
    assert run("seamless_swap", subject, 0, smaller()).changed
    refused = run("seamless_swap", subject, 0, lit)
    assert not refused.changed and "light" in refused.steps[0]["refused"]


def test_a_seamless_swap_keeps_what_it_says():
    subject, kept = person("collins"), set()
    parts = {"mouth": (LIPS,), "eyes": EYES}
    for seed in range(24):
        edit = run("seamless_swap", subject, seed, smaller())
        for name, outlines in parts.items():
            where = np.maximum.reduce([hull(subject.landmarks[list(one)], edit.mask.shape) for one in outlines]) > 0.99
            same = np.array_equal(edit.rgb[where], subject.rgb[where]) and not edit.mask[where].any()
            assert same == (name in edit.steps[0]["kept"])
            kept |= {name} if same else set()
        assert edit.region_bits[3] == ("mouth" not in edit.steps[0]["kept"])
    assert kept == set(parts)


def test_an_enhancer_takes_the_grain_and_sharpens_the_edges():
    step = np.full((200, 200, 3), 90, np.uint8)
    step[:, 100:] = 150
    grained = np.clip(step + np.random.default_rng(0).normal(0, 5, (200, 200, 1)), 0, 255).astype(np.uint8)
    points = (large().landmarks - large().landmarks.min(axis=0)) * np.float32(200 / np.ptp(large().landmarks))
    made, _ = remaking.enhance(grained, points, np.random.default_rng(3), 1.0)
    flat = np.s_[20:180, 20:80]
    assert made[flat].std() < 0.6 * grained[flat].std()
    profile = made[20:180].mean(axis=(0, 2))
    assert profile.max() > 154 and profile.min() < 86 and np.diff(profile).max() > 15


def test_diffusion_invents_texture_in_its_band_and_keeps_what_is_coarse():
    subject = large()
    made, step = remaking.diffuse(subject.rgb, subject.landmarks, np.random.default_rng(3), 1.0)
    inside = skin(subject.rgb, subject.landmarks) > 0.95
    size, change = step["band_px"], made.astype(np.float32) - subject.rgb
    band = energy(change, (size, 2 * size), inside)
    assert band > 0.5 and energy(change, (6 * size, 12 * size), inside) < 0.5 * band
    noise = remaking.noise_in_band(np.random.default_rng(0), (256, 256, 3), 2.0)
    assert noise.std() == pytest.approx(np.sqrt(1 + remaking.COLOURED**2), rel=0.1)


def test_remade_is_the_whole_square_and_nothing_else():
    subject = person("hopper")
    edit = run("remade", subject, 0)
    x0, y0, x1, y1 = (round(float(value)) for value in window_of(subject.landmarks, WINDOW_SCALE))
    assert edit.mask[max(y0, 0) + 1 : y1 - 1, max(x0, 0) + 1 : x1 - 1].min() == 1
    assert edit.mask.sum() < (x1 - x0 + 2) * (y1 - y0 + 2) and edit.region_bits == (True,) * 4
    assert {run("remade", subject, seed).steps[0]["way"] for seed in range(6)} == set(remaking.WAYS)
