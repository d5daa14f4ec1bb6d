"""An autoencoder of faces that learns beside the network: what re-synthesis leaves, never twice the same.

Its decoders enlarge in three ways (transposed convolution, nearest neighbour and pixel shuffle), for each leaves
another grid in what it paints (Odena et al., "Deconvolution and Checkerboard Artifacts", Distill 2016).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.forge.batched import Crops, Edits
from pipeline.forge.batched.batch import each
from pipeline.forge.batched.blending import lay_over
from pipeline.forge.batched.colour import match_moments
from pipeline.forge.batched.geometry import SWAPS, covered_parts, feather, swap_outline
from pipeline.forge.batched.separable import blur

WIDTHS, CODE = (48, 96, 160, 224), 40
SIDES = (160, 256)
"""Pixels at which a face is painted."""
RATE = 1e-3
LEARNS_FOR = 4000
"""Steps after which it stays as it is."""
WHOLE, SHARPENED, FEATHER = 0.3, 0.4, (0.03, 0.2)
"""Share of pictures that are re-made as a whole, and of those sharpened after; the soft edge in eye distances."""
EDGES = 0.5
"""Weight of the differences between neighbours, beside that of the pixels."""


def _shrinking(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.SiLU(), nn.Conv2d(outputs, outputs, 3, 1, 1), nn.SiLU()]


def _enlarging(way: int, inputs: int, outputs: int) -> list[nn.Module]:
    grow: list[nn.Module]
    if way == 0:
        grow = [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)]
    elif way == 1:
        grow = [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, 1, 1)]
    else:
        grow = [nn.Conv2d(inputs, 4 * outputs, 3, 1, 1), nn.PixelShuffle(2)]
    return [*grow, nn.SiLU(), nn.Conv2d(outputs, outputs, 3, 1, 1), nn.SiLU()]


class Autoencoder(nn.Module):
    """One encoder and three decoders; (B, 3, S, S) in [0, 1] to the same, S a multiple of 16."""

    def __init__(self) -> None:
        super().__init__()
        down = [layer for pair in zip((3, *WIDTHS), WIDTHS, strict=False) for layer in _shrinking(*pair)]
        self.encoder = nn.Sequential(*down, nn.Conv2d(WIDTHS[-1], CODE, 1), nn.Conv2d(CODE, WIDTHS[-1], 1))
        self.decoders = nn.ModuleList(self._decoder(way) for way in range(3))

    @staticmethod
    def _decoder(way: int) -> nn.Sequential:
        widths = (*WIDTHS[::-1], 32)
        up = [layer for pair in pairwise(widths) for layer in _enlarging(way, *pair)]
        return nn.Sequential(*up, nn.Conv2d(widths[-1], 3, 3, 1, 1))

    def forward(self, pixels: Tensor, way: int) -> Tensor:
        """Paint pictures again by one of the decoders."""
        return self.decoders[way](self.encoder(pixels * 2 - 1)) * 0.5 + 0.5


@dataclass
class Beside:
    """An autoencoder and what it learns with."""

    network: Autoencoder
    optimizer: torch.optim.Optimizer
    steps: int = 0

    @classmethod
    def start(cls, device: torch.device) -> "Beside":
        """Begin with random weights."""
        network = Autoencoder().to(device)
        return cls(network, torch.optim.AdamW(network.parameters(), lr=RATE))

    def state(self) -> dict[str, Any]:
        """Return what `load` takes."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "steps": self.steps}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.steps = state["steps"]

    def learn(self, pixels: Tensor) -> float:
        """Learn a step from (B, 3, H, W) RGB of real photos, from 0 to 255; return the loss, 0 once it has learnt."""
        if self.steps >= LEARNS_FOR or not len(pixels):
            return 0.0
        way, side = self.steps % 3, SIDES[self.steps % len(SIDES)]
        goal = functional.interpolate(pixels / 255, (side, side), mode="bilinear", antialias=True)
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=pixels.device.type == "cuda"):
            painted = self.network(goal, way).float()
        loss = (painted - goal).abs().mean()
        for axis in (2, 3):
            loss = loss + EDGES * (painted.diff(dim=axis) - goal.diff(dim=axis)).abs().mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        return float(loss.detach())


@torch.no_grad()
def paint(network: Autoencoder, crops: Crops) -> Edits:
    """Paint faces again and blend them in; some pictures as a whole. All four parts count as touched.

    Decoder and size are drawn once for all faces, by the first one's seed: in a batch that goes through in parts each
    part has its own.
    """
    draws = crops.draws("autoencoder")
    way, side = int(draws.seeds[0]) % 3, SIDES[int(draws.seeds[0]) // 3 % len(SIDES)]  # one network for all
    high, wide = crops.shape
    small = functional.interpolate(crops.pixels / 255, (side, side), mode="bicubic", antialias=True).clamp(0, 1)
    layer = functional.interpolate(network(small, way).float(), (high, wide), mode="bicubic", align_corners=False)
    layer = (layer * 255).clamp(0, 255)
    soft = blur(layer, draws.uniform("fine", 0.8, 1.6))
    amount = draws.uniform("sharper", 0.3, 1.2) * draws.chance("sharpened", SHARPENED)
    layer = (layer + (layer - soft) * each(amount)).clamp(0, 255).round()
    outline = swap_outline(crops, draws.whole("mask", len(SWAPS)))
    mask = feather(outline, draws.uniform("feather", *FEATHER) * crops.unit)
    whole = draws.chance("whole", WHOLE)
    matched = match_moments(layer, crops.pixels, mask > 0.5, draws.uniform("matched", 0.5, 1))
    layer = torch.where(each(whole), layer, matched)
    mask = torch.where(each(whole), 1.0, mask)
    bits = covered_parts(mask, crops)
    return Edits(lay_over(crops.pixels, layer, mask).to(torch.uint8), mask[:, 0], bits)
