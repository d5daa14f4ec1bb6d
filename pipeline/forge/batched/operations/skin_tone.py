"""Skin tone, batched: the tones and parameters of `pipeline.forge.operations.skin_tone`.

The outline that is drawn up into the forehead is here the hull of the raised oval, which is nearly convex itself.
"""

import torch
from torch import Tensor

from pipeline.face import OVAL
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.colour import to_lab, to_rgb
from pipeline.forge.batched.geometry import RIM, covered_parts, feather, hull_distance, oval, soften, tight_features
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.skin import likeness, skin
from pipeline.forge.operations.skin_tone import (
    BRIDGE,
    CHIN,
    COVERED,
    EVENED_COLOUR,
    EVENED_LIGHT,
    FINE_PATCH,
    FOREHEAD,
    LARGEST_PATCH,
    LEAST_SKIN,
    SIZE,
    TONES,
    WIDE_PATCH,
)


def skin_to_tone(crops: Crops) -> Tensor:
    """Return the (B, 1, H, W) skin whose tone moves: into the forehead, to the eyes' rims, under the brows' hair."""
    unit = crops.unit
    like = soften(likeness(crops), 0.04 * unit)
    free = 1 - soften(tight_features(crops), 0.012 * unit)
    return _outline(crops) * like * free


def _outline(crops: Crops) -> Tensor:
    """Return the oval, drawn up into the forehead and fading out there, (B, 1, H, W)."""
    points, unit = crops.landmarks, crops.unit
    outline = points[:, list(OVAL)]
    up = points[:, FOREHEAD] - points[:, CHIN]
    up = (up / up.norm(dim=1, keepdim=True).clamp(min=1e-6))[:, None]
    high = (((outline - points[:, BRIDGE, None]) * up).sum(dim=2) / unit[:, None]).clamp(0, 1)
    raised = (RIM - hull_distance(outline + (0.5 * unit[:, None] * high)[..., None] * up, crops.shape)).clamp(0, 1)
    return torch.maximum(feather(raised, 0.30 * unit), feather(oval(crops), (0.08 * unit).clamp(min=1)))


def low_part(values: Tensor, weight: Tensor, sigma: Tensor) -> Tensor:
    """Blur (B, C, H, W) by (B,) pixels, each pixel by its (B, 1, H, W) weight (Knutsson and Westin, CVPR 1993)."""
    blurred = blur(torch.cat([values * weight, weight], dim=1), sigma)
    return blurred[:, :-1] / blurred[:, -1:].clamp(min=1e-3)


def even_out(lab: Tensor, weight: Tensor, unit: Tensor, amounts: Tensor) -> Tensor:
    """Take patches out of skin: what is between a spot's size and a cheek's, of lightness less than of colour.

    Args:
        lab: (B, 3, H, W).
        weight: (B, 1, H, W) in [0, 1]; what is skin.
        unit: (B,) eye distances in pixels.
        amounts: (B, 3) shares of each channel that are taken out.
    """
    patches = low_part(lab, weight, FINE_PATCH * unit) - low_part(lab, weight, WIDE_PATCH * unit)
    light = patches[:, :1].clamp(-LARGEST_PATCH, LARGEST_PATCH)
    return lab - torch.cat([light, patches[:, 1:]], dim=1) * weight * amounts[..., None, None]


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Even the tone and shift it; `strength` is the share of both."""
    draws, unit = crops.draws("skin_tone"), crops.unit
    tones = unit.new_tensor([TONES[name] for name in sorted(TONES)])
    shift = tones[draws.whole("tone", len(tones))] * draws.uniform("size", *SIZE)[:, None]
    light, colour = draws.uniform("light", *EVENED_LIGHT), draws.uniform("colour", *EVENED_COLOUR)
    whole, place = skin(crops), skin_to_tone(crops)
    even = even_out(to_lab(crops.pixels), whole, unit, torch.stack([light, colour, colour], dim=1))
    enough = whole.mean(dim=(1, 2, 3)) >= LEAST_SKIN
    mask = place * each(strength * enough)
    return (
        lay_over(crops.pixels, to_rgb(even + shift[..., None, None]), mask),
        mask,
        covered_parts(place, crops, COVERED),
    )


OPERATION = twin_of("skin_tone", edit)
