"""What a training step makes smaller."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import nn

from models.detector import Detector, Logits
from pipeline.training.config import TrainConfig

LOUDEST = 6.0
"""A teacher's logits are cut to ± so much: how sure it is beyond that teaches nothing."""


@dataclass(frozen=True, eq=False)
class Taught:
    """What a teacher said of a batch.

    Attributes:
        scores: (B, outputs) float32: its logit, then any region logits.
        mask: (B, h, w) float32 logits.
    """

    scores: torch.Tensor
    mask: torch.Tensor

    def to(self, device: torch.device) -> Self:
        """Return the same on another device."""
        return type(self)(self.scores.to(device), self.mask.to(device))


@dataclass(frozen=True, eq=False)
class Batch:
    """B items that a step sees, of `pipeline.training.batches.TrainingCrops` or made on the device.

    Attributes:
        pixels: (B, 3, S, S) uint8.
        targets: (B, 5) float32: the label, then four region bits, −1 where unknown.
        mask: (B, h, w) float32: 1 edited, 0 untouched, −1 unknown.
        paired: (B / 2,) bool: whether items 2k and 2k + 1 are an edit and its own original; None where nobody tells.
        taught: what a teacher said of them; None without one.
    """

    pixels: torch.Tensor
    targets: torch.Tensor
    mask: torch.Tensor
    paired: torch.Tensor | None = None
    taught: Taught | None = None

    def to(self, device: torch.device) -> Self:
        """Return the same on another device."""
        pixels, targets, mask = (part.to(device, non_blocking=True) for part in (self.pixels, self.targets, self.mask))
        paired = None if self.paired is None else self.paired.to(device)
        return type(self)(pixels, targets, mask, paired, None if self.taught is None else self.taught.to(device))

    def __len__(self) -> int:
        return len(self.pixels)

    def parts(self, count: int) -> "list[Batch]":
        """Return it in so many parts, pairs kept together."""
        size = -(-len(self) // (2 * count)) * 2
        return [self._between(first, first + size) for first in range(0, len(self), size)]

    def _between(self, first: int, last: int) -> "Batch":
        taught = self.taught and Taught(self.taught.scores[first:last], self.taught.mask[first:last])
        paired = None if self.paired is None else self.paired[first // 2 : last // 2]
        return Batch(self.pixels[first:last], self.targets[first:last], self.mask[first:last], paired, taught)


def in_bf16(config: TrainConfig, device: torch.device) -> bool:
    """Tell whether a run's network computes in bfloat16 on a device."""
    if config.bf16 == "cuda":
        return device.type == "cuda" and torch.cuda.is_bf16_supported()
    return config.bf16


def floats_of(pixels: torch.Tensor) -> torch.Tensor:
    """Return (B, 3, S, S) uint8 as a network takes them: float32 in [0, 1], channels last."""
    return pixels.to(dtype=torch.float32, memory_format=torch.channels_last).div_(255)


def loss_of(config: TrainConfig, detector: nn.Module, batch: Batch, device: torch.device) -> torch.Tensor:
    """Cross-entropy of the label, plus all that the configuration weighs and the batch knows."""
    batch = batch.to(device)
    pixels = floats_of(batch.pixels)
    mixed = torch.autocast(device.type, torch.bfloat16, enabled=in_bf16(config, device))
    with Features(detector, bool(config.alignment or config.uniformity)) as features, mixed:
        logits = detector(pixels)
    label = batch.targets[:, 0]
    loss = label_loss(config, logits, label)
    if logits.regions is not None and config.stage != "classes":
        loss = loss + config.region_weight * known_loss(logits.regions, batch.targets[:, 1:])
    if logits.mask is not None and config.mask_weight:
        loss = loss + config.mask_weight * known_loss(logits.mask[:, 0], batch.mask)
    if batch.paired is not None and config.pair_weight:
        loss = loss + config.pair_weight * pair_loss(logits.logit, batch.paired)
    if features.seen is not None:
        loss = loss + config.alignment * alignment_loss(features.seen, label)
        loss = loss + config.uniformity * uniformity_loss(features.seen)
    return loss if batch.taught is None else loss + taught_loss(config, logits, batch.taught)


def label_loss(config: TrainConfig, logits: Logits, target: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy; for stage "classes", that of three logits, in the order of `pipeline.datasets.LABELS`."""
    if config.stage == "classes":
        assert logits.regions is not None
        scores = torch.cat([logits.logit[:, None], logits.regions], dim=1).float()
        return nn.functional.cross_entropy(scores, target.long(), label_smoothing=config.label_smoothing)
    soft = target * (1 - 2 * config.label_smoothing) + config.label_smoothing
    return nn.functional.binary_cross_entropy_with_logits(logits.logit.float(), soft)


def known_loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean binary cross-entropy where the truth is known: not negative."""
    known = truth >= 0
    losses = nn.functional.binary_cross_entropy_with_logits(logits.float(), truth.clamp(min=0), reduction="none")
    return (losses * known).sum() / known.sum().clamp(min=1)


def pair_loss(logits: torch.Tensor, paired: torch.Tensor) -> torch.Tensor:
    """Return softplus(1 − (edit − original)) of (B,) logits, meaned over true pairs: an edit is to stand out.

    Args:
        logits: edit, original, edit, original …
        paired: (B / 2,) bool.
    """
    apart = (logits[0::2] - logits[1::2]).float()
    losses = nn.functional.softplus(1 - apart) * paired
    return losses.sum() / paired.sum().clamp(min=1)


class Features:
    """What the head of a detector reads while this stands, `seen`, (B, C) on the unit sphere; a context manager."""

    def __init__(self, detector: nn.Module, wanted: bool) -> None:
        """Watch a detector, or one that is wrapped for several processes; nothing where it is not `wanted`."""
        inner = getattr(detector, "module", detector)
        self._head = inner.head if wanted and isinstance(inner, Detector) else None
        self.seen: torch.Tensor | None = None

    def __enter__(self) -> Self:
        self._hook = None if self._head is None else self._head.register_forward_pre_hook(self._keep)
        return self

    def __exit__(self, *_: object) -> None:
        if self._hook is not None:
            self._hook.remove()

    def _keep(self, _: nn.Module, read: tuple[torch.Tensor, ...]) -> None:
        self.seen = nn.functional.normalize(read[0].float(), dim=1)


def alignment_loss(features: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Return the mean squared distance of features of one label (Wang and Isola, ICML 2020; as in GenD, 2508.06248).

    Args:
        features: (B, C) of length 1.
        label: (B,).
    """
    far = 2 - 2 * features @ features.T
    same = (label[:, None] == label[None]).float().triu(1)
    return (far * same).sum() / same.sum().clamp(min=1)


def uniformity_loss(features: torch.Tensor) -> torch.Tensor:
    """Return log E exp(−2 d²) over all pairs of (B, C) features of length 1 (Wang and Isola, ICML 2020)."""
    far = torch.pdist(features).pow(2)
    return far.mul(-2).exp().mean().log() if len(far) else features.sum() * 0


def taught_loss(config: TrainConfig, logits: Logits, taught: Taught) -> torch.Tensor:
    """Return how far a student is from its teacher, in logits and in the mask (Hinton et al., 2015, by distance)."""
    scores = [logits.logit[:, None]] + ([] if logits.regions is None else [logits.regions])
    said = torch.cat(scores, dim=1).float()
    wanted = taught.scores[:, : said.shape[1]].clamp(-LOUDEST, LOUDEST)
    loss = config.taught * nn.functional.smooth_l1_loss(said, wanted)
    if logits.mask is not None and config.taught_mask:
        mask = nn.functional.binary_cross_entropy_with_logits(logits.mask[:, 0].float(), taught.mask.sigmoid())
        loss = loss + config.taught_mask * mask
    return loss
