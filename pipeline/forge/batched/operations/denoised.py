"""Denoised, batched: the parameters of `pipeline.forge.operations.denoised`."""

from torch import Tensor

from pipeline.forge.batched.batch import Crops
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, swap_outline
from pipeline.forge.batched.remaking import diffuse
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.operations.denoised import FEATHER


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Make the inner face's texture again; more `strength` adds more noise, and takes more out."""
    draws = crops.draws("denoised")
    outline = swap_outline(crops, draws.whole("mask", len(SWAPS)))
    mask = feather(outline, draws.uniform("feather", *FEATHER) * crops.unit)
    layer = diffuse(crops, draws, strength)
    return lay_over(crops.pixels, layer, mask), mask, covered_parts(mask, crops)


OPERATION = twin_of("denoised", edit)
