"""Filters and resizings whose size differs by sample: a matrix for the rows and one for the columns of each.

A Gaussian, a box, a shrinking and an enlargement are all linear and separable. As (B, N, N) matrices they are one
matrix product whatever their size, so a batch needs no common radius and no sample's numbers depend on another's.
At the border the picture is reflected about its last pixel, as OpenCV does by default.
"""

from functools import cache

import torch
from torch import Tensor

CUBIC = -0.75
"""Slope of the cubic kernel at 1 (Keys, 1981), as OpenCV and torch have it."""
FAINTEST = -14.0
"""The logarithm of the share of its peak below which a Gaussian counts as 0; 5.3 of its own widths."""


def apply(pixels: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return (B, C, H', W'): rows (B, H', H) and columns (B, W', W) applied to (B, C, H, W)."""
    return rows[:, None] @ pixels @ columns.transpose(1, 2)[:, None]


@cache
def _images(size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return (N, N) int64 distances from each pixel to each other, to its image below 0 and to the one beyond the end.

    The two border pixels are their own images and count once: their image is put where every kernel is 0.
    """
    places, nowhere = torch.arange(size), 2 * size
    low = places[:, None] + places[None]
    high = (2 * (size - 1) - places[None]) - places[:, None]
    low[:, 0], high[:, -1] = nowhere, nowhere
    return (places[:, None] - places[None]).abs(), low, high


def _matrices(kernel: Tensor) -> Tensor:
    """Return (B, N, N) of kernels that are told at the distances 0 to 2 N − 1, (B, 2 N)."""
    size = kernel.shape[1] // 2
    known = torch.cat([kernel, torch.zeros_like(kernel[:, :1])], dim=1)
    direct, low, high = (known[:, image.to(kernel.device)] for image in _images(size))
    matrix = direct + low + high
    return matrix / matrix.sum(dim=2, keepdim=True)


def gaussian(size: int, sigma: Tensor) -> Tensor:
    """Return (B, N, N) of Gaussian blurs by (B,) pixels, cut off below `FAINTEST`."""
    far = torch.arange(2 * size, device=sigma.device) / sigma.clamp(min=0.05)[:, None]
    exponent = -0.5 * far**2
    return _matrices(torch.where(exponent > FAINTEST, exponent.clamp(min=FAINTEST).exp(), 0))


def box(size: int, radius: Tensor) -> Tensor:
    """Return (B, N, N) of means over ±(B,) whole pixels."""
    return _matrices((torch.arange(2 * size, device=radius.device) <= radius[:, None] + 0.5).float())


def blur(pixels: Tensor, sigma: Tensor) -> Tensor:
    """Blur (B, C, H, W) by (B,) pixels each."""
    return apply(pixels, gaussian(pixels.shape[2], sigma), gaussian(pixels.shape[3], sigma))


def box_mean(pixels: Tensor, radius: Tensor) -> Tensor:
    """Average (B, C, H, W) over squares of ±(B,) whole pixels."""
    return apply(pixels, box(pixels.shape[2], radius), box(pixels.shape[3], radius))


def shrinking(size: int, small: Tensor) -> Tensor:
    """Return (B, N, N) that shrink N pixels to the first (B,) of N by area; the other rows are 0."""
    step = size / small[:, None, None]
    goal = torch.arange(size, device=small.device, dtype=torch.float32)
    start, pixel = goal[None, :, None] * step, goal[None, None]
    cover = torch.minimum(start + step, pixel + 1) - torch.maximum(start, pixel)
    return torch.where(goal[None, :, None] < small[:, None, None], cover.clamp(min=0) / step, 0)


def enlarging(size: int, small: Tensor, cubic: bool = True) -> Tensor:
    """Return (B, N, N) that enlarge the first (B,) of N pixels to N, cubic or linear; the border is repeated."""
    step = small[:, None] / size
    centre = (torch.arange(size, device=small.device, dtype=torch.float32) + 0.5) * step - 0.5
    first = centre.floor()
    matrix = torch.zeros(len(small), size, size, device=small.device)
    for tap in (-1, 0, 1, 2) if cubic else (0, 1):
        at = first + tap
        weight = _cubic(centre - at) if cubic else (1 - (centre - at).abs()).clamp(min=0)
        index = torch.minimum(at.clamp(min=0), small[:, None] - 1).long()
        matrix.scatter_add_(2, index[..., None], weight[..., None])
    return matrix


def _cubic(far: Tensor) -> Tensor:
    near = far.abs()
    inner = ((CUBIC + 2) * near - (CUBIC + 3)) * near**2 + 1
    outer = CUBIC * (((near - 5) * near + 8) * near - 4)
    return torch.where(near <= 1, inner, torch.where(near < 2, outer, 0))


def low_pass(pixels: Tensor, factor: Tensor) -> Tensor:
    """Shrink (B, C, H, W) by (B,) factors in (0, 1], antialiased and rounded to levels; bring them back, cubic."""
    high, wide = pixels.shape[2:]
    rows, columns = ((size * factor).round().clamp(4, size) for size in (high, wide))
    small = apply(pixels, shrinking(high, rows), shrinking(wide, columns)).round()
    back = apply(small, enlarging(high, rows), enlarging(wide, columns)).clamp(0, 255).round()
    return torch.where((factor < 1).view(-1, 1, 1, 1), back, pixels)
