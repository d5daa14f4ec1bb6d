"""What a training step makes smaller."""

import torch
from torch import nn

from models.detector import Logits
from pipeline.training.config import TrainConfig

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Pixels, targets and masks of B items of `pipeline.training.batches.TrainingCrops`, stacked."""


def loss_of(config: TrainConfig, detector: nn.Module, batch: Batch, device: torch.device) -> torch.Tensor:
    """Cross-entropy of the label, plus that of the region bits and of the mask where they are known."""
    pixels, targets, grid = (part.to(device, non_blocking=True) for part in batch)
    pixels = pixels.to(dtype=torch.float32, memory_format=torch.channels_last).div_(255)
    with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
        logits = detector(pixels)
    loss = label_loss(config, logits, targets[:, 0])
    if logits.regions is not None and config.stage != "classes":
        loss = loss + config.region_weight * known_loss(logits.regions, targets[:, 1:])
    if logits.mask is not None and config.mask_weight:
        loss = loss + config.mask_weight * known_loss(logits.mask[:, 0], grid)
    return loss


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
