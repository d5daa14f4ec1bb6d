"""Skin smoothing, as beauty filters do it: pores and wrinkles go, edges stay.

Three ways:

- the guided filter (He et al., ECCV 2010),
- the bilateral filter (Tomasi and Manduchi, ICCV 1998),
- the retoucher's frequency separation, which blurs the middle frequencies and puts the finest grain back.
"""

import cv2
import numpy as np

from pipeline.forge.geometry.blending import lay_over, to_bytes
from pipeline.forge.geometry.filters import bilateral_filter, guided_filter
from pipeline.forge.geometry.masks import covered_regions, eye_distance, skin
from pipeline.forge.operation import Edit, Operation, Subject

RADIUS = (0.05, 0.11)
"""Radius of the filter in eye distances; a light hand takes half of it."""
TOLERANCE = (0.04, 0.09)
"""Steps that count as edges and stay, in shares of the whole range; a light hand takes half of it."""
GLOW = (0.0, 5.0)
"""Levels by which smoothed skin is lightened, at full strength."""
FREQUENCY_TOLERANCE, GRAIN_KEPT = 1.3, 0.6
"""Frequency separation smooths by so much more, and keeps this share of the finest grain."""
COVERED = 0.5
"""Least share of a part that counts as edited."""


def separate_frequencies(rgb: np.ndarray, radius: int, tolerance: float) -> np.ndarray:
    """Smooth (H, W, 3) uint8 RGB, but keep its finest grain."""
    fine = rgb.astype(np.float32) - cv2.GaussianBlur(rgb, (0, 0), max(0.6, radius / 6))
    return to_bytes(guided_filter(rgb, radius, FREQUENCY_TOLERANCE * tolerance) + GRAIN_KEPT * fine)


WAYS = {"guided": guided_filter, "bilateral": bilateral_filter, "frequency": separate_frequencies}


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Smooth the skin; `strength` is the share of the smoothed skin in the result, and widens the filter."""
    way = str(rng.choice(sorted(WAYS)))
    unit = eye_distance(subject.landmarks)
    radius = max(2, round(float(rng.uniform(*RADIUS)) * unit * (0.5 + 0.5 * strength)))
    tolerance, glow = float(rng.uniform(*TOLERANCE)) * (0.5 + 0.5 * strength), float(rng.uniform(*GLOW)) * strength
    smooth = WAYS[way](subject.rgb, radius, tolerance).astype(np.float32) + glow
    mask = skin(subject.rgb, subject.landmarks) * np.float32(strength)
    step = {"way": way, "radius_px": radius, "tolerance": round(tolerance, 4), "glow": round(glow, 2)}
    bits = covered_regions(mask / np.float32(strength), subject.landmarks, COVERED)
    return Edit(lay_over(subject.rgb, to_bytes(smooth), mask), mask, bits, ({**step, "strength": strength},))


OPERATION = Operation("smooth_skin", "facetune", "retouch", False, edit)
