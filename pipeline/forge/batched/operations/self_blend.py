"""Self-blended images, batched: the parameters of `pipeline.forge.operations.self_blend`."""

from collections.abc import Callable

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import for_some, lay_over
from pipeline.forge.batched.colour import shift_colours
from pipeline.forge.batched.containers.jpeg import jpeg
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import SWAPS, covered_parts, soften, swap_outline
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur, low_pass
from pipeline.forge.batched.warping import displace, elastic, grid_of, jitter, read_at, warp
from pipeline.forge.operations.self_blend import (
    AMOUNT,
    BEND,
    CONTRAST,
    FIRST_BLUR,
    LAB,
    MASK_BEND,
    RATIOS,
    SCALE,
    SECOND_BLUR,
    SHIFT,
    SHRINKAGE,
    WAYS,
)


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Blend the face with a changed copy; `strength` scales colour shift, misalignment and loss of detail."""
    draws = crops.draws("self_blend")
    copy = misalign(change_copy(crops, draws, strength), draws, strength).pixels
    ratio = crops.unit.new_tensor(RATIOS)[draws.whole("ratio", len(RATIOS))]
    whole = _deform(swap_outline(crops, draws.whole("mask", len(SWAPS))), crops, draws)
    mask = whole * each(ratio)
    return lay_over(crops.pixels, copy, mask), mask, covered_parts(whole, crops)


def change_copy(crops: Crops, draws: Draws, strength: Tensor) -> Crops:
    """Shift the colours of crops. Then sharpen, blur, shrink or recompress each."""
    shift = draws.uniform("lab", -1, 1, 3) * crops.unit.new_tensor(LAB) * strength[:, None]
    gain = 1 + draws.uniform("contrast", -CONTRAST, CONTRAST) * strength
    copy = shift_colours(((crops.pixels - 128) * each(gain) + 128).round().clamp(0, 255), shift)
    way, amount = draws.whole("way", len(WAYS)), draws.uniform("amount", *AMOUNT) * strength
    sigma = (0.4 + 0.8 * amount) * (crops.unit / 80).clamp(min=0.6)
    filters: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "blur": lambda rgb, some: blur(rgb, sigma[some]).round(),
        "jpeg": lambda rgb, some: jpeg(rgb, (90 - 50 * amount[some]).round()),
        "sharpen": lambda rgb, some: _sharpened(rgb, 0.9 * amount[some]),
        "shrink": lambda rgb, some: low_pass(rgb, 1 / (1 + 2.5 * amount[some])),
    }
    before = draws.facing(copy)  # an encoder's blocks have a side
    copy = before
    for number, name in enumerate(WAYS):

        def work(some: Tensor, name: str = name) -> Tensor:
            return filters[name](before[some], some)

        copy = for_some(way == number, copy, work)
    copy = draws.facing(copy)
    return crops.showing(copy)


def _sharpened(rgb: Tensor, amount: Tensor) -> Tensor:
    soft = blur(rgb, torch.full_like(amount, 1.2)).round()
    return (rgb + (rgb - soft) * each(amount)).round().clamp(0, 255)


def misalign(crops: Crops, draws: Draws, strength: Tensor) -> Crops:
    """Move, scale and bend crops a little against themselves."""
    unit = crops.unit
    scale = 1 + draws.uniform("scale", -SCALE, SCALE) * strength
    shift = torch.stack([draws.sideways("across", SHIFT[0]), draws.uniform("down", -SHIFT[1], SHIFT[1])], dim=1)
    still = torch.eye(2, 3, device=unit.device).expand(len(crops), -1, -1)
    matrix = jitter(
        still, crops.landmarks.mean(dim=1), scale, torch.zeros_like(scale), shift * (unit * strength)[:, None]
    )
    bend = elastic(crops.shape, draws, "bend", BEND[0] * unit, BEND[1] * unit * strength)
    return crops.showing(displace(warp(crops.pixels, matrix), bend))


def _deform(mask: Tensor, crops: Crops, draws: Draws) -> Tensor:
    """Bend a (B, 1, H, W) mask, then blur it twice with a random shrinkage between."""
    unit = crops.unit
    bend = elastic(crops.shape, draws, "mask bend", MASK_BEND[0] * unit, MASK_BEND[1] * unit)
    bent = read_at(mask, grid_of(crops.shape, unit.device) + bend.permute(0, 2, 3, 1), "bilinear")
    soft = soften(bent, draws.uniform("first blur", *FIRST_BLUR) * unit)
    soft = ((soft - each(draws.uniform("shrinkage", *SHRINKAGE))) * 2).clamp(0, 1)
    return soften(soft, draws.uniform("second blur", *SECOND_BLUR) * unit)


OPERATION = twin_of("self_blend", edit)
