"""`Detector`: a network that sees a face crop and says one logit, with its normalisation inside."""

from dataclasses import asdict, dataclass, field, fields
from threading import RLock
from typing import Any, NamedTuple, Self, get_origin

import torch
from torch import nn

from models.errors import WeightsMismatch

TURN = RLock()
"""Held by whoever runs a detector: an explanation hooks into its layers, and no other thread's batch may pass then."""


class Logits(NamedTuple):
    """What a detector says of a batch.

    Attributes:
        logit: (B,) float32; above 0 speaks for the card's positive label.
        regions: (B, 4) float32 logits, one a part of `REGION_NAMES` (models.regions) being edited; None without them.
        mask: (B, 1, h, w) float32 logits of a coarse edit mask; None where the network has none.
    """

    logit: torch.Tensor
    regions: torch.Tensor | None = None
    mask: torch.Tensor | None = None


@dataclass(frozen=True)
class Card:
    """What is known of one set of weights: the facts that loading checks, and those that a reader should weigh.

    Attributes:
        weights: id, ending in the first digits of the file's hash; the file is weights/<id>.safetensors.
        sha256: of that file.
        architecture: name in the registry.
        input_size: side S of the (B, 3, S, S) input in pixels.
        positive: label that a logit above 0 speaks for.
        negative: the other label.
        outputs: 1, or 5 where the four region logits follow.
        date: when training ended, ISO.
        training: data, sampling, schedule, seed.
        licence: of the weights, as the training data's terms allow.
        figures: held-out figures with n, interval and the command that gives them.
        intended: what it is for. `limits`: what it must not be used for, and where it is known to fail.
        training_sha256: of the sorted photo hashes it was trained on, so that contamination can be told.
    """

    weights: str
    sha256: str
    architecture: str
    input_size: int
    positive: str
    negative: str
    outputs: int
    date: str
    licence: str
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    intended: str = ""
    limits: str = ""
    training_sha256: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the card as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build a card from JSON-able data.

        Raises:
            WeightsMismatch: a field is missing, unknown or of a wrong type.
        """
        kinds = {entry.name: get_origin(entry.type) or entry.type for entry in fields(cls)}
        name = f"The card of {data.get('weights', '?')}"
        if unknown := sorted(set(data) - set(kinds)):
            raise WeightsMismatch(f"{name} has unknown fields: {', '.join(unknown)}.")
        if wrong := sorted(key for key, value in data.items() if type(value) is not kinds[key]):
            raise WeightsMismatch(f"{name} has fields of a wrong type: {', '.join(wrong)}.")
        try:
            return cls(**data)
        except TypeError as problem:
            raise WeightsMismatch(f"{name} lacks fields: {problem}.") from problem


class Detector(nn.Module):
    """A backbone with one linear head. Subclasses set `body`, `head`, `cam_layer`, `features` and the normalisation.

    Takes (B, 3, S, S) float32 RGB in [0, 1]; mean and standard deviation are buffers inside, so training and
    serving cannot differ.
    """

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
        """Score a batch, (B, 3, S, S) float32 RGB in [0, 1]."""
        scores = self.scores(self.features((pixels - self.mean) / self.std))
        return Logits(scores[:, 0], scores[:, 1:] if scores.shape[1] > 1 else None)
