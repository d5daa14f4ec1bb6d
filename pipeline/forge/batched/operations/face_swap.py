"""Face swap, batched: the parameters and refusals of `pipeline.forge.operations.face_swap`."""

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import cloned_where, lay_over
from pipeline.forge.batched.colour import colour_gap, match_moments
from pipeline.forge.batched.donors import fit
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.swapping import bent_over, fitting, repaint, swap_mask
from pipeline.forge.batched.warping import folded_share
from pipeline.forge.geometry.donors import LARGEST_TURN
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
    layer, places = bent_over(lenders, crops)
    mask = swap_mask(crops, lenders, draws.whole("mask", len(SWAPS)), WIDER)
    inside = mask > 0.5
    usable = fitting(crops, lenders, LARGEST_TURN, LEAST_BARE) & (folded_share(places, mask) <= LARGEST_FOLD)
    gap = colour_gap(layer, crops.pixels, inside).abs()
    usable &= (gap <= torch.tensor(LARGEST_GAP, device=gap.device)).all(dim=1)
    layer = match_moments(layer, crops.pixels, inside, draws.uniform("matched", *MATCHED))
    layer = repaint(layer, crops, draws, strength, (FACE_SIDE, BLUR, NOISE))
    alpha = feather(mask, draws.uniform("feather", *FEATHER) * crops.unit) * each(usable.float())
    wanted = usable & draws.chance("poisson", BY_POISSON)
    layer = cloned_where(wanted, crops.pixels, layer, (mask, alpha), POISSON_DRIFT)
    return lay_over(crops.pixels, layer, alpha), alpha, covered_parts(alpha, crops)


OPERATION = twin_of("face_swap", edit)
