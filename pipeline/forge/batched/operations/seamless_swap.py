"""Seamless swap, batched: the parameters and refusals of `pipeline.forge.operations.seamless_swap`."""

import torch
from torch import Tensor

from pipeline.face import LIPS
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import drift, lay_over, poisson
from pipeline.forge.batched.colour import colour_gap, match_moments, moments_in, to_lab
from pipeline.forge.batched.donors import fit, side_light, wear_glasses
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, hull, swap_outline
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.skin import bare_share
from pipeline.forge.batched.swapping import bent_over, fitting, repaint, swap_mask
from pipeline.forge.batched.warping import folded_share
from pipeline.forge.geometry.masks import EYES
from pipeline.forge.operations.seamless_swap import (
    BLUR,
    CONTRASTS,
    FACE_SIDE,
    FEATHER,
    KEPT,
    LARGEST_DRIFT,
    LARGEST_FOLD,
    LARGEST_GAP,
    LARGEST_SCALE,
    LARGEST_SIDE_LIGHT,
    LARGEST_TURN,
    LEAST_BARE,
    MARGIN,
    MATCHED,
    NOISE,
    OUTLINES,
    WIDER,
)


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Swap the face; more `strength` lowers the resolution of what is swapped in. The swap itself is whole."""
    draws, lenders = crops.draws("seamless_swap"), fit(donors, crops)
    layer, places = bent_over(lenders, crops)
    outlines = torch.tensor([SWAPS.index(name) for name in OUTLINES], device=places.device)
    mask = swap_mask(crops, lenders, outlines[draws.whole("mask", len(OUTLINES))], WIDER)
    inside = mask > 0.5
    usable = _alike(crops, lenders) & (folded_share(places, mask) <= LARGEST_FOLD) & _like(crops, layer, inside)
    layer = match_moments(layer, crops.pixels, inside, draws.uniform("matched", *MATCHED))
    layer = repaint(layer, crops, draws, strength, (FACE_SIDE, BLUR, NOISE))
    mask = mask * (1 - own_parts(crops, draws)) * each(usable.float())
    alpha = feather(mask, draws.uniform("feather", *FEATHER) * crops.unit)
    cloned = poisson(crops.pixels, layer, mask)
    alpha = alpha * each((drift(cloned, layer, alpha > 0.5) <= LARGEST_DRIFT).float())
    return lay_over(crops.pixels, cloned, alpha), alpha, covered_parts(alpha, crops)


def _alike(crops: Crops, donors: Crops) -> Tensor:
    """Tell which pairs of faces are alike enough, (B,) bool; see the single-photo operation's refusals."""
    alike = fitting(crops, donors, LARGEST_TURN, LEAST_BARE) & (crops.unit <= LARGEST_SCALE * donors.unit)
    lower = swap_outline(crops, torch.full_like(crops.seeds, SWAPS.index("lower oval")))
    alike &= ~wear_glasses(crops) & ~wear_glasses(donors) & (bare_share(crops, lower) >= LEAST_BARE)
    return alike & ((side_light(crops) - side_light(donors)).abs() <= LARGEST_SIDE_LIGHT)


def _like(crops: Crops, layer: Tensor, inside: Tensor) -> Tensor:
    """Tell whose layer's colours can pass for the face's own within a (B, 1, H, W) bool mask: (B,) bool."""
    gap = colour_gap(layer, crops.pixels, inside).abs()
    own, other = (moments_in(to_lab(rgb)[:, :1], inside)[1].flatten() for rgb in (crops.pixels, layer))
    contrast = other / own.clamp(min=1e-3)
    close = (gap <= torch.tensor(LARGEST_GAP, device=gap.device)).all(dim=1)
    return close & (contrast > CONTRASTS[0]) & (contrast < CONTRASTS[1])


def own_parts(crops: Crops, draws: Draws) -> Tensor:
    """Return where the crops' own pixels stay, (B, 1, H, W): around the mouth in some, around the eyes in some."""
    own = torch.zeros_like(crops.pixels[:, :1])
    known = zip(("mouth", "eyes"), KEPT, ((LIPS,), EYES), MARGIN, strict=True)
    for name, share, parts, margin in known:
        stays = each(draws.chance(name, share).float())
        for part in parts:
            own = torch.maximum(own, hull(crops, part, margin * crops.unit) * stays)
    return own


OPERATION = twin_of("seamless_swap", edit)
