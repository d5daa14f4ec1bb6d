"""What swaps of a whole face share, for a batch; see `pipeline.forge.geometry.swapping`."""

import torch
from torch import Tensor

from pipeline.face import OVAL
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.donors import look_apart
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import SWAPS, hull, soften, swap_outline
from pipeline.forge.batched.separable import blur, low_pass
from pipeline.forge.batched.skin import bare_share, likeness
from pipeline.forge.batched.warping import bend, read_at
from pipeline.forge.geometry.masks import BROWS, INNER_LIPS
from pipeline.forge.geometry.swap_masks import LOWER_OVAL
from pipeline.forge.geometry.swapping import Range
from pipeline.forge.geometry.warping import MESH


def bent_over(donors: Crops, crops: Crops) -> tuple[Tensor, Tensor]:
    """Bend the donors' faces over the crops': (B, 3, H, W) whole levels; and where each pixel is read, (B, H, W, 2).

    They are bent smoothly through the landmarks of the single-photo operations' mesh, in place of its flat triangles;
    see `pipeline.forge.batched.warping.bend`.
    """
    places = bend(donors.landmarks[:, list(MESH)], crops.landmarks[:, list(MESH)], crops.unit, crops.shape)
    return read_at(donors.pixels, places).round().clamp(0, 255), places


def fitting(crops: Crops, donors: Crops, turn: tuple[float, float], bare: float) -> Tensor:
    """Tell which donors' faces can be laid on the crops' well, (B,) bool; how far they fold is asked apart."""
    points = donors.landmarks[:, list(MESH)]
    limits = torch.tensor([donors.shape[1], donors.shape[0]], device=points.device)
    whole = ((points >= -1) & (points <= limits)).flatten(1).all(dim=1)
    lower = swap_outline(donors, torch.full_like(donors.seeds, SWAPS.index("lower oval")))
    return whole & ~look_apart(crops, donors, turn) & (bare_share(donors, lower) >= bare)


def swap_mask(crops: Crops, donors: Crops, chosen: Tensor, wider: float) -> Tensor:
    """Return the hard mask of the swap, within the oval, without a mouth's inside that the donor cannot show."""
    mask = swap_outline(crops, chosen) * hull(crops, OVAL, -1.0)
    below = hull(crops, (*BROWS[0], *BROWS[1], *LOWER_OVAL))
    mask = mask * torch.maximum(below, (likeness(crops) > 0.4).float())
    more = openness(crops) > openness(donors) + wider
    mouth = soften(hull(crops, INNER_LIPS), 0.015 * crops.unit)
    return torch.where(each(more), mask * (1 - mouth), mask)


def openness(crops: Crops) -> Tensor:
    """Return how far the lips are apart, in eye distances: (B,)."""
    return (crops.landmarks[:, 14] - crops.landmarks[:, 13]).norm(dim=1) / crops.unit


def repaint(layer: Tensor, crops: Crops, draws: Draws, strength: Tensor, ranges: tuple[Range, ...]) -> Tensor:
    """Take a layer to a swap network's resolution and back, then blur and grain it a little; see the single photos'."""
    sides, blurs, noises = ranges
    side = draws.logarithmic("side", *sides) / (0.5 + 0.5 * strength)
    blurred = blur(low_pass(layer, (side / crops.size).clamp(max=1)), draws.uniform("blur", *blurs)).round()
    noise = draws.grain("grain", *crops.shape) * each(draws.uniform("noise", *noises))
    return (blurred + noise).round().clamp(0, 255)
