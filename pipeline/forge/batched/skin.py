"""Where bare skin is, for a batch: told by place and by likeness to the cheeks' colour, as for single photos."""

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops
from pipeline.forge.batched.colour import length_of, to_lab
from pipeline.forge.batched.geometry import feather, features, oval, soften
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.warping import read_at
from pipeline.forge.geometry.masks import CHEEKS

SQUARE = 7
"""Places along a side of a cheek's square at which colours are read, whatever the face's size."""
LEAST_SPREAD = (12.0, 5.0, 5.0)
"""LAB spread that even flat cheeks are taken to have, as for single photos."""


def cheek_pixels(pixels: Tensor, crops: Crops) -> Tensor:
    """Return the (B, C, 4 × 49) values of small squares on both cheeks of (B, C, H, W)."""
    high, wide = crops.shape
    steps = torch.linspace(-0.1, 0.1, SQUARE, device=pixels.device)
    around = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=2).reshape(1, 1, -1, 2)
    places = crops.landmarks[:, list(CHEEKS)][:, :, None] + around * crops.unit.view(-1, 1, 1, 1)
    limits = torch.tensor([wide - 1.0, high - 1.0], device=pixels.device)
    return read_at(pixels, places.clamp(min=0).minimum(limits), "bilinear").flatten(2)


def cheek_colour(crops: Crops) -> Tensor:
    """Return the (B, 3) median LAB colour of the cheeks."""
    return _median(cheek_pixels(to_lab(crops.pixels), crops))


def _median(values: Tensor) -> Tensor:
    """Return the (B, C) medians of (B, C, N); of an even number the mean of the middle two, so that no side counts."""
    return values.quantile(0.5, dim=2)


def likeness(crops: Crops) -> Tensor:
    """Return how like the cheeks' colour each pixel is, (B, 1, H, W): hair, beards and frames are near 0."""
    lab = to_lab(blur(crops.pixels, (0.03 * crops.unit).clamp(min=0.5)))
    cheeks = cheek_pixels(lab, crops)
    spread = torch.maximum(cheeks.std(dim=2, correction=0), lab.new_tensor(LEAST_SPREAD))
    return colour_likeness(lab, _median(cheeks), spread)


def colour_likeness(lab: Tensor, colour: Tensor, spread: Tensor) -> Tensor:
    """Return how like (B, 3) colours each pixel of (B, 3, H, W) LAB is, (B, 1, H, W); spreads are (B, 3)."""
    apart = (lab - colour[..., None, None]) / spread[..., None, None]
    return (1.5 - length_of(apart) / 4).clamp(0, 1)


def skin(crops: Crops) -> Tensor:
    """Return the bare skin within the oval, (B, 1, H, W), feathered inwards."""
    place = oval(crops) * (1 - features(crops))
    bare = soften(place * likeness(crops), 0.02 * crops.unit) * (place > 0)
    return feather(bare, 0.06 * crops.unit)


def bare_share(crops: Crops, mask: Tensor) -> Tensor:
    """Return the (B,) shares of a (B, 1, H, W) mask, eyes, brows, lips and nostrils apart, that look like skin."""
    place = mask * (1 - features(crops))
    total = place.sum(dim=(1, 2, 3))
    return (likeness(crops) * place).sum(dim=(1, 2, 3)) / total.clamp(min=1e-6)
