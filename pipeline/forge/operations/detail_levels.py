"""Skin smoothing by levels of detail: the middle ones are turned down over the skin, the finest and coarsest stay.

It is what "contrast by detail levels" and the wavelet levels of RawTherapee do, and the detail filters of G'MIC: an
à trous pyramid (Shensa, IEEE Transactions on Signal Processing 1992; here of Gaussians), each level with a gain of its
own. Two ways: a level is scaled as a whole, or only what is faint in it goes, the wavelet shrinkage of Donoho and
Johnstone (Biometrika 1994), which keeps wrinkles and takes pores.
"""

import numpy as np

from pipeline.forge.geometry.blending import lay_over, to_lab, to_rgb
from pipeline.forge.geometry.filters import detail_levels
from pipeline.forge.geometry.masks import covered_regions, eye_distance, skin
from pipeline.forge.operation import Edit, Operation, Subject, leave_unchanged

FINEST = 0.006
"""Blur of the finest level in eye distances; what it takes stays. It is at least `LEAST_BLUR` pixels."""
LEAST_BLUR = 0.6
LEVELS = 6
"""Levels, each twice as coarse as the one before; what is coarser than all stays too."""
CENTRE, OCTAVES = (0.020, 0.050), (1.8, 2.6)
"""Detail that is turned down most, in eye distances, and how many octaves away from it nothing is."""
TAKEN = (0.65, 0.98)
"""Share of that detail that goes."""
FAINT = (1.5, 4.5)
"""Of a level that is shrunk, what goes: steps below so many LAB units."""
SHRUNK = 0.4
"""Share of edits whose levels are shrunk, not scaled."""
COLOUR = 0.5
"""Share of edits in which the levels of colour are turned down too, not of lightness alone."""
CRISP = (0.0, 0.4)
"""How much the finest level is raised: most tools' presets put back some bite."""
LEAST_SKIN = 0.05
"""Least share of the square around the face that must look like skin."""
COVERED = 0.5
"""Least share of a part that counts as edited."""
EVERYTHING = 1e3
"""More LAB units than any step has."""


def gains(finest: float, unit: float, centre: float, octaves: float) -> np.ndarray:
    """Return (LEVELS,) shares of `TAKEN` by which levels are turned down: 0 for the finest.

    Args:
        finest: blur of the finest level in pixels.
        unit: eye distance in pixels.
        centre: the detail that is turned down most, in eye distances.
        octaves: how far from it nothing is turned down.
    """
    size = finest * 2.0 ** (np.arange(LEVELS) - 0.5) / unit
    shares = np.clip(1 - np.abs(np.log2(size / centre)) / octaves, 0, 1)
    shares[0] = 0
    return shares


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Turn the middle levels down; `strength` is the share of the result in the skin."""
    unit, whole = eye_distance(subject.landmarks), skin(subject.rgb, subject.landmarks)
    if whole.mean() < LEAST_SKIN:
        return leave_unchanged(subject, "too little bare skin")
    finest = max(LEAST_BLUR, FINEST * unit)
    shares = gains(finest, unit, float(rng.uniform(*CENTRE)), float(rng.uniform(*OCTAVES))) * rng.uniform(*TAKEN)
    faint = float(rng.uniform(*FAINT)) if rng.random() < SHRUNK else EVERYTHING
    crisp, colour = float(rng.uniform(*CRISP)), bool(rng.random() < COLOUR)
    lab = to_lab(subject.rgb)
    levels, _ = detail_levels(lab, finest, LEVELS)
    taken = -crisp * levels[0]
    for level, share in zip(levels[1:], shares[1:], strict=True):
        taken = taken + np.clip(level, -faint, faint) * np.float32(share)
    smooth = lab - taken * np.array([1, colour, colour], np.float32)
    mask = whole * np.float32(strength)
    step = {"taken": [round(float(share), 3) for share in shares], "colour": colour, "crisp": round(crisp, 3)}
    way = {"way": "shrunk", "below": round(faint, 2)} if faint < EVERYTHING else {"way": "scaled"}
    bits = covered_regions(whole, subject.landmarks, COVERED)
    rgb = lay_over(subject.rgb, to_rgb(smooth), mask)
    return Edit(rgb, mask, bits, ({**way, "finest_px": round(finest, 2), **step, "strength": strength},))


OPERATION = Operation("detail_levels", "facetune", "retouch", False, edit, since=2)
