"""Skin smoothing, batched: the three ways and all parameters of `pipeline.forge.operations.smooth_skin`."""

from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import for_some, lay_over
from pipeline.forge.batched.filters import bilateral_filter, guided_filter
from pipeline.forge.batched.geometry import covered_parts
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur
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
