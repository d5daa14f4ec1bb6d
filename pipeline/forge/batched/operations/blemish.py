"""Blemish removal, batched: the spots and parameters of `pipeline.forge.operations.blemish`.

Spots are the same round blobs of the difference of Gaussians, the plainest `CANDIDATES` of each face. They are healed
by the membrane of their rim, which is what Georgiev's healing brush solves for, in place of Telea's fill.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import harmonic, lay_over
from pipeline.forge.batched.colour import to_lab
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import features, soften
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.skin import skin
from pipeline.forge.batched.warping import grid_of, read_at
from pipeline.forge.operations.blemish import ASIDE, FAINTEST, FAINTEST_JITTER, GROW, MOST, SCALES

CANDIDATES = 96
"""Blobs of a face that are compared with each other."""

Spots = tuple[Tensor, Tensor, Tensor]
"""Contrast in LAB units (B, K), the plainest first; columns and rows (B, K, 2); radii in pixels (B, K)."""


def spots(crops: Crops) -> tuple[Spots, Tensor]:
    """Find spots; return the candidates, and which of them stand, (B, K) bool: none over a plainer one."""
    lab = to_lab(crops.pixels)
    dark, place = 0.8 * lab[:, 1:2] - lab[:, :1], _within(crops)
    radii = torch.stack([(scale * crops.unit).clamp(min=1) for scale in SCALES], dim=1)
    bands = torch.cat([blur(dark, r / 1.6) - blur(dark, r * 1.6) for r in radii.unbind(1)], dim=1)
    top = (bands >= F.max_pool2d(bands, 3, 1, 1)) & (bands > 0.6) & (place > 0.7) & _round(bands)
    best = torch.where(top, bands, -torch.inf).flatten(1).topk(CANDIDATES, dim=1)
    high, wide = crops.shape
    scale, pixel = best.indices // (high * wide), best.indices % (high * wide)
    at = torch.stack([pixel % wide, pixel // wide], dim=2).float()
    found = best.values * 1.6, at, radii.gather(1, scale)
    return found, _standing(found)


def _within(crops: Crops) -> Tensor:
    """Return (B, 1, H, W) of skin well within its borders; a dark spot, unlike skin by its colour, is filled up."""
    inner = ((soften(skin(crops), 0.06 * crops.unit) - 0.6) / 0.2).clamp(0, 1)
    return inner * (1 - features(crops))


def _round(bands: Tensor) -> Tensor:
    """Tell where a bump is round: a wrinkle or a hair is long (the edge test of Lowe's detector)."""
    down, across = torch.gradient(bands, dim=(2, 3))
    yy, yx = torch.gradient(down, dim=(2, 3))
    xx = torch.gradient(across, dim=3)[0]
    trace, area = xx + yy, xx * yy - yx * yx
    return (area > 0) & (trace * trace < 6.5 * area)


def _standing(found: Spots) -> Tensor:
    """Keep of candidates those that lie over no plainer one that is kept."""
    contrast, at, radius = found
    near = torch.cdist(at, at) <= 2 * (radius[:, :, None] + radius[:, None])
    kept = contrast > 0
    for place in range(1, kept.shape[1]):
        kept[:, place] &= ~(near[:, place, :place] & kept[:, :place]).any(dim=1)
    return kept


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Heal spots; more `strength` heals fainter ones, and more of each."""
    draws = crops.draws("blemish")
    found, standing = spots(crops)
    faintest = (FAINTEST[0] + (FAINTEST[1] - FAINTEST[0]) * strength) * draws.uniform("faintest", *FAINTEST_JITTER)
    chosen = standing & (found[0] > faintest[:, None])
    chosen &= chosen.cumsum(dim=1) <= MOST
    far = _nearest(found, chosen, draws.uniform("grow", *GROW), crops)
    share = (0.6 + 0.4 * strength) * (4 * strength).clamp(max=1)
    mask = ((1 - far) * 2.2).clamp(0, 1) * each(share)
    healed = heal(crops, (far <= 1).float(), draws)
    none = torch.zeros(len(crops), 4, dtype=torch.bool, device=mask.device)
    return lay_over(crops.pixels, healed, mask), mask, none


def _nearest(found: Spots, chosen: Tensor, grow: Tensor, crops: Crops) -> Tensor:
    """Return how far each pixel lies from the nearest chosen spot, 1 at its rim: (B, 1, H, W)."""
    _, at, radius = found
    reach = (grow[:, None] * radius).clamp(min=2) + 1
    first = chosen.long().argsort(dim=1, descending=True, stable=True)
    grid = grid_of(crops.shape, at.device)
    nearest = torch.full((len(crops), *crops.shape), torch.inf, device=at.device)
    for rank in range(int(chosen.sum(dim=1).max())):
        spot = first[:, rank : rank + 1]
        centre = at.gather(1, spot[..., None].expand(-1, -1, 2))[:, :, None]
        away = grid - centre
        far = torch.hypot(away[..., 0], away[..., 1]) / reach.gather(1, spot)[..., None]
        nearest = torch.where(chosen.gather(1, spot)[..., None], torch.minimum(nearest, far), nearest)
    return nearest[:, None]


def heal(crops: Crops, hole: Tensor, draws: Draws) -> Tensor:
    """Fill a (B, 1, H, W) hole, 0 or 1, from its rim, with the grain of skin beside it: (B, 3, H, W)."""
    fine = (0.008 * crops.unit).clamp(min=0.8)
    base = harmonic(crops.pixels, hole)
    grain = base - blur(base, fine)
    angle = draws.uniform("angle", 0, 2 * math.pi)
    across = torch.where(draws.flipped, -1, 1) * angle.cos()
    aside = (torch.stack([across, angle.sin()], dim=1) * ASIDE * crops.unit[:, None]).round()
    moved = read_at(grain, grid_of(crops.shape, hole.device) - aside[:, None, None], "nearest")
    return (blur(base, fine) + moved.clamp(-6, 6)).round().clamp(0, 255)


OPERATION = twin_of("blemish", edit)
