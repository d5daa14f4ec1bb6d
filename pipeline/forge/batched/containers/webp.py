"""Lossy WebP on the device, nearly: VP8's colours, transforms, steps and smoothing, without its prediction.

Of VP8 (RFC 6386) this has the limited-range YCbCr with chroma at half resolution, blocks of 4 × 4, the second transform
over the sixteen means of a luma macroblock, the quantiser's tables, and a loop filter over blocks' edges. It lacks
prediction from neighbours, which an encoder chooses by trying: here blocks are coded by themselves, so flat blocks lose
their texture alike but errors are not carried on. Its traces are like WebP's, its bytes are not.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.forge.batched.containers.blocks import doubled, padded, restore, rounded, transform

BLOCK, MACRO = 4, 16
DC = (
    4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 17, 18, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 25, 25, 26,
    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 46, *range(47, 76), 76, 76,
    *range(77, 90), 91, 93, 95, 96, 98, 100, 101, 102, 104, 106, 108, 110, 112, 114, 116, 118, 122, 124, 126, 128,
    130, 132, 134, 136, 138, 140, 143, 145, 148, 151, 154, 157,
)  # fmt: skip
"""RFC 6386, section 14.1: steps of means, by index."""
AC = (
    *range(4, 59), *range(60, 117, 2), 119, 122, 125, 128, 131, 134, 137, 140, 143, 146, 149, 152, 155, 158, 161, 164,
    167, 170, 173, 177, 181, 185, 189, 193, 197, 201, 205, 209, 213, 217, 221, 225, 229, 234, 239, 245, 249, 254, 259,
    264, 269, 274, 279, 284,
)  # fmt: skip
"""Steps of all other coefficients."""
TO_YUV = ((0.257, 0.504, 0.098), (-0.148, -0.291, 0.439), (0.439, -0.368, -0.071))
"""RGB to limited-range YCbCr (ITU-R BT.601)."""
LEAST_KEPT = 0.62
"""Where a coefficient begins to count, in steps: encoders drop more than half of one, as zeros cost least."""


def quantiser(quality: Tensor) -> Tensor:
    """Return VP8's (B,) index from 0 to 127 of (B,) qualities from 0 to 100: libwebp's `QualityToCompression`."""
    share = quality / 100
    line = torch.where(share < 0.75, share * (2 / 3), 2 * share - 1)
    return (127 * (1 - line.clamp(min=0) ** (1 / 3))).round().long()


def webp(pixels: Tensor, quality: Tensor | int) -> Tensor:
    """Take RGB about through what lossy WebP does to it.

    Args:
        pixels: (B, 3, H, W) RGB from 0 to 255, whole levels.
        quality: (B,) or one for all, 0 to 100.

    Returns:
        (B, 3, H, W) float32, whole levels.
    """
    high, wide = pixels.shape[2:]
    index = quantiser(torch.as_tensor(quality, device=pixels.device).expand(len(pixels)).float())
    mean, other = (torch.tensor(table, device=pixels.device, dtype=torch.float32)[index] for table in (DC, AC))
    matrix = pixels.new_tensor(TO_YUV).float()
    offset = pixels.new_tensor([16, 128, 128]).float().view(1, 3, 1, 1)
    light, *colours = (torch.einsum("ij,bjhw->bihw", matrix, pixels.float()) + offset).round().unbind(1)
    planes = [_smoothed(_luma(padded(light, MACRO), mean, other), other)[:, :high, :wide]]
    for plane in colours:
        small = F.avg_pool2d(padded(plane, MACRO)[:, None], 2)[:, 0].round()
        coded = _smoothed(_coded(small, mean / 2, other / 2), other)
        planes.append(doubled(coded[:, : (high + 1) // 2, : (wide + 1) // 2])[:, :high, :wide])
    inverse = torch.linalg.inv(torch.tensor(TO_YUV, dtype=torch.float64)).to(matrix)
    return torch.einsum("ij,bjhw->bihw", inverse, torch.stack(planes, dim=1) - offset).round().clamp(0, 255)


def _steps(mean: Tensor, other: Tensor) -> Tensor:
    """Return (B, 1, 4, 1, 4) steps: of the mean, and of all others."""
    steps = other[:, None, None].repeat(1, BLOCK, BLOCK)
    steps[:, 0, 0] = mean
    return steps[:, None, :, None]


def _kept(values: Tensor, steps: Tensor) -> Tensor:
    """Quantise; what is below `LEAST_KEPT` of a step is dropped."""
    counts = values / steps
    return torch.where(counts.abs() < LEAST_KEPT, 0, rounded(counts)) * steps


def _coded(plane: Tensor, mean: Tensor, other: Tensor) -> Tensor:
    return restore(_kept(transform(plane, BLOCK), _steps(mean, other))).round().clamp(0, 255)


def _luma(plane: Tensor, mean: Tensor, other: Tensor) -> Tensor:
    """Code a luma plane: the sixteen means of each macroblock go through a Walsh-Hadamard transform of their own.

    VP8's coefficients are twice those of an orthonormal transform, so its steps are halved; those of the second
    transform are 2 and 1.55 times the tables' (section 14.1).
    """
    coefficients = transform(plane, BLOCK)
    count, rows, _, columns, _ = coefficients.shape
    means = coefficients[:, :, 0, :, 0].reshape(count, rows // 4, 4, columns // 4, 4)
    signs = plane.new_tensor([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, -1, 1], [1, -1, 1, -1]]) / 2
    second = torch.einsum("ui,byixj,vj->byuxv", signs, means, signs)
    second = _kept(second, _steps(mean, (1.55 / 2) * other))
    coefficients = _kept(coefficients, _steps(mean, other / 2))
    coefficients[:, :, 0, :, 0] = torch.einsum("ui,byuxv,vj->byixj", signs, second, signs).reshape(count, rows, columns)
    return restore(coefficients).round().clamp(0, 255)


def _smoothed(plane: Tensor, other: Tensor) -> Tensor:
    """Draw edges between blocks together where their step is small, as the loop filter does: the simple one of 15.2."""
    limit = (0.5 * other)[:, None, None]
    for axis in (2, 1):
        lines = plane.transpose(1, axis).clone()
        before, after = lines[:, BLOCK - 1 : -1 : BLOCK].clone(), lines[:, BLOCK::BLOCK].clone()
        outer, beyond = lines[:, BLOCK - 2 : -2 : BLOCK], lines[:, BLOCK + 1 :: BLOCK]
        step = after - before
        move = ((outer - beyond).clamp(-16, 16) + 3 * step).clamp(-64, 64) / 8
        move = torch.where(2 * step.abs() + (outer - beyond).abs() / 2 <= 2 * limit, move, 0).round()
        lines[:, BLOCK - 1 : -1 : BLOCK] = before + move
        lines[:, BLOCK::BLOCK] = after - move
        plane = lines.transpose(1, axis)
    return plane.clamp(0, 255)
