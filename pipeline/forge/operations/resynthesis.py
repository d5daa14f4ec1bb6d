"""Low-resolution re-synthesis: the same person's inner face, as a network that repaints it at small size leaves it.

The resolution and compression mismatch of Li and Lyu, "Exposing DeepFake Videos By Detecting Face Warping Artifacts"
(CVPR workshops 2019), without any change of identity: what reenactment and weak swaps look like.
"""

import cv2
import numpy as np

from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import lay_over, low_pass, recompress, shift_colours, to_bytes
from pipeline.forge.geometry.masks import covered_regions, eye_distance, feather
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.operation import Edit, Operation, Subject

FACE_SIDE = (56.0, 128.0)
"""Pixels at which the face is repainted, at half of all strength; evenly by the logarithm."""
BLUR, NOISE = (0.3, 0.9), (0.0, 2.5)
"""Blur in pixels, and the spread of grain in levels at full strength."""
QUALITY = (45, 91)
"""JPEG quality, the upper end left out."""
LAB = (3.0, 1.5, 2.0)
"""Largest shift of colour, either way."""
BEND = (0.6, 0.012)
"""Smoothness and reach of the bending, in eye distances."""
FEATHER = (0.06, 0.25)
"""Width of the soft edge in eye distances."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Repaint the inner face at a small size; more `strength` makes that size smaller."""
    unit, size = eye_distance(subject.landmarks), float(np.ptp(subject.landmarks, axis=0).max())
    side = float(np.exp(rng.uniform(np.log(FACE_SIDE[0]), np.log(FACE_SIDE[1])))) / (0.5 + 0.5 * strength)
    sigma, noise = float(rng.uniform(*BLUR)), float(rng.uniform(*NOISE)) * strength
    quality, lab = int(rng.integers(*QUALITY)), rng.uniform(-1, 1, 3) * LAB * strength
    layer = low_pass(subject.rgb, min(0.8, side / size))
    layer = cv2.GaussianBlur(recompress(layer, quality), (0, 0), sigma)
    layer = warping.displace(layer, warping.elastic(layer.shape, rng, BEND[0] * unit, BEND[1] * unit))
    grain = rng.normal(0, 1, layer.shape[:2]).astype(np.float32)[..., None] * np.float32(noise)
    layer = to_bytes(shift_colours(layer, lab) + grain)
    name = str(rng.choice(sorted(MASKS)))
    mask = feather(MASKS[name](subject.landmarks, layer.shape), float(rng.uniform(*FEATHER)) * unit)
    step = {"mask": name, "face_px": round(side, 1), "blur_px": round(sigma, 2), "noise": round(noise, 2)}
    bits = covered_regions(mask, subject.landmarks)
    return Edit(lay_over(subject.rgb, layer, mask), mask, bits, ({**step, "jpeg": quality},))


OPERATION = Operation("resynthesis", "deepfake", "low-resolution re-synthesis", False, edit)
