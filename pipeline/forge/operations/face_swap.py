"""Face swap: the donor's inner face on the subject's head, with the softness that swap networks leave.

Landmark-driven piecewise-affine warping and blending is the classic swap (Bitouk et al., SIGGRAPH 2008; FaceSwap in
FaceForensics++, Rössler et al., ICCV 2019). Swap networks work at 64 to 256 px, so the result is made low-resolution
inside the mask, the trace that Li and Lyu (CVPR workshops 2019) train on.
"""

from typing import Any

import cv2
import numpy as np

from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import colour_gap, drift, lay_over, low_pass, match_moments, poisson, to_bytes
from pipeline.forge.geometry.donors import look_apart
from pipeline.forge.geometry.masks import (
    BROWS,
    INNER_LIPS,
    bare_share,
    covered_regions,
    disc,
    eye_distance,
    feather,
    hull,
    polygon,
    skin_likeness,
    soften,
)
from pipeline.forge.geometry.masks import oval as whole_oval
from pipeline.forge.geometry.swap_masks import LOWER_OVAL, MASKS
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

LARGEST_FOLD = 0.10
"""Largest share of the mesh that may turn over: with more, the two heads look in different directions."""
LARGEST_GAP = np.array([28.0, 13.0, 16.0])
"""Largest LAB difference between the two skins that colour transfer hides."""
POISSON_DRIFT = 15.0
"""Largest drift of the swapped colours by Poisson blending before plain blending is taken instead."""
LEAST_BARE = 0.8
"""Least share of the donor's cheeks, nose and chin that must look like skin."""

MATCHED = (0.75, 1.0)
"""Share of the way from the donor's colours to the subject's."""
FACE_SIDE = (64.0, 160.0)
"""Pixels at which a swap network paints the face, at half of all strength; evenly by the logarithm."""
BLUR, NOISE = (0.3, 0.8), (0.0, 2.0)
"""Blur in pixels, and the spread of grain in levels."""
FEATHER = (0.06, 0.20)
"""Width of the soft edge in eye distances."""
BY_POISSON = 0.5
"""Share that is blended by gradients."""
WIDER = 0.06
"""How much wider than the donor's a mouth may stand open, in eye distances, before its inside stays."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Swap the inner face; more `strength` lowers the resolution of what is swapped in. The swap itself is whole."""
    assert donor is not None
    reason = _refusal(subject, donor)
    if reason:
        return leave_unchanged(subject, reason)
    layer = warping.warp_mesh(donor.rgb, donor.landmarks, subject.landmarks, subject.rgb.shape)
    name = str(rng.choice(sorted(MASKS)))
    mask = _mask(subject, donor, name)
    inside = mask > 0.5
    if (np.abs(colour_gap(layer, subject.rgb, inside)) > LARGEST_GAP).any():
        return leave_unchanged(subject, "the donor's skin or light differs too much")
    layer = match_moments(layer, subject.rgb, inside, float(rng.uniform(*MATCHED)))
    layer, steps = _resynthesise(layer, subject, rng, strength)
    rgb, alpha, blend = _blend(subject, layer, mask, rng)
    step = {"mask": name, "blend": blend, **steps}
    return Edit(rgb, alpha, covered_regions(alpha, subject.landmarks), (step,))


def _refusal(subject: Subject, donor: Subject) -> str:
    """Say why the donor's face cannot be laid on the subject well; empty where it can."""
    if look_apart(subject, donor) or warping.folded_share(donor.landmarks, subject.landmarks) > LARGEST_FOLD:
        return "the two heads look in different directions"
    points, (height, width) = donor.landmarks[list(warping.MESH)], donor.rgb.shape[:2]
    if ((points < -1) | (points > (width, height))).any():
        return "the donor's face is cut off"
    if bare_share(donor.rgb, donor.landmarks, MASKS["lower oval"](donor.landmarks, donor.rgb.shape)) < LEAST_BARE:
        return "hair, a beard, a frame or a hard shadow covers the donor's face"
    return ""


def _mask(subject: Subject, donor: Subject, name: str) -> np.ndarray:
    """Return the hard mask of the swap, within the oval, without a mouth's inside that the donor cannot show."""
    unit, shape = eye_distance(subject.landmarks), subject.rgb.shape
    mask = MASKS[name](subject.landmarks, shape) * cv2.erode(whole_oval(subject.landmarks, shape), disc(1))
    below = hull(subject.landmarks[[*BROWS[0], *BROWS[1], *LOWER_OVAL]], shape)
    mask = mask * np.maximum(below, skin_likeness(subject.rgb, subject.landmarks) > 0.4)
    if _open(subject.landmarks) > _open(donor.landmarks) + WIDER:
        mouth = soften(polygon(subject.landmarks[list(INNER_LIPS)], shape), 0.015 * unit)
        mask = mask * (1 - mouth)
    return mask


def _open(landmarks: np.ndarray) -> float:
    """Return how far the lips are apart, in eye distances."""
    return float(np.hypot(*(landmarks[14] - landmarks[13]))) / eye_distance(landmarks)


def _resynthesise(
    layer: np.ndarray, subject: Subject, rng: np.random.Generator, strength: float
) -> tuple[np.ndarray, dict[str, Any]]:
    """Take a layer to a swap network's resolution and back, then blur and grain it a little."""
    side = float(np.exp(rng.uniform(np.log(FACE_SIDE[0]), np.log(FACE_SIDE[1])))) / (0.5 + 0.5 * strength)
    factor = min(1.0, side / float(np.ptp(subject.landmarks, axis=0).max()))
    sigma, noise = float(rng.uniform(*BLUR)), float(rng.uniform(*NOISE))
    blurred = cv2.GaussianBlur(low_pass(layer, factor), (0, 0), sigma).astype(np.float32)
    grain = rng.normal(0, 1, layer.shape[:2]).astype(np.float32)[..., None] * np.float32(noise)
    step = {"face_px": round(side, 1), "blur_px": round(sigma, 2), "noise": round(noise, 2)}
    return to_bytes(blurred + grain), step


def _blend(
    subject: Subject, layer: np.ndarray, mask: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, str]:
    """Blend the layer in, half of the time by Poisson where that keeps the colours."""
    width = float(rng.uniform(*FEATHER)) * eye_distance(subject.landmarks)
    alpha = feather(mask, width)
    if rng.random() < BY_POISSON:
        cloned = poisson(subject.rgb, layer, mask)
        if drift(cloned, layer, alpha > 0.5) < POISSON_DRIFT:
            return lay_over(subject.rgb, cloned, alpha), alpha, "poisson"
    return lay_over(subject.rgb, layer, alpha), alpha, "feather"


OPERATION = Operation("face_swap", "deepfake", "face swap", True, edit)
