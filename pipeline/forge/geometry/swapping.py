"""What swaps of a whole face share: whom they refuse, where they are laid, and the softness that networks leave."""

from typing import Any

import cv2
import numpy as np

from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import low_pass, to_bytes
from pipeline.forge.geometry.donors import look_apart
from pipeline.forge.geometry.masks import (
    BROWS,
    INNER_LIPS,
    bare_share,
    disc,
    eye_distance,
    hull,
    oval,
    polygon,
    skin_likeness,
    soften,
)
from pipeline.forge.geometry.swap_masks import LOWER_OVAL, MASKS
from pipeline.forge.operation import Subject

Range = tuple[float, float]


def misfit(subject: Subject, donor: Subject, turn: Range, fold: float, bare: float) -> str:
    """Say why a donor's face cannot be laid on the subject well; empty where it can.

    Args:
        subject: whose face is covered.
        donor: whose face covers it.
        turn: largest differences of the yaw and pitch proxies.
        fold: largest share of the mesh that may turn over.
        bare: least share of the donor's cheeks, nose and chin that must look like skin.
    """
    if look_apart(subject, donor, turn) or warping.folded_share(donor.landmarks, subject.landmarks) > fold:
        return "the two heads look in different directions"
    points, (height, width) = donor.landmarks[list(warping.MESH)], donor.rgb.shape[:2]
    if ((points < -1) | (points > (width, height))).any():
        return "the donor's face is cut off"
    if bare_share(donor.rgb, donor.landmarks, MASKS["lower oval"](donor.landmarks, donor.rgb.shape)) < bare:
        return "hair, a beard, a frame or a hard shadow covers the donor's face"
    return ""


def swap_mask(subject: Subject, donor: Subject, name: str, wider: float) -> np.ndarray:
    """Return the hard mask of a swap, within the oval, without a mouth's inside that the donor cannot show.

    Args:
        subject: whose face is covered.
        donor: whose face covers it.
        name: of `MASKS`.
        wider: by how much more, in eye distances, the subject's mouth may stand open before its inside stays.
    """
    unit, shape = eye_distance(subject.landmarks), subject.rgb.shape
    mask = MASKS[name](subject.landmarks, shape) * cv2.erode(oval(subject.landmarks, shape), disc(1))
    below = hull(subject.landmarks[[*BROWS[0], *BROWS[1], *LOWER_OVAL]], shape)
    mask = mask * np.maximum(below, skin_likeness(subject.rgb, subject.landmarks) > 0.4)
    if openness(subject.landmarks) > openness(donor.landmarks) + wider:
        mouth = soften(polygon(subject.landmarks[list(INNER_LIPS)], shape), 0.015 * unit)
        mask = mask * (1 - mouth)
    return mask


def openness(landmarks: np.ndarray) -> float:
    """Return how far the lips are apart, in eye distances."""
    return float(np.hypot(*(landmarks[14] - landmarks[13]))) / eye_distance(landmarks)


def repaint(
    layer: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator, strength: float, ranges: tuple[Range, ...]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Take a layer to a swap network's resolution and back, then blur and grain it a little.

    Args:
        layer: (H, W, 3) uint8 RGB.
        landmarks: (468, 2) in its pixels.
        rng: of what is drawn.
        strength: above 0; more of it means a smaller size.
        ranges: pixels at which the face is painted at half of all strength, evenly by the logarithm; blur in pixels;
            spread of the grain in levels.
    """
    sides, blurs, noises = ranges
    side = float(np.exp(rng.uniform(np.log(sides[0]), np.log(sides[1])))) / (0.5 + 0.5 * strength)
    factor = min(1.0, side / float(np.ptp(landmarks, axis=0).max()))
    sigma, noise = float(rng.uniform(*blurs)), float(rng.uniform(*noises))
    blurred = cv2.GaussianBlur(low_pass(layer, factor), (0, 0), sigma).astype(np.float32)
    grain = rng.normal(0, 1, layer.shape[:2]).astype(np.float32)[..., None] * np.float32(noise)
    step = {"face_px": round(side, 1), "blur_px": round(sigma, 2), "noise": round(noise, 2)}
    return to_bytes(blurred + grain), step
