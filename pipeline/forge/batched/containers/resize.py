"""Resizing on the device: antialiased when it shrinks, cubic when it enlarges, each sample by its own factor."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.examining.container import LEAST_SIDE
from pipeline.forge.batched.separable import apply, enlarging, shrinking


def resize(pixels: Tensor, high: int, wide: int) -> Tensor:
    """Return (B, 3, H, W) RGB at another size for all: by area where both sides shrink, else cubic. Whole levels."""
    rows, columns = pixels.shape[2:]
    if high <= rows and wide <= columns:
        made = apply(pixels.float(), *(_to(old, new, pixels.device) for old, new in ((rows, high), (columns, wide))))
    else:
        made = F.interpolate(pixels.float(), (high, wide), mode="bicubic", align_corners=False, antialias=False)
    return made.round().clamp(0, 255)


def _to(old: int, new: int, device: torch.device) -> Tensor:
    return shrinking(old, torch.tensor([float(new)], device=device))[:, :new]


def shrink_and_grow(pixels: Tensor, factor: Tensor, cubic: bool = True) -> Tensor:
    """Shrink RGB by area and bring it back to its size, as a platform and a viewer do.

    Args:
        pixels: (B, 3, H, W) RGB from 0 to 255.
        factor: (B,) in (0, 1]; a side is never shrunk below `pipeline.examining.container.LEAST_SIDE`, nor enlarged.
        cubic: how it grows back, else linear.

    Returns:
        (B, 3, H, W) float32, whole levels.
    """
    high, wide = pixels.shape[2:]
    rows, columns = ((side * factor).floor().clamp(min(LEAST_SIDE, side), side) for side in (high, wide))
    small = apply(pixels.float(), shrinking(high, rows), shrinking(wide, columns)).round()
    return apply(small, enlarging(high, rows, cubic), enlarging(wide, columns, cubic)).round().clamp(0, 255)
