"""Masks of a face's parts from its landmarks, for a batch: hulls by their support functions.

A convex hull is what lies below its support line in every direction (Rockafellar, "Convex Analysis", 1970, § 13), so
the distance to it is a maximum over directions, and growing it is a subtraction. It is measured on a coarse grid and
brought to the picture's size, which a distance stands well: it is linear between corners.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.face import LIPS, OVAL, REGIONS
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.separable import blur
from pipeline.forge.geometry.masks import BROWS, EYES, NOSTRILS
from pipeline.forge.geometry.swap_masks import CHIN, INNER, LOWER_OVAL, MASKS

DIRECTIONS = 32
"""Support lines of a hull: its corners are cut within 0.5 % of their distance."""
FINE = 64
"""Cells of the grid on which distances are measured, along the longer side."""
RIM = 0.9
"""Pixels outside its hull at which a mask ends: half of it is antialiasing, the rest is what OpenCV draws wider."""
SPARED: tuple[tuple[Sequence[int], float], ...] = (
    *((eye, 0.07) for eye in EYES),
    *((brow, 0.05) for brow in BROWS),
    (LIPS, 0.05),
    *((nostril, 0.01) for nostril in NOSTRILS),
)
"""What is not skin, and the margin around it in eye distances, as for single photos."""
SWAPS = tuple(sorted(MASKS))
"""The outlines of swaps, in the order in which they are drawn."""


def hull_distance(points: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return how far each pixel lies outside the hull of (B, N, 2) points; below 0 inside. (B, 1, H, W), in pixels."""
    high, wide = shape
    scale = min(1.0, FINE / max(shape))
    rows, columns = (max(2, round(side * scale)) for side in shape)
    angles = torch.arange(DIRECTIONS, device=points.device) * (2 * math.pi / DIRECTIONS)
    normals = torch.stack([angles.cos(), angles.sin()])
    support = (points @ normals).amax(dim=1)
    y = torch.linspace(0, high - 1, rows, device=points.device)
    x = torch.linspace(0, wide - 1, columns, device=points.device)
    along = normals[0][:, None, None] * x[None, None] + normals[1][:, None, None] * y[None, :, None]
    far = (along[None] - support[..., None, None]).amax(dim=1, keepdim=True)
    return F.interpolate(far, shape, mode="bilinear", align_corners=True)


def hull(crops: Crops, points: Sequence[int], grow: Tensor | float = 0.0) -> Tensor:
    """Fill the hull of some landmarks, grown (or, below 0, shrunk) by (B,) pixels, antialiased. (B, 1, H, W)."""
    wider = each(grow) if isinstance(grow, Tensor) else grow
    return (RIM + wider - hull_distance(crops.landmarks[:, list(points)], crops.shape)).clamp(0, 1)


def oval(crops: Crops) -> Tensor:
    """Return the face's oval, chin to hairline, as its hull: (B, 1, H, W)."""
    return hull(crops, OVAL)


def features(crops: Crops) -> Tensor:
    """Return what is not skin within the oval: eyes, brows, lips and nostrils, with a small margin. (B, 1, H, W)."""
    return torch.stack([hull(crops, part, margin * crops.unit) for part, margin in SPARED]).amax(dim=0)


def tight_features(crops: Crops) -> Tensor:
    """Return eyes to their rims, lips and nostrils, (B, 1, H, W): what keeps its colour where the skin's changes."""
    made = [hull(crops, eye, 0.02 * crops.unit) for eye in EYES] + [hull(crops, LIPS)]
    return torch.stack([*made, *(hull(crops, nostril) for nostril in NOSTRILS)]).amax(dim=0)


def parts(crops: Crops) -> Tensor:
    """Return the hulls of the four labelled parts, (B, 4, H, W), without any growth."""
    return torch.cat([hull(crops, points) for points in REGIONS.values()], dim=1)


def covered_parts(mask: Tensor, crops: Crops, least: float = 0.25) -> Tensor:
    """Tell for each of the four parts whether a (B, 1, H, W) mask covers that share of its hull: (B, 4) bool."""
    places = parts(crops)
    return (mask * places).sum(dim=(2, 3)) > least * places.sum(dim=(2, 3)).clamp(min=1)


def feather(mask: Tensor, width: Tensor) -> Tensor:
    """Soften a (B, 1, H, W) mask inwards over about (B,) pixels: it never becomes larger."""
    most = 0.5 * (mask.sum(dim=(1, 2, 3)) / math.pi).sqrt()
    narrow = torch.minimum(width, most)
    soft = (2 * blur(mask, narrow) - 1).clamp(0, 1) * (mask > 0)
    return torch.where(each(narrow) < 0.5, mask, torch.minimum(soft, mask))


def soften(mask: Tensor, sigma: Tensor) -> Tensor:
    """Blur a (B, 1, H, W) mask both ways by (B,) pixels, at least 0.3."""
    return blur(mask, sigma.clamp(min=0.3))


def rim(mask: Tensor, width: Tensor) -> Tensor:
    """Return the (B, 1, H, W) bool band of about (B,) pixels on each side of a mask's edge."""
    soft = blur((mask > 0.5).float(), width)
    return (soft > 0.16) & (soft < 0.84)  # one sigma to each side


def swap_outline(crops: Crops, chosen: Tensor) -> Tensor:
    """Return the outline of a swap, (B, 1, H, W): of `SWAPS` the (B,) int64 chosen ones."""
    unit, centre = crops.unit, crops.landmarks.mean(dim=1, keepdim=True)
    smaller = Crops(crops.pixels, centre + (crops.landmarks - centre) * 0.93, crops.seeds, crops.flipped)
    made = {
        "inner": hull(crops, INNER, 0.10 * unit),
        "to chin": hull(crops, (*INNER, *CHIN), 0.08 * unit),
        "lower oval": hull(crops, (*LOWER_OVAL, *INNER), -0.04 * unit),
        "whole": oval(smaller),
    }
    picked = torch.stack([made[name] for name in SWAPS], dim=1)
    return picked[torch.arange(len(crops), device=chosen.device), chosen]
