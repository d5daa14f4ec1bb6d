"""Denoised: the inner face as diffusion inpaints it, its own texture gone and another invented.

Face edits by prompt keep the person and re-make the skin; `pipeline.forge.geometry.remaking.diffuse` is what that
leaves: in bands of detail other patterns than the camera's, smooth between them, within the mask (Corvi et al., ICASSP
2023, find such spectra in diffusion's pictures).
"""

import numpy as np

from pipeline.forge.geometry.remaking import diffuse, lay_on_face
from pipeline.forge.operation import Edit, Operation, Subject

FEATHER = (0.06, 0.25)
"""Width of the soft edge in eye distances."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Make the inner face's texture again; more `strength` adds more noise, and takes more out."""
    made = diffuse(subject.rgb, subject.landmarks, rng, strength)
    return lay_on_face(subject, made, rng, FEATHER)


OPERATION = Operation("denoised", "deepfake", "diffusion", False, edit, since=2)
