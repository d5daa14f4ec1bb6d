"""What codecs of blocks share: the cosine transform, padding to whole blocks, and chroma at half resolution."""

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor


@cache
def _cosines(size: int) -> Tensor:
    """Return the orthonormal DCT-II of so many samples, (K, N) float64."""
    place = torch.arange(size, dtype=torch.float64)
    matrix = torch.cos(math.pi / size * (place[None] + 0.5) * place[:, None]) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)
    return matrix


def transform(plane: Tensor, size: int) -> Tensor:
    """Return the 2-D DCT of each block of a (B, H, W) plane, (B, H / n, n, W / n, n); sides are whole blocks."""
    count, high, wide = plane.shape
    blocks = plane.reshape(count, high // size, size, wide // size, size)
    cosines = _cosines(size).to(plane)
    return torch.einsum("ui,byixj,vj->byuxv", cosines, blocks, cosines)


def restore(coefficients: Tensor) -> Tensor:
    """Take `transform` back."""
    count, rows, size, columns, _ = coefficients.shape
    cosines = _cosines(size).to(coefficients)
    blocks = torch.einsum("ui,byuxv,vj->byixj", cosines, coefficients, cosines)
    return blocks.reshape(count, rows * size, columns * size)


def padded(plane: Tensor, size: int) -> Tensor:
    """Repeat the last row and column of a (B, H, W) plane up to whole blocks."""
    high, wide = plane.shape[1:]
    return F.pad(plane[:, None], (0, -wide % size, 0, -high % size), mode="replicate")[:, 0]


def rounded(values: Tensor) -> Tensor:
    """Round to the nearest whole number, halves away from 0, as encoders do with coefficients."""
    return values.sign() * (values.abs() + 0.5).floor()


def halved(plane: Tensor) -> Tensor:
    """Shrink a (B, H, W) plane of even sides to half: means of four, halves rounded down and up in turn.

    libjpeg's `h2v2_downsample`, whose alternating bias keeps the mean.
    """
    high, wide = plane.shape[1:]
    total = plane.reshape(-1, high // 2, 2, wide // 2, 2).sum(dim=(2, 4))
    bias = 1 + torch.arange(wide // 2, device=plane.device) % 2
    return ((total + bias) / 4).floor()


def doubled(plane: Tensor) -> Tensor:
    """Enlarge a (B, H, W) plane to double, weights 9, 3, 3, 1 of 16: libjpeg's "fancy" upsampling, whole levels."""
    fine = F.interpolate(plane[:, None], scale_factor=2, mode="bilinear", align_corners=False)[:, 0]
    bias = 8 - torch.arange(fine.shape[2], device=plane.device) % 2
    return (fine + bias / 16).floor()
