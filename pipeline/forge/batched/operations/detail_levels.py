"""Skin smoothing by levels of detail, batched: the parameters of `pipeline.forge.operations.detail_levels`."""

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.colour import to_lab, to_rgb
from pipeline.forge.batched.filters import detail_levels
from pipeline.forge.batched.geometry import covered_parts
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.skin import skin
from pipeline.forge.operations.detail_levels import (
    CENTRE,
    COLOUR,
    COVERED,
    CRISP,
    EVERYTHING,
    FAINT,
    FINEST,
    LEAST_BLUR,
    LEAST_SKIN,
    LEVELS,
    OCTAVES,
    SHRUNK,
    TAKEN,
)


def gains(finest: Tensor, unit: Tensor, centre: Tensor, octaves: Tensor) -> Tensor:
    """Return the (B, LEVELS) shares of `TAKEN` by which levels are turned down: 0 for the finest."""
    size = (finest / unit)[:, None] * 2.0 ** (torch.arange(LEVELS, device=unit.device) - 0.5)
    shares = (1 - (size / centre[:, None]).log2().abs() / octaves[:, None]).clamp(0, 1)
    shares[:, 0] = 0
    return shares


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Turn the middle levels down; `strength` is the share of the result in the skin."""
    draws, unit, whole = crops.draws("detail_levels"), crops.unit, skin(crops)
    finest = (FINEST * unit).clamp(min=LEAST_BLUR)
    shares = gains(finest, unit, draws.uniform("centre", *CENTRE), draws.uniform("octaves", *OCTAVES))
    shares = shares * draws.uniform("taken", *TAKEN)[:, None]
    faint = torch.where(draws.chance("shrunk", SHRUNK), draws.uniform("faint", *FAINT), EVERYTHING)
    lab = to_lab(crops.pixels)
    levels, _ = detail_levels(lab, finest, LEVELS)
    taken = -each(draws.uniform("crisp", *CRISP)) * levels[0]
    for number in range(1, LEVELS):
        taken = taken + levels[number].clamp(-each(faint), each(faint)) * each(shares[:, number])
    colour = draws.chance("colour", COLOUR).float()
    smooth = lab - taken * torch.stack([torch.ones_like(colour), colour, colour], dim=1)[..., None, None]
    enough = whole.mean(dim=(1, 2, 3)) >= LEAST_SKIN
    mask = whole * each(strength * enough)
    return lay_over(crops.pixels, to_rgb(smooth), mask), mask, covered_parts(whole, crops, COVERED)


OPERATION = twin_of("detail_levels", edit)
