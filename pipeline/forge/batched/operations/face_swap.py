"""Face swap, batched: the parameters and refusals of `pipeline.forge.operations.face_swap`.

The donor's face is bent smoothly through the landmarks of the single-photo operation's mesh, in place of that mesh's
flat triangles; see `pipeline.forge.batched.warping.bend`.
"""

import torch
from torch import Tensor

from pipeline.face import OVAL
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import cloned_where, lay_over
from pipeline.forge.batched.colour import colour_gap, match_moments
from pipeline.forge.batched.donors import fit, look_apart
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, hull, soften, swap_outline
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur, low_pass
from pipeline.forge.batched.skin import bare_share, likeness
from pipeline.forge.batched.warping import bend, folded_share, read_at
from pipeline.forge.geometry.masks import BROWS, INNER_LIPS
from pipeline.forge.geometry.swap_masks import LOWER_OVAL
from pipeline.forge.geometry.warping import MESH
from pipeline.forge.operations.face_swap import (
    BLUR,
    BY_POISSON,
    FACE_SIDE,
    FEATHER,
    LARGEST_FOLD,
    LARGEST_GAP,
    LEAST_BARE,
    MATCHED,
    NOISE,
    POISSON_DRIFT,
    WIDER,
)


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Swap the inner face; more `strength` lowers the resolution of what is swapped in. The swap itself is whole."""
    draws, lenders = crops.draws("face_swap"), fit(donors, crops)
    places = bend(lenders.landmarks[:, list(MESH)], crops.landmarks[:, list(MESH)], crops.unit, crops.shape)
    layer = read_at(lenders.pixels, places).round().clamp(0, 255)
    mask = _mask(crops, lenders, draws.whole("mask", len(SWAPS)))
    inside = mask > 0.5
    usable = _fits(crops, lenders) & (folded_share(places, mask) <= LARGEST_FOLD)
    gap = colour_gap(layer, crops.pixels, inside).abs()
    usable &= (gap <= torch.tensor(LARGEST_GAP, device=gap.device)).all(dim=1)
    layer = match_moments(layer, crops.pixels, inside, draws.uniform("matched", *MATCHED))
    layer = _resynthesise(layer, crops, draws, strength)
    alpha = feather(mask, draws.uniform("feather", *FEATHER) * crops.unit) * each(usable.float())
    wanted = usable & draws.chance("poisson", BY_POISSON)
    layer = cloned_where(wanted, crops.pixels, layer, (mask, alpha), POISSON_DRIFT)
    return lay_over(crops.pixels, layer, alpha), alpha, covered_parts(alpha, crops)


def _fits(crops: Crops, donors: Crops) -> Tensor:
    """Tell which donors' faces can be laid on the crops' well, (B,) bool."""
    points = donors.landmarks[:, list(MESH)]
    limits = torch.tensor([donors.shape[1], donors.shape[0]], device=points.device)
    whole = ((points >= -1) & (points <= limits)).flatten(1).all(dim=1)
    lower = swap_outline(donors, torch.full_like(donors.seeds, SWAPS.index("lower oval")))
    return whole & ~look_apart(crops, donors) & (bare_share(donors, lower) >= LEAST_BARE)


def _mask(crops: Crops, donors: Crops, chosen: Tensor) -> Tensor:
    """Return the hard mask of the swap, within the oval, without a mouth's inside that the donor cannot show."""
    mask = swap_outline(crops, chosen) * hull(crops, OVAL, -1.0)
    below = hull(crops, (*BROWS[0], *BROWS[1], *LOWER_OVAL))
    mask = mask * torch.maximum(below, (likeness(crops) > 0.4).float())
    wider = _open(crops) > _open(donors) + WIDER
    mouth = soften(hull(crops, INNER_LIPS), 0.015 * crops.unit)
    return torch.where(each(wider), mask * (1 - mouth), mask)


def _open(crops: Crops) -> Tensor:
    """Return how far the lips are apart, in eye distances: (B,)."""
    return (crops.landmarks[:, 14] - crops.landmarks[:, 13]).norm(dim=1) / crops.unit


def _resynthesise(layer: Tensor, crops: Crops, draws: Draws, strength: Tensor) -> Tensor:
    """Take a layer to a swap network's resolution and back, then blur and grain it a little."""
    side = draws.logarithmic("side", *FACE_SIDE) / (0.5 + 0.5 * strength)
    blurred = blur(low_pass(layer, (side / crops.size).clamp(max=1)), draws.uniform("blur", *BLUR)).round()
    noise = draws.grain("grain", *crops.shape) * each(draws.uniform("noise", *NOISE))
    return (blurred + noise).round().clamp(0, 255)


OPERATION = twin_of("face_swap", edit)
