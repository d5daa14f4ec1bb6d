"""Seamless swap: a face swap whose seam hardly shows, as trained tools leave it where all fits.

The face from brows to chin is cloned by its gradients (Pérez et al., SIGGRAPH 2003) after its colours were moved to the
subject's in LAB (Reinhard et al., IEEE CG&A 2001), in nearly full resolution; DeepFaceLab (Perov et al., 2020) blends
so by choice. Only a donor of like pose, tone, contrast and light is taken: a face swap takes nearly all that it gets.
In some the subject's own mouth or eyes stay, as reenactment and "mouth masks" leave them (Thies et al., CVPR 2016, turn
it round and change the mouth alone).
"""

import numpy as np

from pipeline.face import LIPS
from pipeline.forge.geometry import warping
from pipeline.forge.geometry.blending import colour_gap, drift, lay_over, match_moments, poisson, to_lab
from pipeline.forge.geometry.donors import side_light, wears_glasses
from pipeline.forge.geometry.masks import EYES, bare_share, covered_regions, eye_distance, feather, hull
from pipeline.forge.geometry.swap_masks import MASKS
from pipeline.forge.geometry.swapping import misfit, repaint, swap_mask
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

OUTLINES = ("lower oval", "to chin")
"""Of `MASKS`: from the brows to the chin, with and without the cheeks' rims."""
LARGEST_TURN = (0.10, 0.09)
"""Largest difference of the yaw and pitch proxies."""
LARGEST_FOLD = 0.05
"""Largest share of the mesh that may turn over."""
LARGEST_GAP = np.array([14.0, 8.0, 9.0])
"""Largest LAB difference between the two skins."""
CONTRASTS = (0.6, 1.7)
"""Between these the spread of lightness over the donor's face may lie, over the subject's."""
LARGEST_SIDE_LIGHT = 14.0
"""Largest difference of how much lighter one cheek is than the other, in LAB units."""
LEAST_BARE = 0.82
"""Least share of both faces' cheeks, nose and chin that must look like skin."""
LARGEST_SCALE = 1.35
"""How much the donor's face may be enlarged."""
LARGEST_DRIFT = 7.5
"""Largest drift of the swapped colours by the cloning."""

MATCHED = (0.9, 1.0)
"""Share of the way from the donor's colours to the subject's."""
FACE_SIDE = (160.0, 384.0)
"""Pixels at which the face is painted, at half of all strength; evenly by the logarithm."""
BLUR, NOISE = (0.0, 0.4), (0.0, 1.5)
"""Blur in pixels, and the spread of grain in levels."""
FEATHER = (0.04, 0.10)
"""Width of the soft edge in eye distances."""
WIDER = 0.06
"""How much wider than the donor's a mouth may stand open, in eye distances, before its inside stays."""
KEPT = (0.30, 0.20)
"""Share of swaps that keep the subject's mouth, and of those that keep its eyes."""
MARGIN = (0.10, 0.14)
"""How far around lips and lids the subject's own pixels stay, in eye distances."""


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Swap the face; more `strength` lowers the resolution of what is swapped in. The swap itself is whole."""
    assert donor is not None
    reason = _refusal(subject, donor)
    if reason:
        return leave_unchanged(subject, reason)
    layer = warping.warp_mesh(donor.rgb, donor.landmarks, subject.landmarks, subject.rgb.shape)
    name, kept = str(rng.choice(OUTLINES)), [bool(rng.random() < share) for share in KEPT]
    mask = swap_mask(subject, donor, name, WIDER)
    reason = _unlike(subject, layer, mask > 0.5)
    if reason:
        return leave_unchanged(subject, reason)
    layer = match_moments(layer, subject.rgb, mask > 0.5, float(rng.uniform(*MATCHED)))
    layer, steps = repaint(layer, subject.landmarks, rng, strength, (FACE_SIDE, BLUR, NOISE))
    mask = mask * (1 - own_parts(subject, kept))
    alpha = feather(mask, float(rng.uniform(*FEATHER)) * eye_distance(subject.landmarks))
    cloned = poisson(subject.rgb, layer, mask)
    if not alpha.any():
        return leave_unchanged(subject, "nothing of the donor's would be left")
    if drift(cloned, layer, alpha > 0.5) > LARGEST_DRIFT:
        return leave_unchanged(subject, "the seam would carry a foreign colour into the face")
    step = {"mask": name, "kept": [part for part, own in zip(("mouth", "eyes"), kept, strict=True) if own], **steps}
    return Edit(lay_over(subject.rgb, cloned, alpha), alpha, covered_regions(alpha, subject.landmarks), (step,))


def _refusal(subject: Subject, donor: Subject) -> str:
    """Say why the two faces are too unlike; empty where they are not."""
    reason = misfit(subject, donor, LARGEST_TURN, LARGEST_FOLD, LEAST_BARE)
    if reason:
        return reason
    if eye_distance(subject.landmarks) > LARGEST_SCALE * eye_distance(donor.landmarks):
        return "the donor is too small"
    if wears_glasses(subject) or wears_glasses(donor):
        return "one of the two seems to wear glasses"
    lower = MASKS["lower oval"](subject.landmarks, subject.rgb.shape)
    if bare_share(subject.rgb, subject.landmarks, lower) < LEAST_BARE:
        return "hair, a beard, a frame or a hard shadow covers the face"
    if abs(side_light(subject) - side_light(donor)) > LARGEST_SIDE_LIGHT:
        return "the light falls from another side"
    return ""


def _unlike(subject: Subject, layer: np.ndarray, where: np.ndarray) -> str:
    """Say why a layer's colours cannot pass for the subject's within a bool mask; empty where they can."""
    if not where.any():
        return "the face lies outside the photo"
    if (np.abs(colour_gap(layer, subject.rgb, where)) > LARGEST_GAP).any():
        return "the donor's skin or light differs too much"
    own, other = (to_lab(rgb[where][None])[..., 0].std() for rgb in (subject.rgb, layer))
    if not CONTRASTS[0] < other / max(float(own), 1e-3) < CONTRASTS[1]:
        return "the donor's light is harder, or softer"
    return ""


def own_parts(subject: Subject, kept: list[bool]) -> np.ndarray:
    """Return where the subject's own pixels stay, (H, W) float32.

    Args:
        subject: the face.
        kept: whether its mouth, and whether its eyes do.
    """
    unit, shape = eye_distance(subject.landmarks), subject.rgb.shape
    own = np.zeros(shape[:2], np.float32)
    for stays, parts, margin in zip(kept, ((LIPS,), EYES), MARGIN, strict=True):
        for part in parts if stays else ():
            own = np.maximum(own, hull(subject.landmarks[list(part)], shape, margin * unit))
    return own


OPERATION = Operation("seamless_swap", "deepfake", "face swap", True, edit, since=2)
