"""Low-resolution re-synthesis, batched: the parameters of `pipeline.forge.operations.resynthesis`."""

from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.colour import shift_colours
from pipeline.forge.batched.containers.jpeg import jpeg
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, swap_outline
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur, low_pass
from pipeline.forge.batched.warping import displace, elastic
from pipeline.forge.operations.resynthesis import BEND, BLUR, FACE_SIDE, FEATHER, LAB, NOISE, QUALITY


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Repaint the inner face at a small size; more `strength` makes that size smaller."""
    draws, unit = crops.draws("resynthesis"), crops.unit
    side = draws.logarithmic("side", *FACE_SIDE) / (0.5 + 0.5 * strength)
    quality = QUALITY[0] + draws.whole("quality", QUALITY[1] - QUALITY[0])
    layer = low_pass(crops.pixels, (side / crops.size).clamp(max=0.8))
    layer = draws.facing(jpeg(draws.facing(layer), quality))
    layer = blur(layer, draws.uniform("blur", *BLUR)).round()
    layer = displace(layer, elastic(crops.shape, draws, "bend", BEND[0] * unit, BEND[1] * unit))
    lab = draws.uniform("lab", -1, 1, 3) * unit.new_tensor(LAB) * strength[:, None]
    noise = draws.uniform("noise", *NOISE) * strength
    layer = shift_colours(layer, lab) + draws.grain("grain", *crops.shape) * each(noise)
    outline = swap_outline(crops, draws.whole("mask", len(SWAPS)))
    mask = feather(outline, draws.uniform("feather", *FEATHER) * unit)
    return lay_over(crops.pixels, layer.round().clamp(0, 255), mask), mask, covered_parts(mask, crops)


OPERATION = twin_of("resynthesis", edit)
