"""Train one stage: AdamW, one-cycle, running average of the weights; resumable after a kill to the same result."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from models import registry
from models.detector import Detector
from pipeline.errors import TriageError
from pipeline.training.config import TrainConfig
from pipeline.training.samples import TrainingCrops, as_tensor, epoch_rows, settled_crop, target_of, usable
from pipeline.training.store import read_store


class TrainingFailed(TriageError):
    """The run cannot go on: the loss is no number, or a class is missing."""

    code = "training_failed"


@dataclass
class Run:
    """Everything that a checkpoint holds, so that a resumed run ends as an unbroken one would."""

    config: TrainConfig
    detector: Detector
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    epoch: int
    history: list[dict[str, Any]]

    def state(self) -> dict[str, Any]:
        """Return what `load` takes."""
        parts = ("detector", "average", "optimizer", "schedule")
        return {name: getattr(self, name).state_dict() for name in parts} | {
            "epoch": self.epoch,
            "history": self.history,
            "config": self.config.model_dump(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of the same configuration."""
        if state["config"] != self.config.model_dump():
            raise TrainingFailed("The checkpoint is of another configuration: choose another --out or remove it.")
        for name in ("detector", "average", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.epoch, self.history = state["epoch"], state["history"]


def started(config: TrainConfig, pretrained: bool = True) -> Run:
    """Build a run at epoch 0, from ImageNet weights unless a checkpoint will be loaded anyway."""
    torch.manual_seed(config.seed)
    detector = registry.build(config.architecture, config.outputs, pretrained)
    detector.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(detector, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay), use_buffers=True)
    optimizer = torch.optim.AdamW(detector.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * (sum(config.pools.values()) // config.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=config.learning_rate, total_steps=steps + 1, pct_start=0.15, cycle_momentum=False
    )
    return Run(config, detector, average, optimizer, schedule, 0, [])


def loss_of(config: TrainConfig, detector: Detector, pixels: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy of the label, plus that of the region bits where they are known."""
    logits = detector(pixels)
    label = targets[:, 0] * (1 - 2 * config.label_smoothing) + config.label_smoothing
    loss = nn.functional.binary_cross_entropy_with_logits(logits.logit.float(), label)
    if logits.regions is None:
        return loss
    known = targets[:, 1:] >= 0
    bits = nn.functional.binary_cross_entropy_with_logits(
        logits.regions.float(), targets[:, 1:].clamp(min=0), reduction="none"
    )
    return loss + config.region_weight * (bits * known).sum() / known.sum().clamp(min=1)


def _batches(run: Run, store: Path, table: pd.DataFrame) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    config = run.config
    rng = np.random.default_rng((config.seed, run.epoch))
    rows = epoch_rows(usable(table, config.stage, "train"), config.pools, rng)
    crops = TrainingCrops(store, table, rows, config.stage, config.seed * 1000 + run.epoch)
    return iter(DataLoader(crops, config.batch_size, num_workers=1, drop_last=True, prefetch_factor=4))


def train_epoch(run: Run, store: Path, table: pd.DataFrame, log: Path) -> float:
    """Train one epoch; return the mean loss.

    Raises:
        TrainingFailed: the loss is no finite number.
    """
    run.detector.train()
    losses = []
    for step, (pixels, targets) in enumerate(_batches(run, store, table)):
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=run.config.bf16):
            loss = loss_of(run.config, run.detector, pixels, targets)
        if not torch.isfinite(loss):
            raise TrainingFailed(
                f"The loss is {loss.item()} at epoch {run.epoch}, step {step}: lower the learning rate."
            )
        run.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(run.detector.parameters(), 5.0)
        run.optimizer.step()
        run.schedule.step()
        run.average.update_parameters(run.detector)
        losses.append(loss.item())
        if step % 20 == 0:
            _say(log, f"epoch {run.epoch} step {step} loss {np.mean(losses[-20:]):.4f}")
    return float(np.mean(losses))


@torch.inference_mode()
def logits_of(detector: nn.Module, store: Path, rows: np.ndarray, batch: int = 32) -> np.ndarray:
    """Return (N, outputs) float32: the logit and any region logits of stored crops in the fixed container."""
    detector.eval()
    crops = np.load(store / "crops.npy", mmap_mode="r")
    found = []
    for first in range(0, len(rows), batch):
        pixels = torch.stack([as_tensor(settled_crop(crops[row])) for row in rows[first : first + batch]])
        logits = detector(pixels.contiguous(memory_format=torch.channels_last))
        parts = [logits.logit[:, None]] + ([logits.regions] if logits.regions is not None else [])
        found.append(torch.cat(parts, dim=1).numpy())
    return np.concatenate(found)


def validated(run: Run, store: Path, table: pd.DataFrame, most: int = 160) -> dict[str, float]:
    """Return the averaged weights' validation AUC overall and by source that has both labels, of `most` a source."""
    rows = usable(table, run.config.stage, "val")
    rows = rows.assign(home=rows.source.where(~rows.source.isin(["unsplash", "stylegan2"]), "stylegan2"))
    rows = rows.groupby("home").sample(frac=1, random_state=run.config.seed).groupby("home").head(most)
    scores = logits_of(run.average, store, rows.index.to_numpy())[:, 0]
    truth = target_of(rows, run.config.stage)
    figures = {"all": float(roc_auc_score(truth, scores))}
    for home in sorted(rows.home.unique()):
        mine = (rows.home == home).to_numpy()
        real = (rows.home == home.removeprefix("forge-")).to_numpy() & (truth == 0) if "forge" in home else mine
        both = mine | real
        if 0 < truth[both].mean() < 1:
            figures[home] = float(roc_auc_score(truth[both], scores[both]))
    return figures


def train(config: TrainConfig, store: Path, out: Path) -> Detector:
    """Train a stage from a prepared store; checkpoint and log to `out`; return the averaged detector in eval mode."""
    table = read_store(store)
    if len(set(target_of(usable(table, config.stage, "train"), config.stage))) < 2:
        raise TrainingFailed("The manifest's training split has one class only: a stage needs both.")
    out.mkdir(parents=True, exist_ok=True)
    run, checkpoint, log = started(config), out / "checkpoint.pt", out / "log.txt"
    if checkpoint.exists():
        run.load(torch.load(checkpoint, weights_only=True))
    while run.epoch < config.epochs:
        since = time.monotonic()
        torch.manual_seed(config.seed * 1000 + run.epoch)  # dropout, the same in a resumed run
        loss = train_epoch(run, store, table, log)
        entry = {"epoch": run.epoch, "loss": round(loss, 4), "auc": validated(run, store, table)}
        run.history.append(entry | {"seconds": round(time.monotonic() - since)})
        run.epoch += 1
        torch.save(run.state(), out / "checkpoint.new")
        (out / "checkpoint.new").replace(checkpoint)
        _say(log, json.dumps(run.history[-1]))
    averaged = run.average.module
    assert isinstance(averaged, Detector)
    (out / "history.json").write_text(json.dumps(run.history, indent=1), encoding="utf-8")
    return averaged.eval()


def _say(log: Path, line: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%H:%M:%S')} {line}\n")
