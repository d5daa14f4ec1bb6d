"""`Detector`: a network that sees a face crop and says one logit, with its normalisation inside."""

from collections.abc import Mapping
from threading import RLock
from typing import ClassVar, NamedTuple, Self

import numpy as np
import torch
from torch import nn

TURN = RLock()
"""Held by whoever runs a detector: an explanation hooks into its layers, and no other thread's batch may pass then."""


class Logits(NamedTuple):
    """What a detector says of a batch.

    Attributes:
        logit: (B,) float32; above 0 speaks for the card's positive label.
        regions: (B, 4) float32 logits, one a part of `models.regions.REGION_NAMES`, where the network has them.
        mask: logits of a coarse edit mask, (B, 1, h, w) float32, where the network has one.
    """

    logit: torch.Tensor
    regions: torch.Tensor | None = None
    mask: torch.Tensor | None = None


class Detector(nn.Module):
    """A backbone with one linear head over `features`; a subclass sets both, and `cam_layer`.

    It takes RGB in [0, 1], (B, 3, S, S) float32. Mean and standard deviation are buffers inside, so that training
    and serving cannot differ.
    """

    base: ClassVar[str] = ""
    """Name of the base that it adapts, see `models.base`: its state is then what was trained beside it."""

    mean: torch.Tensor
    std: torch.Tensor
    head: nn.Module

    def __init__(self, mean: tuple[float, float, float], std: tuple[float, float, float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    @property
    def cam_layer(self) -> nn.Module:
        """The layer whose activations a class activation map is made from."""
        raise NotImplementedError

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pooled (B, C) from normalised (B, 3, S, S)."""
        raise NotImplementedError

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Return (B, outputs) of pooled (B, C).

        In eval mode row by row: a matrix product sums in another order for another number of rows, and a photo must
        get the same numbers alone and among others.
        """
        if self.training:
            return self.head(features)
        return torch.cat([self.head(row) for row in features.split(1)])

    def forward(self, pixels: torch.Tensor) -> Logits:
        """Score a batch of (B, 3, S, S) float32 in [0, 1]."""
        scores = self.scores(self.features((pixels - self.mean) / self.std))
        return Logits(scores[:, 0], scores[:, 1:] if scores.shape[1] > 1 else None)

    def on_base(self, tensors: Mapping[str, np.ndarray]) -> Self:
        """Put the numbers of `base`, from `models.base.read_base`, under what was trained, in place."""
        raise NotImplementedError

    def shaped(self, tensors: Mapping[str, torch.Tensor]) -> Self:
        """Take the free sizes of weights that will be loaded, in place, where it has any: an adapter's rank."""
        return self

    def adapt(self, rank: int) -> Self:
        """Begin anew with adapters of this rank, in place, where it adapts a base."""
        return self

    def merge(self) -> Self:
        """Make it the same function with less to compute, in place, where it adapts a base: it trains no more then."""
        return self

    def own_graph(self, input_size: int) -> bytes | None:
        """Return its ONNX graph where it writes one of its own, see `models.graph`."""
        return None

    def tensors_to_serve(self, input_size: int = 256) -> dict[str, np.ndarray]:
        """Return the numbers of its graph for pictures of `input_size` pixels, by their names there."""
        return {name: tensor.numpy() for name, tensor in self.state_dict().items()}
