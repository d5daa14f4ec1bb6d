"""CLIP's ViT-B/16 (Radford et al., ICML 2021) with low-rank adapters, a mask head and a verdict read from four depths.

The base is frozen and shared (`models.base`); what was trained is the adapters on every linear layer of the blocks
(LoRA: Hu et al., ICLR 2022), the norms and the heads. These read blocks 3, 6, 9 and 12, for an edit's traces show at
other depths than what a picture is of (RINE: Koutlis & Papadopoulos, ECCV 2024). A detector's state is what was
trained: the base is no part of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.base import floats, read_base
from models.clip_graph import graph
from models.clip_numbers import (
    BASE,
    BLOCKS,
    HEADS,
    MEAN,
    OUTER,
    PATCH,
    RANK,
    SCALED,
    STD,
    TAPS,
    TAPWIDTH,
    WIDTH,
    numbers,
)
from models.detector import Detector, Logits
from models.registry import register

MAPS = 256
DROPOUT = 0.3


@dataclass(frozen=True)
class Sizes:
    """How large the tower is, and what the heads take of it; those of the released networks unless told otherwise.

    Attributes:
        width, heads, blocks: of a token, of attention, of the tower.
        outer: patches a side in pre-training.
        taps, tap_width: blocks that the heads read, and what they make of each token.
        maps: mixed cells.
    """

    width: int = WIDTH
    heads: int = HEADS
    blocks: int = BLOCKS
    outer: int = OUTER
    taps: tuple[int, ...] = TAPS
    tap_width: int = TAPWIDTH
    maps: int = MAPS


CLIP = Sizes()


class Adapted(nn.Module):
    """A frozen linear layer with a trained change of low rank: y = W x + b + 2 · B (A x)."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.randn(outputs, inputs) / math.sqrt(inputs), persistent=False)
        self.register_buffer("bias", torch.zeros(outputs), persistent=False)
        self.adapt(RANK)
        self.merged = False

    def adapt(self, rank: int) -> None:
        """Begin anew with an adapter of that rank, which changes nothing yet; of rank 0 it never does."""
        outputs, inputs = self.weight.shape
        learns = rank > 0  # several processes wait for the gradient of whatever learns
        self.a = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs), requires_grad=learns)
        self.b = nn.Parameter(torch.zeros(outputs, rank), requires_grad=learns)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, inputs) → (B, T, outputs)."""
        held = functional.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))
        if self.merged or not len(self.a):
            return held
        return held + SCALED * functional.linear(functional.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype))


class Block(nn.Module):
    """A pre-norm transformer block of CLIP with adapters, (B, T, 768) → the same."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.o = (Adapted(width, width) for _ in range(4))
        self.f1, self.f2 = Adapted(width, 4 * width), Adapted(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Attend, then the two-layer network with quickGELU, x · sigmoid(1.702 x)."""
        count, tokens, width = x.shape
        y = self.n1(x).to(x.dtype)
        q, k, v = (
            m(y).view(count, tokens, self._heads, width // self._heads).transpose(1, 2)
            for m in (self.q, self.k, self.v)
        )
        attended = functional.scaled_dot_product_attention(q, k, v)
        x = x + self.o(attended.transpose(1, 2).reshape(count, tokens, width))
        y = self.f1(self.n2(x).to(x.dtype))
        return x + self.f2(y * torch.sigmoid(1.702 * y))


def _taps(sizes: Sizes) -> nn.ModuleList:
    return nn.ModuleList(
        nn.Sequential(nn.LayerNorm(sizes.width), nn.Linear(sizes.width, sizes.tap_width)) for _ in sizes.taps
    )


def _pool(cells: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    """Return what the head reads, (B, 1024): pooled cells, then the class tokens' features."""
    return torch.cat([cells.mean(dim=(2, 3)), whole], dim=-1)


class ClipDetector(Detector):
    """CLIP with adapters: logits, region logits and a mask of S/16 × S/16. S is a multiple of 16."""

    base = BASE
    patch: torch.Tensor
    cls: torch.Tensor
    position: torch.Tensor
    head: nn.Linear

    def __init__(self, outputs: int, sizes: Sizes = CLIP) -> None:
        super().__init__(MEAN, STD)
        self.sizes, width = sizes, sizes.width
        joined = sizes.tap_width * len(sizes.taps)
        self.register_buffer("patch", torch.randn(width, 3, PATCH, PATCH) / 28, persistent=False)
        self.register_buffer("cls", torch.randn(width) / 28, persistent=False)
        self.register_buffer("position", torch.randn(sizes.outer**2 + 1, width) / 28, persistent=False)
        self.pre = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, sizes.heads) for _ in range(sizes.blocks))
        self.taps = _taps(sizes)
        self.mix = nn.Sequential(nn.GELU(), nn.Conv2d(joined, sizes.maps, 3, padding=1), nn.GELU())
        self.mask = nn.Conv2d(sizes.maps, 1, 1)
        # what a class activation map is made from: the mixed cells, as the verdict weighs them
        self.maps = nn.Identity()
        self.ctap = _taps(sizes)
        self.drop = nn.Dropout(DROPOUT)
        self.head = nn.Linear(sizes.maps + joined, outputs)

    @property
    def cam_layer(self) -> nn.Module:
        """The weighted cells: 256 maps of S/16."""
        return self.maps

    def on_base(self, tensors: Mapping[str, np.ndarray]) -> Self:
        """Put the base's numbers under the adapters, in place.

        Args:
            tensors: from `models.base.read_base`.

        Raises:
            WeightsMismatch: a tensor is not there.
        """
        for name, buffer in self.named_buffers():
            if name not in ("mean", "std"):
                buffer.copy_(torch.from_numpy(floats(tensors, name)))
        return self

    @torch.no_grad()
    def merge(self) -> Self:
        """Add every adapter to the layer that it adapts, in place: the same function with less to compute."""
        for module in self.modules():
            if isinstance(module, Adapted) and not module.merged:
                module.weight += SCALED * (module.b @ module.a)
                module.merged = True
        return self

    def shaped(self, tensors: Mapping[str, torch.Tensor]) -> Self:
        """Give the adapters the rank of those that will be loaded, in place."""
        down = tensors.get("blocks.0.q.a")
        return self if down is None else self.adapt(len(down))

    def adapt(self, rank: int) -> Self:
        """Begin anew with adapters of another rank, in place, where it is another."""
        for module in self.modules():
            if isinstance(module, Adapted) and len(module.a) != rank:
                module.adapt(rank)
        return self

    def _positions(self, side: int) -> torch.Tensor:
        """Return the positions' table for side × side patches; as pre-trained it is for 14 × 14."""
        outer, width = self.sizes.outer, self.sizes.width
        grid = self.position[1:].view(outer, outer, width).permute(2, 0, 1)[None]
        grid = functional.interpolate(grid, (side, side), mode="bicubic", align_corners=False)
        return torch.cat([self.position[:1], grid[0].permute(1, 2, 0).reshape(-1, width)])

    def tokens(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        """Return the tokens after each block of `Sizes.taps`, each (B, 1 + S²/256, 768), from normalised pixels."""
        x = functional.conv2d(pixels, self.patch, stride=PATCH)
        side = x.shape[-1]
        x = torch.cat([self.cls.expand(len(x), 1, -1), x.flatten(2).transpose(1, 2)], dim=1) + self._positions(side)
        x, kept = self.pre(x), []
        for number, block in enumerate(self.blocks, 1):
            x = block(x)
            if number in self.sizes.taps:
                kept.append(x)
        return kept

    def cells(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return weighted cells, 256 maps of S/16; class tokens' features (B, 768); and the mask's logits."""
        kept = self.tokens(pixels)
        side = pixels.shape[-1] // PATCH
        patches = torch.cat([tap(x[:, 1:]) for tap, x in zip(self.taps, kept, strict=True)], dim=-1)
        whole = torch.cat([tap(x[:, 0]) for tap, x in zip(self.ctap, kept, strict=True)], dim=-1)
        mixed = self.mix(patches.transpose(1, 2).reshape(len(pixels), -1, side, side))
        mask = self.mask(mixed)
        share = mask.flatten(2).softmax(-1).view_as(mask) * side**2
        return self.maps(mixed * (0.5 * share + 0.5)), functional.gelu(whole), mask

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return what the head reads of normalised pixels, (B, 1024): pooled cells, then class tokens."""
        cells, whole, _ = self.cells(pixels)
        return _pool(cells, whole)

    def forward(self, pixels: torch.Tensor) -> Logits:
        """Score a batch of (B, 3, S, S) float32 in [0, 1]."""
        cells, whole, mask = self.cells((pixels - self.mean) / self.std)
        scores = self.scores(self.drop(_pool(cells, whole)))
        return Logits(scores[:, 0], scores[:, 1:] if scores.shape[1] > 1 else None, mask)

    def own_graph(self, input_size: int) -> bytes | None:
        """Return its graph in float32 for one picture, see `models.clip_graph`."""
        return graph(input_size, self.head.out_features)

    def tensors_to_serve(self, input_size: int = 256) -> dict[str, np.ndarray]:
        """Return the numbers of its graph, in float32."""
        held = {name: buffer.numpy() for name, buffer in self.named_buffers()}
        own = {name: tensor.numpy() for name, tensor in self.state_dict().items()}
        for name, module in self.named_modules():
            if isinstance(module, Adapted) and module.merged:
                own[f"{name}.b"] = np.zeros_like(own[f"{name}.b"])  # it is in the layer by now
        return dict(numbers(held, own, input_size))


@register("clip_vit_b16")
def clip_vit_b16(outputs: int, pretrained: bool) -> Detector:
    """Build the network: random, or on its base with adapters that change nothing yet."""
    detector = ClipDetector(outputs)
    return detector.on_base(read_base(BASE)) if pretrained else detector
