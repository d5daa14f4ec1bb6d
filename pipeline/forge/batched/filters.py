"""Filters that keep edges, and a picture's levels of detail, for a batch; see `pipeline.forge.geometry.filters`."""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.forge.batched.batch import each
from pipeline.forge.batched.separable import blur, box_mean

REACH = 4
"""The bilateral filter's window reaches so many pixels, as for single photos."""


def guided_filter(rgb: Tensor, radius: Tensor, tolerance: Tensor) -> Tensor:
    """Smooth (B, 3, H, W) RGB by itself over (B,) pixels; edges above (B,) tolerances in [0, 1] stay."""
    picture = rgb / 255
    mean = box_mean(picture, radius)
    variance = (box_mean(picture * picture, radius) - mean * mean).clamp(min=0)
    slope = variance / (variance + each(tolerance) ** 2)
    smooth = box_mean(slope, radius) * picture + box_mean(mean * (1 - slope), radius)
    return (smooth * 255).round().clamp(0, 255)


def bilateral_filter(rgb: Tensor, radius: Tensor, tolerance: Tensor) -> Tensor:
    """Smooth (B, 3, H, W) RGB twice by a small bilateral filter."""
    for _ in range(2):
        rgb = _bilateral(rgb, radius, 255 * tolerance * 2)
    return rgb


def _bilateral(rgb: Tensor, radius: Tensor, sigma: Tensor) -> Tensor:
    """Average what is near in place, by (B,) pixels, and in colour, by (B,) levels."""
    high, wide = rgb.shape[2:]
    around = F.pad(rgb, (REACH,) * 4, mode="reflect")
    total, weights = torch.zeros_like(rgb), torch.zeros_like(rgb[:, :1])
    for down in range(-REACH, REACH + 1):
        for across in range(-REACH, REACH + 1):
            far = math.hypot(down, across)
            if far > REACH:
                continue
            other = around[:, :, REACH + down : REACH + down + high, REACH + across : REACH + across + wide]
            unlike = (other - rgb).abs().sum(dim=1, keepdim=True)
            exponent = unlike**2 / (2 * each(sigma) ** 2) + far**2 / (2 * each(radius) ** 2)
            weight = torch.exp(-exponent) * each((far <= radius).float())
            total, weights = total + weight * other, weights + weight
    return (total / weights).round()


def detail_levels(pixels: Tensor, finest: Tensor, count: int) -> tuple[list[Tensor], Tensor]:
    """Part (B, C, H, W) into `count` levels of detail, the finest of (B,) pixels first, and what is coarser."""
    soft = [pixels, *(blur(pixels, finest * 2.0**step) for step in range(count))]
    return [fine - coarse for fine, coarse in pairwise(soft)], soft[-1]


def sharpen_edges(pixels: Tensor, sigma: Tensor, amount: Tensor, least: float, most: float) -> Tensor:
    """Sharpen (B, 3, H, W) by an unsharp mask of (B,) pixels and (B,) amounts that spares what is flat."""
    step = pixels - blur(pixels, sigma.clamp(min=0.3))
    return pixels + (each(amount) * (step - step.clamp(-least, least))).clamp(-most, most)
