"""Colour on the device: CIE LAB, the YCbCr of JPEG, and the colours of a part of a picture."""

import torch
from torch import Tensor

TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
"""Linear RGB of ITU-R BT.709 to XYZ."""
WHITE = (0.950456, 1.0, 1.088754)
"""D65."""
BEND = 6 / 29
"""Where LAB's cube root gives way to a line (CIE 15)."""


def _mixed(pixels: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("ij,bjhw->bihw", matrix, pixels)


def to_lab(rgb: Tensor) -> Tensor:
    """Convert (B, 3, H, W) RGB from 0 to 255 to CIE LAB: L in [0, 100], a and b about ±100."""
    share = (rgb / 255).clamp(0, 1)
    linear = torch.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = _mixed(linear, rgb.new_tensor(TO_XYZ)) / rgb.new_tensor(WHITE).view(1, 3, 1, 1)
    root = torch.where(xyz > BEND**3, xyz.clamp(min=1e-9) ** (1 / 3), xyz / (3 * BEND**2) + 4 / 29)
    x, y, z = root.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def to_rgb(lab: Tensor) -> Tensor:
    """Convert (B, 3, H, W) LAB to RGB from 0 to 255, whole levels."""
    y = (lab[:, 0] + 16) / 116
    root = torch.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], dim=1)
    xyz = torch.where(root > BEND, root**3, 3 * BEND**2 * (root - 4 / 29))
    inverse = torch.linalg.inv(torch.tensor(TO_XYZ, dtype=torch.float64)).to(lab)
    linear = _mixed(xyz * lab.new_tensor(WHITE).view(1, 3, 1, 1), inverse).clamp(0, 1)
    share = torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp(min=1e-9) ** (1 / 2.4) - 0.055)
    return (share * 255).clamp(0, 255).round()


def to_ycc(rgb: Tensor) -> Tensor:
    """Convert (B, 3, H, W) RGB from 0 to 255 to the YCbCr of JFIF (ITU-T T.871), 0 to 255, whole levels."""
    red, green, blue = rgb.unbind(1)
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    blueness = -0.168735892 * red - 0.331264108 * green + 0.5 * blue + 128
    redness = 0.5 * red - 0.418687589 * green - 0.081312411 * blue + 128
    return torch.stack([light, blueness, redness], dim=1).round().clamp(0, 255)


def from_ycc(ycc: Tensor) -> Tensor:
    """Convert (B, 3, H, W) YCbCr of JFIF back to RGB from 0 to 255, whole levels, rounded as libjpeg rounds."""
    light, blueness, redness = ycc[:, 0], ycc[:, 1] - 128, ycc[:, 2] - 128
    red = light + torch.floor(1.402 * redness + 0.5)
    green = light + torch.floor(-0.344136286 * blueness - 0.714136286 * redness + 0.5)
    blue = light + torch.floor(1.772 * blueness + 0.5)
    return torch.stack([red, green, blue], dim=1).clamp(0, 255)


def length_of(values: Tensor) -> Tensor:
    """Return the (B, 1, H, W) lengths of (B, C, H, W) vectors."""
    return (values * values).sum(dim=1, keepdim=True).sqrt()


def median_in(values: Tensor, where: Tensor) -> Tensor:
    """Return the (B, C) medians of (B, C, H, W) within a (B, 1, H, W) bool mask; 0 where it is empty."""
    inside = torch.where(where, values, torch.nan).flatten(2)
    return inside.nanmedian(dim=2).values.nan_to_num(0.0)


def moments_in(values: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and spread, each (B, C, 1, 1), of (B, C, H, W) within a (B, 1, H, W) bool mask."""
    weight = where.float()
    weight = weight / weight.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    mean = (values * weight).sum(dim=(2, 3), keepdim=True)
    return mean, (((values - mean) ** 2) * weight).sum(dim=(2, 3), keepdim=True).sqrt()


def shift_colours(rgb: Tensor, shift: Tensor) -> Tensor:
    """Move the colours of (B, 3, H, W) RGB by (B, 3) LAB vectors."""
    return to_rgb(to_lab(rgb) + shift[..., None, None])


def colour_gap(layer: Tensor, base: Tensor, where: Tensor) -> Tensor:
    """Return the (B, 3) LAB differences base − layer of the median colours within a (B, 1, H, W) bool mask."""
    return median_in(to_lab(base), where) - median_in(to_lab(layer), where)


def match_moments(layer: Tensor, base: Tensor, where: Tensor, amount: Tensor) -> Tensor:
    """Move a layer's LAB mean and spread towards the base's within `where` (Reinhard et al., IEEE CG&A 2001).

    Args:
        layer: (B, 3, H, W) RGB that is moved.
        base: (B, 3, H, W) RGB that it is moved towards.
        where: (B, 1, H, W) bool.
        amount: (B,) shares of the way, in [0, 1].
    """
    lab, goal, share = to_lab(layer), to_lab(base), amount.view(-1, 1, 1, 1)
    (mean, spread), (wanted, wide) = moments_in(lab, where), moments_in(goal, where)
    gain = 1 + share * ((wide / spread.clamp(min=1e-3)).clamp(0.6, 1.6) - 1)
    moved = to_rgb((lab - mean) * gain + mean + share * (wanted - mean))
    return torch.where(where.sum(dim=(2, 3), keepdim=True) >= 16, moved, layer)
