"""A part of a face blended with a changed copy of itself: the self-blended counterpart of a part composite.

As self-blended images are to face swaps (Shiohara and Yamasaki, CVPR 2022; see the operation of that name): the seam
and the two statistics of a pasted eye, nose or mouth, with no donor to learn by heart and none to be refused. It is
made for training only, where variety is all that counts.
"""

import cv2
import numpy as np

from pipeline.face import REGIONS
from pipeline.forge import Subject
from pipeline.forge.geometry.blending import lay_over, poisson
from pipeline.forge.geometry.masks import eye_distance, feather, region
from pipeline.forge.operation import Bits
from pipeline.forge.operations.self_blend import change_copy, misalign

LEAST_CHANGE = 1.0
"""Mean absolute difference in levels of 255 from which a part counts as edited: less is not to be seen."""
MORE = 1.6
"""Parts are moved and changed by so much more than whole faces: donors differ by more than a face from itself."""


def part_blend(subject: Subject, rng: np.random.Generator, strength: float) -> tuple[np.ndarray, Bits]:
    """Blend one to three parts of a face with changed copies of themselves.

    Args:
        subject: the face.
        rng: the only source of chance.
        strength: in [0, 1]; scales the change of colour, detail, place and size.

    Returns:
        (H, W, 3) uint8 RGB, and which of the four regions were touched.
    """
    unit, names = eye_distance(subject.landmarks), list(REGIONS)
    touched = [False] * 4
    rgb = subject.rgb
    for index in rng.permutation(4)[: rng.integers(1, 4)].tolist():
        copy, _ = change_copy(rgb, unit, rng, min(MORE * strength, 1.5))
        copy, _ = misalign(copy, subject, rng, MORE * strength)
        grow = float(rng.uniform(0.05, 0.22)) * unit
        mask = region(names[index], subject.landmarks, rgb.shape, grow)
        if rng.random() < 0.4:
            copy = poisson(rgb, copy, mask)
        blend = lay_over(rgb, copy, feather(mask, float(rng.uniform(0.3, 0.8)) * grow))
        touched[index] = bool(cv2.absdiff(blend, rgb)[mask > 0.5].mean() >= LEAST_CHANGE)
        rgb = blend
    return rgb, (touched[0], touched[1], touched[2], touched[3])
