"""Laying one picture over another, for a batch: by an alpha, or by gradients."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.forge.batched.batch import each
from pipeline.forge.batched.colour import length_of, to_lab

LEVELS = 5
"""Halvings of the picture on which a seam's difference is carried inwards."""
SWEEPS = 24
"""Relaxations at full size, a third of those at smaller ones. Their number is fixed: no sample waits for another."""
DRIFT_SHARE = 0.9
"""Of the distances between two pictures, the quantile that is taken."""


def lay_over(base: Tensor, layer: Tensor, alpha: Tensor) -> Tensor:
    """Lay (B, 3, H, W) over a base; alpha (B, 1, H, W) in [0, 1]. Whole levels."""
    return (base * (1 - alpha) + layer * alpha).round().clamp(0, 255)


def for_some(chosen: Tensor, base: Tensor, work: Callable[[Tensor], Tensor]) -> Tensor:
    """Return (B, …) with the (B,) bool chosen samples worked on: others cost nothing.

    Args:
        chosen: which.
        base: what the others keep.
        work: takes the (K,) int64 places of those chosen, and returns (K, …).
    """
    places = chosen.nonzero()[:, 0]
    return base.index_copy(0, places, work(places)) if len(places) else base


def poisson(base: Tensor, layer: Tensor, mask: Tensor) -> Tensor:
    """Clone a layer's gradients into the base wherever a mask is above 0 (Pérez et al., SIGGRAPH 2003).

    The result is the layer plus a membrane that is the two pictures' difference outside the mask and harmonic within,
    relaxed from coarse to fine.

    Args:
        base: (B, 3, H, W) RGB.
        layer: (B, 3, H, W) RGB, aligned with the base.
        mask: (B, 1, H, W); the two outermost pixels always stay the base's.

    Returns:
        (B, 3, H, W) RGB, whole levels.
    """
    hole = torch.zeros_like(mask)
    hole[:, :, 2:-2, 2:-2] = (mask[:, :, 2:-2, 2:-2] > 0).float()
    membrane = harmonic(base - layer, hole)
    return torch.where(hole > 0, (layer + membrane).round().clamp(0, 255), base)


def harmonic(values: Tensor, hole: Tensor) -> Tensor:
    """Fill the (B, 1, H, W) hole, 0 or 1, of (B, C, H, W) with the harmonic function of what surrounds it.

    Values around the hole are averaged down to small pictures; each size starts from the smaller one's solution and is
    relaxed by Jacobi's method, as in multigrid's first half (Briggs et al., "A Multigrid Tutorial", 2000, chapter 3).
    """
    steps = [(values, hole)]
    for _ in range(LEVELS):
        kept, gap = steps[-1]
        if min(kept.shape[2:]) < 8:
            break
        known = _halved(1 - gap)
        steps.append((_halved(kept * (1 - gap)) / known.clamp(min=1e-6), (known <= 0).float()))
    kept, gap = steps[-1]
    weight = 1 - gap
    mean = (kept * weight).sum(dim=(2, 3), keepdim=True) / weight.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    filled = mean.expand_as(kept)
    for kept, gap in reversed(steps):
        guess = F.interpolate(filled, kept.shape[2:], mode="bilinear", align_corners=False)
        sweeps = SWEEPS if kept is values else 3 * SWEEPS
        filled = _relaxed(torch.where(gap > 0, guess, kept), gap, sweeps)
    return filled


def _halved(values: Tensor) -> Tensor:
    """Average squares of four; those of an odd side overlap a little, so that none is favoured."""
    high, wide = values.shape[2:]
    return F.interpolate(values, ((high + 1) // 2, (wide + 1) // 2), mode="area")


def _relaxed(values: Tensor, hole: Tensor, sweeps: int) -> Tensor:
    inside = hole > 0
    for _ in range(sweeps):
        around = F.pad(values, (1, 1, 1, 1), mode="replicate")
        mean = (around[:, :, :-2, 1:-1] + around[:, :, 2:, 1:-1] + around[:, :, 1:-1, :-2] + around[:, :, 1:-1, 2:]) / 4
        values = torch.where(inside, mean, values)
    return values


def drift(result: Tensor, layer: Tensor, where: Tensor) -> Tensor:
    """Return how far a blend moved a layer's colours within a (B, 1, H, W) bool mask: a (B,) LAB distance."""
    far = length_of(to_lab(result) - to_lab(layer))
    ranked = torch.where(where, far, torch.inf).flatten(1).sort(dim=1).values
    count = where.flatten(1).sum(dim=1)
    place = (DRIFT_SHARE * (count - 1).clamp(min=0)).round().long()
    picked = ranked.gather(1, place[:, None])[:, 0]
    return torch.where(count > 0, picked, 0)


def cloned_where(wanted: Tensor, base: Tensor, layer: Tensor, masks: tuple[Tensor, Tensor], most: float) -> Tensor:
    """Return a layer with its gradients cloned where that is wanted and carries no foreign colour inside.

    Args:
        wanted: (B,) bool.
        base: (B, 3, H, W) RGB that it is laid on.
        layer: (B, 3, H, W) RGB.
        masks: the hard mask and the alpha, each (B, 1, H, W).
        most: largest drift of the layer's colours, see `drift`.
    """
    mask, alpha = masks

    def work(some: Tensor) -> Tensor:
        cloned = poisson(base[some], layer[some], mask[some])
        faithful = drift(cloned, layer[some], alpha[some] > 0.5) < most
        return torch.where(each(faithful), cloned, layer[some])

    return for_some(wanted, layer, work)
