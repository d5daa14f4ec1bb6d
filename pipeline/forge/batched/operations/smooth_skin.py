"""Skin smoothing, batched: the three ways and all parameters of `pipeline.forge.operations.smooth_skin`."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import for_some, lay_over
from pipeline.forge.batched.geometry import covered_parts
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur, box_mean
from pipeline.forge.batched.skin import skin
from pipeline.forge.operations.smooth_skin import (
    COVERED,
    FREQUENCY_TOLERANCE,
    GLOW,
    GRAIN_KEPT,
    RADIUS,
    TOLERANCE,
    WAYS,
)

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


def separate_frequencies(rgb: Tensor, radius: Tensor, tolerance: Tensor) -> Tensor:
    """Smooth (B, 3, H, W) RGB, but keep its finest grain."""
    fine = rgb - blur(rgb, (radius / 6).clamp(min=0.6)).round()
    smooth = guided_filter(rgb, radius, FREQUENCY_TOLERANCE * tolerance)
    return (smooth + GRAIN_KEPT * fine).round().clamp(0, 255)


FILTERS = {"bilateral": bilateral_filter, "frequency": separate_frequencies, "guided": guided_filter}


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Smooth the skin; `strength` is the share of the smoothed skin in the result, and widens the filter."""
    draws, names = crops.draws("smooth_skin"), sorted(WAYS)
    way = draws.whole("way", len(names))
    radius = (draws.uniform("radius", *RADIUS) * crops.unit * (0.5 + 0.5 * strength)).round().clamp(min=2)
    tolerance = draws.uniform("tolerance", *TOLERANCE) * (0.5 + 0.5 * strength)
    smooth = crops.pixels
    for number, name in enumerate(names):

        def work(some: Tensor, name: str = name) -> Tensor:
            return FILTERS[name](crops.pixels[some], radius[some], tolerance[some])

        smooth = for_some(way == number, smooth, work)
    glow = draws.uniform("glow", *GLOW) * strength
    whole = skin(crops)
    mask = whole * each(strength)
    layer = (smooth + each(glow)).round().clamp(0, 255)
    return lay_over(crops.pixels, layer, mask), mask, covered_parts(whole, crops, COVERED)


OPERATION = twin_of("smooth_skin", edit)
