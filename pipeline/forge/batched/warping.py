"""Warps for a batch: every pixel is read from a place of its own; see `pipeline.forge.geometry.warping`."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.forge.batched.batch import each
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.separable import apply, enlarging

MOST_CELLS = 24
"""Cells of a random field along a side, at most: a field that is finer no longer bends anything."""
COARSE = 4
"""Pixels between the places at which a bending is told; it is smooth."""
SMOOTH, TWICINGS = 0.14, 12
"""How far a landmark is followed, in eye distances, and how often what is left over is followed in turn."""


def grid_of(shape: tuple[int, int], device: torch.device) -> Tensor:
    """Return (1, H, W, 2) x and y of each pixel."""
    y = torch.arange(shape[0], device=device, dtype=torch.float32)
    x = torch.arange(shape[1], device=device, dtype=torch.float32)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=2)[None]


def read_at(pixels: Tensor, places: Tensor, mode: str = "bicubic") -> Tensor:
    """Read (B, C, H, W) at (B, h, w, 2) places in pixels; what lies outside is reflected."""
    high, wide = pixels.shape[2:]
    limits = torch.tensor([wide - 1, high - 1], device=pixels.device, dtype=torch.float32)
    return F.grid_sample(pixels, places * 2 / limits - 1, mode=mode, padding_mode="reflection", align_corners=True)


def displace(rgb: Tensor, offset: Tensor) -> Tensor:
    """Read each pixel of (B, 3, H, W) RGB from its place plus a (B, 2, H, W) offset in pixels; whole levels."""
    places = grid_of((rgb.shape[2], rgb.shape[3]), rgb.device) + offset.permute(0, 2, 3, 1)
    return read_at(rgb, places).clamp(0, 255).round()


def elastic(shape: tuple[int, int], draws: Draws, name: str, sigma: Tensor, reach: Tensor) -> Tensor:
    """Return a smooth random (B, 2, H, W) offset of at most (B,) `reach` pixels, smooth over (B,) `sigma` pixels."""
    cells = [(side / sigma).round().clamp(3, min(MOST_CELLS, side)) for side in shape]
    coarse = draws.uniform(name, -1, 1, 2, MOST_CELLS, MOST_CELLS)
    fine = torch.zeros(len(coarse), 2, *shape, device=coarse.device)
    high, wide = (min(MOST_CELLS, side) for side in shape)
    fine[:, :, :high, :wide] = coarse[:, :, :high, :wide]
    field = apply(fine, enlarging(shape[0], cells[0]), enlarging(shape[1], cells[1])).clamp(-1, 1) * each(reach)
    field = draws.facing(field)
    turned = torch.where(draws.flipped[:, None, None], -field[:, 0], field[:, 0])
    return torch.stack([turned, field[:, 1]], dim=1)


def similarity(source: Tensor, target: Tensor) -> Tensor:
    """Return the (B, 2, 3) similarities that take (B, N, 2) points nearest to others (Umeyama, PAMI 1991)."""
    centre, goal = source.mean(dim=1), target.mean(dim=1)
    a, b = source - centre[:, None], target - goal[:, None]
    energy = (a**2).sum(dim=(1, 2)).clamp(min=1e-6)
    cosine = (a * b).sum(dim=(1, 2)) / energy
    sine = (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]).sum(dim=1) / energy
    turn = torch.stack([torch.stack([cosine, -sine], dim=1), torch.stack([sine, cosine], dim=1)], dim=1)
    return torch.cat([turn, (goal - (turn @ centre[..., None])[..., 0])[..., None]], dim=2)


def scale_of(matrix: Tensor) -> Tensor:
    """Return the (B,) scales of (B, 2, 3) similarities."""
    return torch.hypot(matrix[:, 0, 0], matrix[:, 1, 0])


def jitter(matrix: Tensor, centre: Tensor, scale: Tensor, degrees: Tensor, shift: Tensor) -> Tensor:
    """Scale and turn (B, 2, 3) maps' results about (B, 2) centres, counter-clockwise, then shift them by (B, 2)."""
    angle = torch.deg2rad(degrees)
    cosine, sine = scale * angle.cos(), scale * angle.sin()
    turn = torch.stack([torch.stack([cosine, sine], dim=1), torch.stack([-sine, cosine], dim=1)], dim=1)
    moved = turn @ matrix
    moved[..., 2] += centre - (turn @ centre[..., None])[..., 0] + shift
    return moved


