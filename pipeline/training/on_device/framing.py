"""Windows, light, colours and containers of a batch, on the device: what `pipeline.training.batches` does one by one.

Both of a pair share their window, so that only the edit differs; light, colours and container are drawn for each
picture alone, without a look at it, so that they tell nothing of the label.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.crops.crops import STORE_SIDE
from pipeline.crops.masks import EDITED, EDITED_FROM, UNTOUCHED, UNTOUCHED_FROM
from pipeline.examining import container
from pipeline.forge.batched.batch import each
from pipeline.forge.batched.blending import for_some
from pipeline.forge.batched.containers import jpeg, resize, shrink_and_grow, webp
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.warping import read_at
from pipeline.training.batches import MASK_STRIDE, SHIFT, WINDOW
from pipeline.training.config import TrainConfig

SIDES = 16
"""Pixels between the sizes to which pictures are shrunk on their way: those of one size are encoded together."""


def windows(config: TrainConfig, seeds: Tensor) -> tuple[Tensor, Tensor]:
    """Draw windows of about the size of a test's crop, turned, stretched, mirrored.

    Args:
        config: its `train_size`, `turned` and `stretched`.
        seeds: (B,) int64; those of a pair are the same.

    Returns:
        (B, S, S, 2) places in the store's pixels, and (B,) bool, which of them are mirrored.
    """
    draws = Draws(seeds, torch.zeros_like(seeds, dtype=torch.bool)).below("window")
    side, device = config.train_size, seeds.device
    share = (side / STORE_SIDE * draws.uniform("side", *WINDOW)).clamp(max=1)
    shift = (0.5 - share / 2)[:, None] + draws.uniform("shift", -SHIFT, SHIFT, 2)
    corner = torch.minimum(shift.clamp(min=0), (1 - share)[:, None])
    stretch = torch.exp(draws.uniform("stretch", -1, 1) * math.log1p(config.stretched))
    angle = draws.uniform("turn", -1, 1) * math.radians(config.turned)
    mirrored = draws.chance("mirror", 0.5)
    steps = torch.arange(side, device=device, dtype=torch.float32) - (side - 1) / 2
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    scale = (share * STORE_SIDE / side).view(-1, 1, 1)
    x = x[None] * torch.where(mirrored, -1, 1).view(-1, 1, 1) * scale / stretch.sqrt().view(-1, 1, 1)
    y = y[None] * scale * stretch.sqrt().view(-1, 1, 1)
    cosine, sine = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1)
    turned = torch.stack([x * cosine - y * sine, x * sine + y * cosine], dim=3)
    centre = ((corner + share[:, None] / 2) * STORE_SIDE - 0.5).view(-1, 1, 1, 2)
    return turned + centre, mirrored


def cut(pixels: Tensor, places: Tensor) -> Tensor:
    """Read windows out of (B, 3, H, W) RGB, cubic; (B, 3, S, S), whole levels."""
    return read_at(pixels, places).clamp(0, 255).round()


def cut_mask(masks: Tensor, places: Tensor) -> Tensor:
    """Read windows out of (B, 75, 75) uint8 masks: (B, S / 16, S / 16) float32, as `pipeline.crops.masks.grid_of`."""
    kinds = torch.stack([masks == UNTOUCHED, masks == EDITED], dim=1).float()
    ratio = masks.shape[-1] / STORE_SIDE
    shares = functional.avg_pool2d(read_at(kinds, (places + 0.5) * ratio - 0.5, "bilinear"), MASK_STRIDE)
    grid = torch.full_like(shares[:, 0], -1)
    grid[shares[:, 0] > UNTOUCHED_FROM] = 0
    grid[shares[:, 1] > EDITED_FROM] = 1
    return grid


def coloured(pixels: Tensor, draws: Draws, amount: float) -> Tensor:
    """Change light, colours and sharpness of (B, 3, S, S) RGB a little, as photos differ, edited or not."""
    spread = 0.15 * amount
    gain = (1 + draws.uniform("balance", -spread, spread, 3, 1, 1)) * each(1 + draws.uniform("gain", -spread, spread))
    changed = (pixels * gain + each(draws.uniform("offset", -12, 12) * amount)).clamp(0, 255)
    changed = 255 * (changed / 255) ** each(torch.exp(draws.uniform("gamma", -0.25, 0.25) * amount))
    grey = (changed * changed.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    colour = each(1 + draws.uniform("saturation", -0.35, 0.25) * amount)
    changed = grey + (changed - grey) * torch.where(each(draws.chance("mono", 0.05)), 0, colour)
    toned = torch.where(each(draws.chance("toned", 0.7)), changed, pixels)
    noise = draws.uniform("noise", 0, 6) * draws.chance("noisy", 0.25)
    toned = for_some(noise > 0, toned, lambda some: toned[some] + _grain(draws, some, toned) * each(noise[some]))
    sigma = draws.uniform("blur", 0.3, 1.2)
    toned = for_some(draws.chance("blurred", 0.15), toned, lambda some: blur(toned[some], sigma[some]))
    sharper = draws.uniform("sharper", 0.2, 1.0)
    toned = for_some(draws.chance("sharpened", 0.12), toned, lambda some: _sharpened(toned[some], sharper[some]))
    return toned.clamp(0, 255).round()


def _grain(draws: Draws, some: Tensor, pixels: Tensor) -> Tensor:
    chosen = Draws(draws.seeds[some], draws.flipped[some])
    return chosen.grain("grain", pixels.shape[2], pixels.shape[3])


def _sharpened(pixels: Tensor, amount: Tensor) -> Tensor:
    return pixels + (pixels - blur(pixels, torch.ones_like(amount))) * each(amount)


def shaken(pixels: Tensor, draws: Draws, gentle: float) -> Tensor:
    """Send (B, 3, S, S) RGB through a random container, the distribution of `pipeline.examining.container.shake`.

    One thing differs: who is passed on by a social medium is passed on once, at one of few sizes.
    """
    soft = draws.chance("gentle", gentle)
    way = draws.unit("way")
    online, handled = ~soft & (way < container.ONLINE), ~soft & (way >= container.ONLINE)
    coded = soft & draws.chance("gentle coded", container.GENTLY_CODED)
    high = draws.uniform("gentle quality", *container.GENTLE_QUALITY).round()
    out = for_some(coded, pixels, lambda some: jpeg(pixels[some], high[some]))
    out = for_some(handled, out, lambda some: _handled(pixels[some], _of(draws, some)))
    out = _online(pixels, out, online, draws)
    settled = soft | draws.chance("settled", container.SETTLED)
    return for_some(settled, out, lambda some: jpeg(out[some], container.SETTLED_QUALITY))


def _of(draws: Draws, some: Tensor) -> Draws:
    return Draws(draws.seeds[some], draws.flipped[some])


def _handled(pixels: Tensor, draws: Draws) -> Tensor:
    """Shrink and grow back, or not; re-encode as JPEG or WebP, or not."""
    factor = draws.uniform("factor", *container.SHRUNK_TO)
    small, cubic = draws.chance("shrunk", container.SHRUNK), draws.chance("cubic", 0.5)
    for how in (True, False):

        def work(some: Tensor, how: bool = how, base: Tensor = pixels) -> Tensor:
            return shrink_and_grow(base[some], factor[some], how)

        pixels = for_some(small & (cubic == how), pixels, work)
    as_jpeg = draws.chance("jpeg", container.AS_JPEG)
    quality = draws.uniform("quality", *container.QUALITY).round()
    full = draws.chance("full chroma", container.FULL_CHROMA)
    out = for_some(as_jpeg, pixels, lambda some: jpeg(pixels[some], quality[some], full[some]))
    as_webp = ~as_jpeg & draws.chance("webp", container.AS_WEBP)
    lossy = quality.clamp(*container.WEBP_QUALITY)
    return for_some(as_webp, out, lambda some: webp(pixels[some], lossy[some]))


def _online(pixels: Tensor, out: Tensor, chosen: Tensor, draws: Draws) -> Tensor:
    """Shrink, sharpen and encode at the smaller size, then grow back: those of one size together."""
    side = pixels.shape[-1]
    sizes = list(range(int(side * container.ONLINE_SIZES[0]) // SIDES * SIDES, side, SIDES))
    drawn = draws.whole("online size", len(sizes))
    amount = draws.uniform("online sharper", 0, container.SHARPENED)
    quality = draws.uniform("online quality", *container.ONLINE_QUALITY).round()
    as_webp = draws.chance("online webp", container.ONLINE_WEBP)
    for place, size in enumerate(sizes):
        mine = chosen & (drawn == place)

        def work(some: Tensor, size: int = size) -> Tensor:
            small = _sharpened(resize(pixels[some], size, size), amount[some]).clamp(0, 255).round()
            coded = jpeg(small, quality[some])
            coded = for_some(as_webp[some], coded, lambda few: webp(small[few], quality[some][few]))
            return resize(coded, side, side)

        out = for_some(mine, out, work)
    return out
