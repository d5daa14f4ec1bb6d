"""Enhancer: the inner face as a face restorer makes it again, skin smooth, edges sharper than life.

Nearly every swap tool ends with one, and phone apps sell it alone; `pipeline.forge.geometry.remaking.enhance` is what
it leaves: another resolution, another sharpness and hardly any grain within the mask.
"""

import numpy as np

from pipeline.forge.geometry.remaking import enhance, lay_on_face
from pipeline.forge.operation import Edit, Operation, Subject

FEATHER = (0.10, 0.30)
"""Width of the soft edge in eye distances; restorers paste through a wide one."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Enhance the inner face; more `strength` goes through a smaller size and sharpens more."""
    made = enhance(subject.rgb, subject.landmarks, rng, strength)
    return lay_on_face(subject, made, rng, FEATHER)


OPERATION = Operation("enhancer", "deepfake", "enhancement", False, edit, since=2)
