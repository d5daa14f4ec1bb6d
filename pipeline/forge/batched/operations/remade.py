"""Re-made, batched: the ways and parameters of `pipeline.forge.operations.remade`, over the whole crop."""

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import for_some
from pipeline.forge.batched.colour import shift_colours
from pipeline.forge.batched.geometry import covered_parts
from pipeline.forge.batched.remaking import WAYS
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.operations.remade import CONTRAST, LAB


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Make all of it again; `strength` is that of the way, and scales the drift of colours."""
    draws, made = crops.draws("remade"), crops.pixels
    way = draws.whole("way", len(WAYS))
    for number, name in enumerate(sorted(WAYS)):

        def work(some: Tensor, name: str = name) -> Tensor:
            part = crops.at(some)
            return WAYS[name](part, part.draws("remade"), strength[some])

        made = for_some(way == number, made, work)
    lab = draws.uniform("lab", -1, 1, 3) * crops.unit.new_tensor(LAB) * strength[:, None]
    gain = 1 + draws.uniform("contrast", -CONTRAST, CONTRAST) * strength
    rgb = shift_colours(((made - 128) * each(gain) + 128).round().clamp(0, 255), lab)
    mask = torch.ones_like(rgb[:, :1])
    return rgb, mask, covered_parts(mask, crops)


OPERATION = twin_of("remade", edit)
