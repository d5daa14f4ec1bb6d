"""Make-up and whitening, batched: the ways and parameters of `pipeline.forge.operations.makeup`."""

from collections.abc import Callable

import torch
from torch import Tensor

from pipeline.face import LIPS
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.colour import median_in, to_lab, to_rgb
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import feather, hull, parts, soften
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.skin import cheek_pixels, skin
from pipeline.forge.batched.warping import grid_of
from pipeline.forge.geometry.masks import EYES, INNER_LIPS
from pipeline.forge.operations.makeup import (
    AMOUNT,
    APPLES,
    BITS,
    BLUSH,
    LEAST_ALPHA,
    LIGHTEST_TEETH,
    LIGHTEST_WHITES,
    LIP_COLOURS,
    PALE,
    WAYS,
    WHITE,
    WHITENING,
)

Layer = tuple[Tensor, Tensor]
"""An alpha, (B, 1, H, W) in [0, 1], and the (B, 3) LAB shifts laid on there."""


def lips(crops: Crops, lab: Tensor, draws: Draws) -> Layer:
    """Colour the lips, sparing teeth."""
    unit = crops.unit
    whole = (hull(crops, LIPS) - hull(crops, INNER_LIPS)).clamp(0, 1)
    mask = feather(soften(whole, 0.012 * unit), 0.03 * unit)
    red = median_in(lab[:, 1:2], mask > 0.5)
    flesh = ((lab[:, 1:2] - red[..., None, None] + 14) / 6).clamp(0, 1)
    colours = torch.tensor(LIP_COLOURS, device=unit.device)
    return mask * soften(flesh, 0.01 * unit), colours[draws.whole("lips", len(colours))]


def cheeks(crops: Crops, lab: Tensor, draws: Draws) -> Layer:
    """Lay blush on both cheeks."""
    grid, colours = grid_of(crops.shape, lab.device), torch.tensor(BLUSH, device=lab.device)
    made = []
    for apple in APPLES:
        away = grid - crops.landmarks[:, list(apple)].mean(dim=1)[:, None, None]
        square = (away[..., 0] ** 2 + (away[..., 1] * 1.3) ** 2) / (0.42 * crops.unit[:, None, None]) ** 2
        made.append((1 - square).clamp(0, 1) ** 2)
    mask = torch.maximum(*made)[:, None]
    return mask * skin(crops), colours[draws.whole("blush", len(colours))]


def teeth(crops: Crops, lab: Tensor, draws: Draws) -> Layer:
    """Whiten teeth where the mouth is open."""
    colour = torch.tensor(PALE, device=lab.device) * draws.uniform("teeth", *WHITENING)[:, None]
    return _pale(hull(crops, INNER_LIPS), crops, lab, LIGHTEST_TEETH), colour


def whites(crops: Crops, lab: Tensor, draws: Draws) -> Layer:
    """Whiten the whites of the eyes."""
    colour = torch.tensor(WHITE, device=lab.device) * draws.uniform("whites", *WHITENING)[:, None]
    mask = torch.maximum(*(_pale(hull(crops, eye), crops, lab, LIGHTEST_WHITES) for eye in EYES))
    return mask, colour


def _pale(mask: Tensor, crops: Crops, lab: Tensor, lightest: float) -> Tensor:
    """Keep of a (B, 1, H, W) mask what is light and less red than the cheeks, softened."""
    unit, inside = crops.unit, mask > 0.5
    enough = inside.sum(dim=(1, 2, 3)) >= 0.0008 * unit**2 + 6
    middle = median_in(lab[:, :1], inside)[:, 0]
    light = ((lab[:, :1] - each((middle - 4).clamp(min=lightest))) / 10).clamp(0, 1)
    cheek = cheek_pixels(lab, crops)[:, 1].quantile(0.5, dim=1)
    grey = ((each(cheek) - lab[:, 1:2]) / 4).clamp(0, 1)
    return soften(light * grey * mask, 0.008 * unit) * mask * each(enough.float())


PAINTS: dict[str, Callable[[Crops, Tensor, Draws], Layer]] = {
    "cheeks": cheeks, "lips": lips, "teeth": teeth, "whites": whites,
}  # fmt: skip


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Apply two to four of the ways; `strength` is the share of the colour shift."""
    draws, names, lab = crops.draws("makeup"), sorted(WAYS), to_lab(crops.pixels)
    chosen = draws.some_of("ways", 2 + draws.whole("count", 3), len(names))
    amounts = draws.uniform("amounts", *AMOUNT, len(names)) * strength[:, None]
    mask, shift, places = torch.zeros_like(lab[:, :1]), torch.zeros_like(lab), parts(crops)
    bits = torch.zeros(len(crops), 4, dtype=torch.bool, device=lab.device)
    for number, name in enumerate(names):
        alpha, colour = PAINTS[name](crops, lab, draws)
        there = chosen[:, number] & (alpha.amax(dim=(1, 2, 3)) >= LEAST_ALPHA)
        alpha = alpha * each(amounts[:, number] * there)
        mask, shift = torch.maximum(mask, alpha), shift + alpha * colour[..., None, None]
        for part in BITS[name]:  # of two eyes one may have nothing to whiten
            bits[:, part] |= (alpha * places[:, part : part + 1]).amax(dim=(1, 2, 3)) >= LEAST_ALPHA * strength / 2
    return to_rgb(lab + shift), mask, bits


OPERATION = twin_of("makeup", edit)
