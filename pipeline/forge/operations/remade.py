"""Re-made: all of the picture goes through a network, not the face alone, so that no seam is left in it.

Photos that a diffusion model or an upscaler has made again whole look so: `pipeline.forge.geometry.remaking` does it,
and colours and contrast drift a little, as an autoencoder's do (Rombach et al., CVPR 2022). The mask is 1 everywhere.

In this form "all" is the square around the face that operations get (`pipeline.forge.operation.WINDOW_SCALE`): around
it the photo stays, and the square's border shows. Its batched form is given crops that lie within that square.
"""

import numpy as np

from pipeline.forge.geometry.blending import shift_colours, to_bytes
from pipeline.forge.geometry.masks import covered_regions
from pipeline.forge.geometry.remaking import WAYS
from pipeline.forge.operation import Edit, Operation, Subject

LAB, CONTRAST = (3.0, 2.0, 2.5), 0.06
"""Largest shift of colour and change of contrast, either way."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Make all of it again; `strength` is that of the way, and scales the drift of colours."""
    name = str(rng.choice(sorted(WAYS)))
    lab, gain = rng.uniform(-1, 1, 3) * LAB * strength, 1 + float(rng.uniform(-CONTRAST, CONTRAST)) * strength
    made, step = WAYS[name](subject.rgb, subject.landmarks, rng, strength)
    rgb = shift_colours(to_bytes((made.astype(np.float32) - 128) * np.float32(gain) + 128), lab)
    mask = np.ones(rgb.shape[:2], np.float32)
    drift = {"lab": [round(float(value), 2) for value in lab], "contrast": round(gain, 3)}
    return Edit(rgb, mask, covered_regions(mask, subject.landmarks), ({**step, **drift},))


OPERATION = Operation("remade", "deepfake", "re-made whole", False, edit, since=2)