def warp(rgb: Tensor, matrix: Tensor) -> Tensor:
    """Resample (B, 3, H, W) RGB by (B, 2, 3) forward maps, cubic; whole levels."""
    turn = torch.linalg.inv(matrix[:, :, :2])
    grid = grid_of((rgb.shape[2], rgb.shape[3]), rgb.device) - matrix[:, None, None, :, 2]
    return read_at(rgb, torch.einsum("bij,bhwj->bhwi", turn, grid)).clamp(0, 255).round()


def bend(source: Tensor, target: Tensor, unit: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return where each pixel is read from so that points of `source` fall on `target`, (B, H, W, 2).

    The best affine map, and what it leaves smoothed over `SMOOTH` eye distances and corrected by what that leaves in
    turn (Tukey's twicing, "Exploratory Data Analysis", 1977, `TWICINGS` times). It is smooth everywhere and made of
    products alone; between the two sample faces landmarks fall within 1.5 % of the eye distance (root mean square).

    Args:
        source: (B, N, 2) in the pixels that are read.
        target: (B, N, 2) in the result's pixels.
        unit: (B,) eye distances in the result's pixels.
        shape: height and width of the result.
    """
    affine = _affine(target, source)
    left = source - _moved(affine, target)
    width = (SMOOTH * unit)[:, None, None]
    near, total = _closeness(target, target, width), torch.zeros_like(left)
    for _ in range(TWICINGS):
        total = total + left - near @ total
    rows, columns = (max(2, -(-side // COARSE)) for side in shape)
    y = torch.linspace(0, shape[0] - 1, rows, device=target.device)
    x = torch.linspace(0, shape[1] - 1, columns, device=target.device)
    at = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=2).reshape(1, -1, 2).expand(len(target), -1, -1)
    flow = _moved(affine, at) - at + _closeness(at, target, width) @ total
    flow = flow.transpose(1, 2).reshape(-1, 2, rows, columns)
    flow = F.interpolate(flow, shape, mode="bicubic", align_corners=True)
    return grid_of(shape, target.device) + flow.permute(0, 2, 3, 1)


def _affine(points: Tensor, goals: Tensor) -> Tensor:
    """Return the (B, 3, 2) affine maps that take (B, N, 2) points nearest to others; rows are x, y and 1."""
    centre = points.mean(dim=1, keepdim=True)
    away = points - centre
    linear = torch.linalg.solve(away.transpose(1, 2) @ away, away.transpose(1, 2) @ goals)
    return torch.cat([linear, goals.mean(dim=1, keepdim=True) - centre @ linear], dim=1)


def _moved(affine: Tensor, points: Tensor) -> Tensor:
    return points @ affine[:, :2] + affine[:, 2:]


def _closeness(at: Tensor, points: Tensor, width: Tensor) -> Tensor:
    """Return how much each of (B, N, 2) points counts at (B, M, 2) places: (B, M, N), 1 in all at each place."""
    square = ((at[:, :, None] - points[:, None]) ** 2).sum(dim=3)
    return (-square / (2 * width**2)).softmax(dim=2)


def folded_share(places: Tensor, where: Tensor) -> Tensor:
    """Return the (B,) shares of a (B, 1, H, W) mask where a map (B, H, W, 2) turns the picture over."""
    across = places[:, :-1, 1:] - places[:, :-1, :-1]
    down = places[:, 1:, :-1] - places[:, :-1, :-1]
    turned = (across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]) <= 0
    inside = where[:, 0, :-1, :-1] > 0.5
    return (turned & inside).float().sum(dim=(1, 2)) / inside.float().sum(dim=(1, 2)).clamp(min=1)
