"""Edits of a batch: each item's operations in order, tried anew where they are refused."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.crops.build import STRENGTH
from pipeline.crops.masks import CELL, EDITED, LEAST_CHANGE, UNKNOWN, UNTOUCHED
from pipeline.forge.batched import Crops, Edits, batched
from pipeline.forge.batched.draws import Draws
from pipeline.training.on_device.autoencoder import Autoencoder, paint

Lend = tuple[Tensor, Tensor]
"""Donors' pixels (B, 3, H, W) and landmarks (B, 468, 2)."""


@dataclass(frozen=True, eq=False)
class Forged:
    """Edited crops, and what is known of them.

    Attributes:
        pixels: (B, 3, H, W) float32 RGB from 0 to 255, whole levels.
        masks: (B, H / 4, W / 4) uint8, where they differ from their originals; see `pipeline.crops.masks`.
        bits: (B, 4) float32, whether each region was touched.
        done: (B,) bool: whether all operations of an item were carried out.
    """

    pixels: Tensor
    masks: Tensor
    bits: Tensor
    done: Tensor


def forge(
    crops: Crops, edits: Sequence[tuple[str, ...]], lends: Sequence[Lend], network: Autoencoder | None = None
) -> Forged:
    """Carry out each item's operations.

    Args:
        crops: the originals, B of them.
        edits: names of operations, in order, of each; "autoencoder" stands for `network`.
        lends: who lends, first choices first; one try for each.
        network: the autoencoder that learns beside; needed only where it is named.
    """
    pixels, device = crops.pixels.clone(), crops.pixels.device
    bits = torch.zeros(len(crops), 4, dtype=torch.bool, device=device)
    done = torch.zeros(len(crops), dtype=torch.bool, device=device)
    strength = Draws(crops.seeds, crops.flipped).below("strength").uniform("strength", *STRENGTH)
    for number, lend in enumerate(lends):
        pending = (~done).nonzero()[:, 0]
        if not len(pending):
            break
        names = [edits[place] for place in pending.tolist()]
        work = _attempt(crops, names, (pending, number), (lend, strength, network))
        pixels[pending], bits[pending], done[pending] = work
    pixels = torch.where(done.view(-1, 1, 1, 1), pixels, crops.pixels)
    masks = masks_of_change(pixels, crops.pixels)
    done = done & (masks == EDITED).flatten(1).any(dim=1)
    return Forged(pixels, masks, bits.float(), done)


def _attempt(
    crops: Crops,
    edits: list[tuple[str, ...]],
    which: tuple[Tensor, int],
    means: tuple[Lend, Tensor, Autoencoder | None],
) -> tuple[Tensor, Tensor, Tensor]:
    """Try the edits of some items once: pixels, bits and whether each was carried out whole."""
    (places, number), (lend, strength, network) = which, means
    some = crops.at(places)
    seeds = Draws(some.seeds, some.flipped).below(f"try {number}").seeds
    some = Crops(some.pixels, some.landmarks, seeds, some.flipped)
    donors = Crops(lend[0][places], lend[1][places], seeds, some.flipped)
    pixels, bits = some.pixels.clone(), torch.zeros(len(some), 4, dtype=torch.bool, device=seeds.device)
    done = torch.ones(len(some), dtype=torch.bool, device=seeds.device)
    for place in range(max(map(len, edits))):
        named = [names[place] if place < len(names) else "" for names in edits]
        for name in sorted(set(named) - {""}):
            mine = torch.tensor([n for n, one in enumerate(named) if one == name], device=seeds.device)
            work = _edit(name, some.showing(pixels).at(mine), donors.at(mine), strength[places[mine]], network)
            pixels[mine] = work.pixels.float()
            bits[mine] |= work.bits
            done[mine] &= work.changed
    return pixels, bits, done


def _edit(name: str, crops: Crops, donors: Crops, strength: Tensor, network: Autoencoder | None) -> Edits:
    if name != "autoencoder":
        return batched(name).run(crops, donors, strength)
    assert network is not None
    return paint(network, crops)


def masks_of_change(edited: Tensor, original: Tensor) -> Tensor:
    """Return where (B, 3, H, W) RGB differs, (B, H / 4, W / 4) uint8: `masks.mask_of_change`, batched."""
    change = functional.avg_pool2d((edited - original).abs().amax(dim=1, keepdim=True), CELL)[:, 0]
    masks = torch.full(change.shape, UNKNOWN, dtype=torch.uint8, device=change.device)
    masks[change < LEAST_CHANGE / 2] = UNTOUCHED
    masks[change >= LEAST_CHANGE] = EDITED
    return masks
