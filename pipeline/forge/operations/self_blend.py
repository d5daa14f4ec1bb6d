"""Self-blended image: the face blended with a slightly changed copy of itself.

Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images" (CVPR 2022): it leaves what all swaps leave, a
blending boundary and two statistics, without any identity to learn. Parameters follow the paper where it gives them.
"""

from typing import Any

import cv2
import numpy as np

from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import lay_over, low_pass, recompress, shift_colours, to_bytes
from pipeline.forge.geometry.masks import covered_regions, eye_distance, soften
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.operation import Edit, Operation, Subject

RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)
"""Shares of the copy in the middle of the mask."""
LAB, CONTRAST = (6.0, 3.0, 4.0), 0.08
"""Largest shift of colour and change of contrast, either way."""
WAYS = ("blur", "jpeg", "sharpen", "shrink")
"""How the copy's detail is changed."""
AMOUNT = (0.3, 1.0)
"""By how much, at full strength."""
SCALE, SHIFT = 0.05, (0.06, 0.03)
"""Largest change of size, and shift across and down in eye distances, either way."""
BEND, MASK_BEND = (0.7, 0.02), (0.6, 0.10)
"""Smoothness and reach of the bending of the copy, and of the mask, in eye distances."""
FIRST_BLUR, SHRINKAGE, SECOND_BLUR = (0.03, 0.10), (0.05, 0.5), (0.02, 0.10)
"""The mask's blurs in eye distances, and what is taken off between them."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Blend the face with a changed copy; `strength` scales colour shift, misalignment and loss of detail."""
    copy, step = change_copy(subject.rgb, eye_distance(subject.landmarks), rng, strength)
    copy, moved = misalign(copy, subject, rng, strength)
    name, ratio = str(rng.choice(sorted(MASKS))), float(rng.choice(RATIOS))
    mask = _deform(MASKS[name](subject.landmarks, subject.rgb.shape), subject, rng) * np.float32(ratio)
    bits = covered_regions(mask / np.float32(ratio), subject.landmarks)
    record = {"mask": name, "ratio": ratio, **step, **moved}
    return Edit(lay_over(subject.rgb, copy, mask), mask, bits, (record,))


def change_copy(
    rgb: np.ndarray, unit: float, rng: np.random.Generator, strength: float
) -> tuple[np.ndarray, dict[str, Any]]:
    """Shift the colours of (H, W, 3) uint8 RGB. Then sharpen, blur, shrink or recompress it.

    The `unit` is the eye distance in pixels.
    """
    shift = rng.uniform(-1, 1, 3) * LAB * strength
    gain = 1 + float(rng.uniform(-CONTRAST, CONTRAST)) * strength
    copy = shift_colours(to_bytes((rgb.astype(np.float32) - 128) * np.float32(gain) + 128), shift)
    way = str(rng.choice(WAYS))
    amount = float(rng.uniform(*AMOUNT)) * strength
    if way == "sharpen":
        soft = cv2.GaussianBlur(copy, (0, 0), 1.2).astype(np.float32)
        copy = to_bytes(copy + (copy - soft) * np.float32(0.9 * amount))
    elif way == "blur":
        copy = cv2.GaussianBlur(copy, (0, 0), (0.4 + 0.8 * amount) * max(0.6, unit / 80))
    elif way == "shrink":
        copy = low_pass(copy, 1 / (1 + 2.5 * amount))
    else:
        copy = recompress(copy, round(90 - 50 * amount))
    lab = [round(float(value), 2) for value in shift]
    return copy, {"lab": lab, "contrast": round(gain, 3), "way": way, "amount": round(amount, 3)}


def misalign(
    rgb: np.ndarray, subject: Subject, rng: np.random.Generator, strength: float
) -> tuple[np.ndarray, dict[str, Any]]:
    """Move, scale and bend (H, W, 3) uint8 RGB a little against itself."""
    unit, centre = eye_distance(subject.landmarks), subject.landmarks.mean(axis=0)
    scale = 1 + float(rng.uniform(-SCALE, SCALE)) * strength
    shift = rng.uniform(-1, 1, 2) * SHIFT * unit * strength
    matrix = warping.jitter(np.eye(2, 3), centre, scale, 0, shift)
    bend = warping.elastic(rgb.shape, rng, BEND[0] * unit, BEND[1] * unit * strength)
    moved = warping.displace(warping.warp(rgb, matrix, rgb.shape), bend)
    return moved, {"scale": round(scale, 3), "shift_px": [round(float(value), 2) for value in shift]}


def _deform(mask: np.ndarray, subject: Subject, rng: np.random.Generator) -> np.ndarray:
    """Bend a mask, then blur it twice with a random shrinkage between, as the paper does."""
    unit = eye_distance(subject.landmarks)
    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    bend = warping.elastic(mask.shape, rng, MASK_BEND[0] * unit, MASK_BEND[1] * unit)
    bent = cv2.remap(mask, columns + bend[..., 0], rows + bend[..., 1], cv2.INTER_LINEAR)
    soft = soften(bent, float(rng.uniform(*FIRST_BLUR)) * unit)
    soft = np.clip((soft - float(rng.uniform(*SHRINKAGE))) * 2, 0, 1)
    return soften(soft, float(rng.uniform(*SECOND_BLUR)) * unit)


OPERATION = Operation("self_blend", "deepfake", "self-blended", False, edit)
