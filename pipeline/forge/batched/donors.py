"""Whose face is lent, for a batch: pose, colour and glasses, as `pipeline.forge.geometry.donors` has them."""

import torch
from torch import Tensor

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LIPS
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.colour import shift_colours, to_lab
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.skin import cheek_colour, cheek_pixels
from pipeline.forge.batched.warping import read_at
from pipeline.forge.geometry.donors import BRIDGE, GLASSES, LARGEST_TURN, NOSE_TIP

PLACES = (5, 57)
"""Places across and down the nose's bridge at which colours are read."""


def tint(donors: Crops, crops: Crops) -> Crops:
    """Give each donor its crop's cheek colour, as a forger would before cutting from a foreign light."""
    return donors.showing(shift_colours(donors.pixels, cheek_colour(crops) - cheek_colour(donors)))


def fit(donors: Crops, crops: Crops) -> Crops:
    """Take from donors what would alias where they are shrunk to their crops' size: a Gaussian of that ratio."""
    ratio = donors.unit / crops.unit
    soft = blur(donors.pixels, 0.45 * (ratio**2 - 1).clamp(min=0).sqrt()).round().clamp(0, 255)
    return donors.showing(torch.where(each(ratio) > 1 / 0.9, soft, donors.pixels))


def pose(crops: Crops) -> Tensor:
    """Return (B, 2) proxies of yaw and pitch; see `pipeline.forge.geometry.donors.pose`."""
    points = crops.landmarks
    left, right = (points[:, list(eye)].mean(dim=1) for eye in (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE))
    middle = (left + right) / 2
    down, tip = points[:, list(LIPS)].mean(dim=1) - middle, points[:, NOSE_TIP] - middle
    length = down.norm(dim=1).clamp(min=1e-6)
    yaw = (down[:, 0] * tip[:, 1] - down[:, 1] * tip[:, 0]) / length / crops.unit
    return torch.stack([yaw, (tip * down).sum(dim=1) / length**2], dim=1)


def look_apart(crops: Crops, others: Crops, most: tuple[float, float] = LARGEST_TURN) -> Tensor:
    """Tell which pairs of heads look in directions too different for parts of one to fit the other: (B,) bool."""
    apart = (pose(crops) - pose(others)).abs()
    return (apart > torch.tensor(most, device=apart.device)).any(dim=1)


def side_light(crops: Crops) -> Tensor:
    """Return by how many LAB units the image-left cheeks are lighter than the others: (B,)."""
    left, right = cheek_pixels(to_lab(crops.pixels)[:, :1], crops)[:, 0].chunk(2, dim=1)
    return left.quantile(0.5, dim=1) - right.quantile(0.5, dim=1)


def wear_glasses(crops: Crops) -> Tensor:
    """Guess which faces have a frame across the nose's bridge, (B,) bool: a step of colour down it."""
    across, down = PLACES
    unit = crops.unit.view(-1, 1, 1)
    x = torch.linspace(-0.08, 0.08, across, device=unit.device).view(1, 1, -1) * unit
    y = torch.linspace(-0.23, 0.33, down, device=unit.device).view(1, -1, 1) * unit  # its middle lies below the point
    places = torch.stack([x.expand(-1, down, -1), y.expand(-1, -1, across)], dim=3)
    strip = read_at(to_lab(crops.pixels), places + crops.landmarks[:, BRIDGE].view(-1, 1, 1, 2), "bilinear").mean(dim=3)
    gap = round(0.05 * (down - 1) / 0.56)
    steps = (strip[:, :, gap:] - strip[:, :, :-gap]) * strip.new_tensor([0.7, 1, 1]).view(1, 3, 1)
    return steps.norm(dim=1).amax(dim=1) / strip[:, 0].mean(dim=1).clamp(min=20) > GLASSES
