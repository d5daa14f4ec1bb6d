"""Enhancer: the inner face as a face restorer makes it again, skin smooth, edges sharper than life.

Nearly every swap tool ends with one, and phone apps sell it alone; `pipeline.forge.geometry.remaking.enhance` is what
it leaves: another resolution, another sharpness and hardly any grain within the mask.
"""

import numpy as np

from pipeline.forge.geometry.blending import lay_over
from pipeline.forge.geometry.masks import covered_regions, eye_distance, feather
from pipeline.forge.geometry.remaking import enhance
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

FEATHER = (0.10, 0.30)
"""Width of the soft edge in eye distances; restorers paste through a wide one."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Enhance the inner face; more `strength` goes through a smaller size and sharpens more."""
    layer, step = enhance(subject.rgb, subject.landmarks, rng, strength)
    name = str(rng.choice(sorted(MASKS)))
    width = float(rng.uniform(*FEATHER)) * eye_distance(subject.landmarks)
    mask = feather(MASKS[name](subject.landmarks, layer.shape), width)
    if not mask.any():
        return leave_unchanged(subject, "the inner face lies outside the photo")
    bits = covered_regions(mask, subject.landmarks)
    return Edit(lay_over(subject.rgb, layer, mask), mask, bits, ({"mask": name, **step},))


OPERATION = Operation("enhancer", "deepfake", "enhancement", False, edit, since=2)
