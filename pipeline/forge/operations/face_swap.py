"""Face swap: the donor's inner face on the subject's head, with the softness that swap networks leave.

Landmark-driven piecewise-affine warping and blending is the classic swap (Bitouk et al., SIGGRAPH 2008; FaceSwap in
FaceForensics++, Rössler et al., ICCV 2019). Swap networks work at 64 to 256 px, so the result is made low-resolution
inside the mask, the trace that Li and Lyu (CVPR workshops 2019) train on.
"""

import numpy as np

from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import colour_gap, drift, lay_over, match_moments, poisson
from pipeline.forge.geometry.donors import LARGEST_TURN
from pipeline.forge.geometry.masks import covered_regions, eye_distance, feather
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.geometry.swapping import misfit, repaint, swap_mask
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
    reason = misfit(subject, donor, LARGEST_TURN, LARGEST_FOLD, LEAST_BARE)
    if reason:
        return leave_unchanged(subject, reason)
    layer = warping.warp_mesh(donor.rgb, donor.landmarks, subject.landmarks, subject.rgb.shape)
    name = str(rng.choice(sorted(MASKS)))
    mask = swap_mask(subject, donor, name, WIDER)
    inside = mask > 0.5
    if (np.abs(colour_gap(layer, subject.rgb, inside)) > LARGEST_GAP).any():
        return leave_unchanged(subject, "the donor's skin or light differs too much")
    layer = match_moments(layer, subject.rgb, inside, float(rng.uniform(*MATCHED)))
    layer, steps = repaint(layer, subject.landmarks, rng, strength, (FACE_SIDE, BLUR, NOISE))
    rgb, alpha, blend = _blend(subject, layer, mask, rng)
    step = {"mask": name, "blend": blend, **steps}
    return Edit(rgb, alpha, covered_regions(alpha, subject.landmarks), (step,))


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
