"""Making pictures again as networks do, for a batch: the ways and parameters of `pipeline.forge.geometry.remaking`."""

import math

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.filters import bilateral_filter, guided_filter, sharpen_edges
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, swap_outline
from pipeline.forge.batched.scan import Work
from pipeline.forge.batched.separable import blur, low_pass
from pipeline.forge.geometry.remaking import (
    BAND,
    COLOURED,
    CRISP,
    DENOISED,
    FACE_SIDE,
    FLAT,
    GRAIN,
    HALO,
    LARGEST_FACTOR,
    LAST,
    NOISE,
    RESTORED,
    ROUNDS,
    SMOOTHED,
)


def enhance(crops: Crops, draws: Draws, strength: Tensor) -> Tensor:
    """Make crops again as a face restorer does; more `strength` goes through a smaller size: (B, 3, H, W)."""
    side = draws.logarithmic("side", *FACE_SIDE) / (0.5 + 0.5 * strength)
    factor = (side / crops.size).clamp(max=LARGEST_FACTOR)
    tolerance = draws.uniform("tolerance", *SMOOTHED) * (0.5 + 0.5 * strength)
    smooth = guided_filter(low_pass(crops.pixels, factor), (1.5 / factor).round().clamp(min=2), tolerance)
    sharp = sharpen_edges(smooth, 0.7 / factor, draws.uniform("crisp", *CRISP) * strength, FLAT, HALO)
    noise = draws.grain("grain", *crops.shape) * each(draws.uniform("noise", *GRAIN))
    return (sharp + noise).round().clamp(0, 255)


def diffuse(crops: Crops, draws: Draws, strength: Tensor) -> Tensor:
    """Make crops again as image-to-image diffusion does; more `strength` adds more noise: (B, 3, H, W)."""
    rounds = ROUNDS[0] + draws.whole("rounds", ROUNDS[1] - ROUNDS[0])
    level = draws.uniform("level", *NOISE) * strength
    size = (draws.uniform("size", *BAND) * crops.unit).clamp(min=0.7)
    tolerance = draws.uniform("tolerance", *DENOISED) * level / 255
    made = crops.pixels
    for number in range(ROUNDS[1] - 1):
        spread = level * (1 + (LAST - 1) * number / (rounds - 1))
        noise = noise_in_band(draws.below(f"round {number}"), crops.shape, size)
        noisy = (made + each(spread) * noise).round().clamp(0, 255)
        again = bilateral_filter(noisy, (2 * size).round().clamp(min=2), tolerance)
        made = torch.where(each(number < rounds), again, made)
    crisp = draws.uniform("crisp", *RESTORED) * strength
    return sharpen_edges(made, size, crisp, FLAT, HALO).round().clamp(0, 255)


def lay_on_face(crops: Crops, layer: Tensor, draws: Draws, edge: tuple[float, float]) -> Work:
    """Blend (B, 3, H, W) that was made again into the inner face; `edge` is the soft rim's range in eye distances."""
    outline = swap_outline(crops, draws.whole("mask", len(SWAPS)))
    mask = feather(outline, draws.uniform("feather", *edge) * crops.unit)
    return lay_over(crops.pixels, layer, mask), mask, covered_parts(mask, crops)


def noise_in_band(draws: Draws, shape: tuple[int, int], size: Tensor) -> Tensor:
    """Return (B, 3, H, W) noise of spread 1 that is finer than twice (B,) pixels and coarser than once."""
    white = torch.cat([draws.grain(name, *shape) for name in ("light", "red", "green", "blue")], dim=1)
    spread = (1 / (4 * math.pi * size**2) * (1 + 1 / 4 - 4 / 5)).sqrt()
    band = (blur(white, size) - blur(white, 2 * size)) / each(spread)
    return band[:, :1] + COLOURED * band[:, 1:]


WAYS = {"diffuse": diffuse, "enhance": enhance}
