"""Enhancer, batched: the parameters of `pipeline.forge.operations.enhancer`."""

from torch import Tensor

from pipeline.forge.batched.batch import Crops
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, swap_outline
from pipeline.forge.batched.remaking import enhance
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.operations.enhancer import FEATHER


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Enhance the inner face; more `strength` goes through a smaller size and sharpens more."""
    draws = crops.draws("enhancer")
    outline = swap_outline(crops, draws.whole("mask", len(SWAPS)))
    mask = feather(outline, draws.uniform("feather", *FEATHER) * crops.unit)
    layer = enhance(crops, draws, strength)
    return lay_over(crops.pixels, layer, mask), mask, covered_parts(mask, crops)


OPERATION = twin_of("enhancer", edit)
