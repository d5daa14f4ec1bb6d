"""Baseline JPEG on the device: what a picture is after encoding and decoding, each sample at its own quality.

ITU-T T.81 with the quantisation tables of its annex K, scaled by quality and rounded as libjpeg (IJG) does, whose
rounding is followed throughout; entropy coding loses nothing and is left out.
"""

import torch
from torch import Tensor

from pipeline.forge.batched.colour import from_ycc, to_ycc
from pipeline.forge.batched.containers.blocks import doubled, halved, padded, restore, rounded, transform

BLOCK = 8
LIGHT = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55), (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62), (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
"""Table K.1, of luminance."""
COLOUR = (
    (17, 18, 24, 47, 99, 99, 99, 99), (18, 21, 26, 66, 99, 99, 99, 99), (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99), *((99,) * 8,) * 4,
)  # fmt: skip
"""Table K.2, of chrominance."""


def tables(base: tuple[tuple[int, ...], ...], quality: Tensor) -> Tensor:
    """Return the (B, 8, 8) steps at (B,) qualities from 1 to 100: `jpeg_quality_scaling` and its 8-bit clipping."""
    scale = torch.where(quality < 50, (5000 / quality).floor(), 200 - 2 * quality)
    table = torch.tensor(base, device=quality.device, dtype=torch.float32)
    return ((table * scale[:, None, None] + 50) / 100).floor().clamp(1, 255)


def jpeg(pixels: Tensor, quality: Tensor | int, full_chroma: Tensor | bool = False) -> Tensor:
    """Encode RGB as JPEG and decode it again.

    Args:
        pixels: (B, 3, H, W) RGB from 0 to 255, whole levels.
        quality: (B,) or one for all, 1 to 100, rounded; as IJG counts.
        full_chroma: (B,) bool or one for all: 4:4:4, else 4:2:0.

    Returns:
        (B, 3, H, W) float32, whole levels.
    """
    count, device = len(pixels), pixels.device
    qualities = torch.as_tensor(quality, device=device).expand(count).float().round().clamp(1, 100)
    full = torch.as_tensor(full_chroma, device=device).expand(count)
    high, wide = pixels.shape[2:]
    light, *colours = to_ycc(pixels.float()).unbind(1)
    steps = tables(COLOUR, qualities)
    planes = [_coded(light, tables(LIGHT, qualities))]
    for plane in colours:
        whole = _coded(plane, steps) if bool(full.any()) else plane
        half = plane
        if not bool(full.all()):
            small = _coded(halved(padded(plane, 2 * BLOCK)), steps)
            half = doubled(small[:, : (high + 1) // 2, : (wide + 1) // 2])[:, :high, :wide]
        planes.append(torch.where(full[:, None, None], whole, half))
    return from_ycc(torch.stack(planes, dim=1))


def _coded(plane: Tensor, steps: Tensor) -> Tensor:
    """Take a (B, H, W) plane through transform and quantisation by (B, 8, 8) steps and back."""
    high, wide = plane.shape[1:]
    step = steps[:, None, :, None]
    levels = rounded(transform(padded(plane, BLOCK) - 128, BLOCK) / step) * step
    return (restore(levels) + 128).round().clamp(0, 255)[:, :high, :wide]
