"""Denoised: the inner face as diffusion inpaints it, its own texture gone and another invented.

Face edits by prompt keep the person and re-make the skin; `pipeline.forge.geometry.remaking.diffuse` is what that
leaves: in bands of detail other patterns than the camera's, smooth between them, within the mask (Corvi et al., ICASSP
2023, find such spectra in diffusion's pictures).
"""

import numpy as np

from pipeline.forge.geometry.blending import lay_over
from pipeline.forge.geometry.masks import covered_regions, eye_distance, feather
from pipeline.forge.geometry.remaking import diffuse
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

FEATHER = (0.06, 0.25)
"""Width of the soft edge in eye distances."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Make the inner face's texture again; more `strength` adds more noise, and takes more out."""
    layer, step = diffuse(subject.rgb, subject.landmarks, rng, strength)
    name = str(rng.choice(sorted(MASKS)))
    width = float(rng.uniform(*FEATHER)) * eye_distance(subject.landmarks)
    mask = feather(MASKS[name](subject.landmarks, layer.shape), width)
    if not mask.any():
        return leave_unchanged(subject, "the inner face lies outside the photo")
    bits = covered_regions(mask, subject.landmarks)
    return Edit(lay_over(subject.rgb, layer, mask), mask, bits, ({"mask": name, **step},))


OPERATION = Operation("denoised", "deepfake", "diffusion", False, edit, since=2)
