"""Recolouring, batched: the dyes, tints and parameters of `pipeline.forge.operations.recolour`.

How far a pixel lies from the oval is measured to its hull, which is nearly the oval itself.
"""

import torch
from torch import Tensor

from pipeline.face import OVAL
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.colour import median_in, moments_in, to_lab, to_rgb
from pipeline.forge.batched.geometry import RIM, covered_parts, hull, hull_distance, soften, tight_features
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.skin import cheek_colour, cheek_pixels, colour_likeness, likeness
from pipeline.forge.batched.warping import grid_of
from pipeline.forge.geometry.masks import BROWS
from pipeline.forge.geometry.swap_masks import LOWER_OVAL
from pipeline.forge.operations.recolour import (
    ALIKE,
    APART,
    AROUND,
    BEHIND,
    BELOW,
    BESIDE,
    BLUER,
    BLUEST,
    BY_HAIR,
    CHIN,
    COVERED,
    DYES,
    FOREHEAD,
    HAIR_SPREAD,
    LEAST_LIGHT,
    LEAST_REGION,
    LEAST_STRIP,
    LEAST_TAKEN,
    MIXED,
    MOST_COLOUR,
    MOST_LIGHT,
    NECK,
    SATURATION,
    SIZE,
    STRIP,
    TINTS,
    TOP,
    UNEVEN,
    UNLIKE,
    WHOLE_LIGHT,
)


def hair(crops: Crops, lab: Tensor, like: Tensor) -> Tensor:
    """Return where hair is, (B, 1, H, W); all 0 where it could not be told.

    Args:
        crops: the faces.
        lab: (B, 3, H, W), their pixels.
        like: (B, 1, H, W), how like skin they are.
    """
    points, unit = crops.landmarks, crops.unit
    up = points[:, FOREHEAD] - points[:, CHIN]
    up = up / up.norm(dim=1, keepdim=True).clamp(min=1e-6)
    above = [points[:, list(TOP)] + (far * unit[:, None] * up)[:, None] for far in STRIP]
    strip = RIM - hull_distance(torch.cat(above, dim=1), crops.shape) > 0.5
    place = strip & (like < UNLIKE)
    colour, spread = median_in(lab, place), moments_in(lab, place)[1][..., 0, 0]
    count, of = (one.flatten(1).sum(dim=1) for one in (place, strip))
    told = (count >= (LEAST_STRIP * of).clamp(min=12)) & (spread[:, 0] <= MIXED)
    cheeks = cheek_colour(crops)
    told &= (colour - cheeks).norm(dim=1) >= APART
    told &= (colour[:, 2] >= (cheeks[:, 2] - BLUER).clamp(max=BLUEST)) & (colour[:, 1:].norm(dim=1) <= MOST_COLOUR)
    wide = torch.maximum(spread, lab.new_tensor(HAIR_SPREAD)) * 0.7
    alike = colour_likeness(blur(lab, (0.02 * unit).clamp(min=0.5)), colour, wide)
    alike = alike * (0.5 + 2 * (alike - like)).clamp(0, 1)
    face = hull(crops, (*BROWS[0], *BROWS[1], *LOWER_OVAL), 0.02 * unit)
    away = grid_of(crops.shape, unit.device) - points[:, CHIN, None, None]
    below = -(away * up[:, None, None]).sum(dim=3)[:, None] / each(unit)
    aside = (away[..., 1] * up[:, None, None, 0] - away[..., 0] * up[:, None, None, 1]).abs()[:, None] / each(unit)
    out = _outside(crops)
    hanging = torch.maximum(1 - _fading(aside, NECK), _fading(below + NECK[0], BELOW))
    near = _fading(out, AROUND) * _fading(below, BELOW) * hanging
    behind = ((out > AROUND[1]) & (below < 0)).float()
    told &= (alike * behind).flatten(1).sum(dim=1) <= BEHIND * behind.flatten(1).sum(dim=1)
    return soften(alike * near * (1 - face), 0.015 * unit) * each(told.float())


def bare(crops: Crops, lab: Tensor, like: Tensor) -> Tensor:
    """Return all bare skin, (B, 1, H, W), of the face up to eyes and lips, of ears and neck; see `hair`."""
    surely = ((like - ALIKE[0]) / (ALIKE[1] - ALIKE[0])).clamp(0, 1)
    even = cheek_pixels(lab[:, :1], crops)[:, 0].std(dim=1, correction=0) <= UNEVEN
    free = 1 - soften(tight_features(crops), 0.012 * crops.unit)
    return soften(surely, 0.03 * crops.unit) * free * _fading(_outside(crops), BESIDE) * each(even.float())


def _outside(crops: Crops) -> Tensor:
    """Return how many eye distances each pixel lies outside the oval, (B, 1, H, W)."""
    return hull_distance(crops.landmarks[:, list(OVAL)], crops.shape) / each(crops.unit)


def _fading(far: Tensor, limits: tuple[float, float]) -> Tensor:
    return ((limits[1] - far) / (limits[1] - limits[0])).clamp(0, 1)


def _changes(crops: Crops, dyed: Tensor) -> tuple[Tensor, Tensor]:
    """Draw the (B, 3) changes of lightness and colours, and the (B,) saturations; dyes or tints as (B,) bool says."""
    draws = crops.draws("recolour")
    drawn = []
    for name, colours in (("dye", DYES), ("tint", TINTS)):
        known = crops.unit.new_tensor([colours[one] for one in sorted(colours)])
        drawn.append(known[draws.whole(name, len(known))])
    still = crops.unit.new_tensor([1.0, 0.0, 0.0])
    change = torch.where(dyed[:, None], drawn[0], drawn[1])
    return still + draws.uniform("size", *SIZE)[:, None] * (change - still), draws.uniform("saturation", *SATURATION)


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Dye the hair or tint the skin; `strength` is the share of it."""
    dyed = crops.draws("recolour").chance("hair", BY_HAIR)
    lab, like = to_lab(crops.pixels), likeness(crops)
    change, saturation = _changes(crops, dyed)
    place = torch.where(each(dyed), hair(crops, lab, like), bare(crops, lab, like))
    middle = median_in(lab[:, :1], place > 0.5).clamp(min=1)[..., None, None]
    depth = (lab[:, :1] / middle).clamp(LEAST_LIGHT, MOST_LIGHT) * (middle / WHOLE_LIGHT).clamp(LEAST_TAKEN, 1)
    light = (lab[:, :1] * each(change[:, 0])).clamp(0, 100)
    colours = lab[:, 1:] * each(saturation) + depth * change[:, 1:, None, None]
    enough = place.mean(dim=(1, 2, 3)) >= LEAST_REGION
    mask = place * each(strength * enough)
    rgb = lay_over(crops.pixels, to_rgb(torch.cat([light, colours], dim=1)), mask)
    return rgb, mask, covered_parts(place, crops, COVERED)


OPERATION = twin_of("recolour", edit)
