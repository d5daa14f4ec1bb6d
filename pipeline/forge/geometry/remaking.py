"""Making a picture again as networks do: two ways, each with its parameters, for all that re-make faces or photos.

- `enhance`: what face restorers leave (GFPGAN, Wang et al., CVPR 2021; CodeFormer, Zhou et al., NeurIPS 2022): the face
  goes through a small size, its skin comes back smooth, its edges sharper than they were, with hardly any grain.
- `diffuse`: what image-to-image diffusion leaves (SDEdit, Meng et al., ICLR 2022): noise is added in a band of detail
  and taken out again by a filter that keeps edges, several times over. Fine texture is lost, another is invented.
"""

from typing import Any

import cv2
import numpy as np

from pipeline.forge.geometry.blending import lay_over, low_pass, to_bytes
from pipeline.forge.geometry.filters import bilateral_filter, guided_filter, sharpen_edges
from pipeline.forge.geometry.masks import covered_regions, eye_distance, feather
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.operation import Edit, Subject, leave_unchanged

FACE_SIDE = (64.0, 176.0)
"""Pixels through which an enhanced face goes, at half of all strength; evenly by the logarithm."""
LARGEST_FACTOR = 0.8
"""A face always becomes at least this much smaller."""
SMOOTHED = (0.02, 0.05)
"""Steps that an enhancer smooths away, in shares of the whole range."""
CRISP, HALO = (1.2, 3.0), 30.0
"""How often an edge's step is added at full strength, and how many levels at most."""
FLAT = 1.5
"""Steps below so many levels are no edge."""
GRAIN = (0.3, 1.6)
"""Spread of the grain that is laid on at the end, in levels."""

ROUNDS = (2, 4)
"""How often noise is added and taken out, the upper end left out."""
NOISE = (3.5, 8.0)
"""Its spread in levels in the first round, at full strength; it falls to `LAST` of that."""
LAST = 0.4
BAND = (0.007, 0.018)
"""Detail in which it is added, in eye distances: from there to twice as coarse."""
COLOURED = 0.25
"""Spread of the noise of colour, over that of light."""
DENOISED = (1.4, 2.4)
"""Steps that the filter takes out, over the noise's spread."""
RESTORED = (0.2, 0.7)
"""How often the edges that are left are added at the end: samplers end crisp."""


def enhance(
    rgb: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator, strength: float
) -> tuple[np.ndarray, dict[str, Any]]:
    """Make (H, W, 3) uint8 RGB again as a face restorer does; more `strength` goes through a smaller size."""
    side = float(np.exp(rng.uniform(*np.log(FACE_SIDE)))) / (0.5 + 0.5 * strength)
    factor = min(LARGEST_FACTOR, side / float(np.ptp(landmarks, axis=0).max()))
    tolerance = float(rng.uniform(*SMOOTHED)) * (0.5 + 0.5 * strength)
    crisp, grain = float(rng.uniform(*CRISP)) * strength, float(rng.uniform(*GRAIN))
    smooth = guided_filter(low_pass(rgb, factor), max(2, round(1.5 / factor)), tolerance).astype(np.float32)
    sharp = sharpen_edges(smooth, 0.7 / factor, crisp, FLAT, HALO)
    noise = rng.normal(0, grain, rgb.shape[:2]).astype(np.float32)[..., None]
    step = {"way": "enhance", "face_px": round(side, 1), "tolerance": round(tolerance, 4), "crisp": round(crisp, 3)}
    return to_bytes(sharp + noise), {**step, "grain": round(grain, 2)}


def diffuse(
    rgb: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator, strength: float
) -> tuple[np.ndarray, dict[str, Any]]:
    """Make (H, W, 3) uint8 RGB again as image-to-image diffusion does; more `strength` adds more noise."""
    unit, rounds = eye_distance(landmarks), int(rng.integers(*ROUNDS))
    level, size = float(rng.uniform(*NOISE)) * strength, max(0.7, float(rng.uniform(*BAND)) * unit)
    tolerance, crisp = float(rng.uniform(*DENOISED)) * level / 255, float(rng.uniform(*RESTORED)) * strength
    made = rgb
    for number in range(rounds):
        spread = level * (1 + (LAST - 1) * number / (rounds - 1))
        noisy = made.astype(np.float32) + spread * noise_in_band(rng, rgb.shape, size)
        made = bilateral_filter(to_bytes(noisy), max(2, round(2 * size)), tolerance)
    sharp = sharpen_edges(made.astype(np.float32), size, crisp, FLAT, HALO)
    step = {"way": "diffuse", "rounds": rounds, "noise": round(level, 2), "band_px": round(size, 2)}
    return to_bytes(sharp), {**step, "tolerance": round(tolerance, 4), "crisp": round(crisp, 3)}


def noise_in_band(rng: np.random.Generator, shape: tuple[int, ...], size: float) -> np.ndarray:
    """Return (H, W, 3) float32 noise of spread 1 that is finer than twice `size` pixels and coarser than `size`."""
    white = rng.normal(0, 1, (*shape[:2], 4)).astype(np.float32)
    band = cv2.GaussianBlur(white, (0, 0), size) - cv2.GaussianBlur(white, (0, 0), 2 * size)
    band = band * np.float32(1 / band_spread(size))
    return band[..., :1] + np.float32(COLOURED) * band[..., 1:]


def band_spread(size: float) -> float:
    """Return the spread of white noise of spread 1 between Gaussians of `size` and twice `size` pixels."""
    return float(np.sqrt(1 / (4 * np.pi * size**2) * (1 + 1 / 4 - 4 / 5)))


def lay_on_face(
    subject: Subject, made: tuple[np.ndarray, dict[str, Any]], rng: np.random.Generator, edge: tuple[float, float]
) -> Edit:
    """Blend what was made again into the inner face.

    Args:
        subject: whose face it is.
        made: (H, W, 3) uint8 RGB of the whole picture, and its step.
        rng: draws the outline and the width of its soft edge.
        edge: range of that width in eye distances.
    """
    layer, step = made
    name = str(rng.choice(sorted(MASKS)))
    width = float(rng.uniform(*edge)) * eye_distance(subject.landmarks)
    mask = feather(MASKS[name](subject.landmarks, layer.shape), width)
    if not mask.any():
        return leave_unchanged(subject, "the inner face lies outside the photo")
    bits = covered_regions(mask, subject.landmarks)
    return Edit(lay_over(subject.rgb, layer, mask), mask, bits, ({"mask": name, **step},))


WAYS = {"diffuse": diffuse, "enhance": enhance}
