"""`Run`: a training run's networks, optimizer and schedule, as they go into a checkpoint and come out again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models import registry
from models.detector import Detector
from pipeline.errors import TriageError
from pipeline.training.config import TrainConfig
from pipeline.training.parallel import Place


class TrainingFailed(TriageError):
    """The run cannot go on: the loss is no number, or a class is missing."""

    code = "training_failed"


@dataclass
class Run:
    """Everything that a checkpoint holds, so that a resumed run ends as an unbroken one would."""

    config: TrainConfig
    place: Place
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
        if TrainConfig.model_validate(state["config"]) != self.config:
            raise TrainingFailed("The checkpoint is of another configuration: choose another --out or remove it.")
        for name in ("detector", "average", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.epoch, self.history = state["epoch"], state["history"]


def started(config: TrainConfig, place: Place, pretrained: bool = True, earlier: Path | None = None) -> Run:
    """Build a run at epoch 0: from ImageNet weights, or the averaged weights of an earlier finished run.

    Args:
        config: of the run.
        place: where it trains.
        pretrained: start as the configuration says; not needed where a checkpoint will be loaded anyway.
        earlier: folder of a finished run of the same architecture, see `weights_of`.
    """
    torch.manual_seed(config.seed)
    detector = registry.build(config.architecture, config.outputs, pretrained and config.pretrained and not earlier)
    if earlier is not None:
        detector.load_state_dict(weights_of(earlier, config), strict=False)
    detector.to(place.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(detector, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay), use_buffers=True)
    optimizer = torch.optim.AdamW(detector.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=config.learning_rate, total_steps=config.steps + 1, pct_start=0.15, cycle_momentum=False
    )
    return Run(config, place, detector, average, optimizer, schedule, 0, [])


def weights_of(folder: Path, config: TrainConfig) -> dict[str, torch.Tensor]:
    """Return the averaged weights of a finished run; those of its head only if it answered the same question.

    Raises:
        TrainingFailed: there is no such run, or it is of another architecture.
    """
    path = folder / "checkpoint.pt"
    if not path.is_file():
        raise TrainingFailed(f"There is no training run in {folder} to start from.")
    state = torch.load(path, weights_only=True, map_location="cpu")
    if state["config"]["architecture"] != config.architecture:
        raise TrainingFailed(f"The run in {folder} is of {state['config']['architecture']}, not {config.architecture}.")
    same = all(state["config"][name] == getattr(config, name) for name in ("stage", "outputs"))
    return {name: tensor for name, tensor in averaged_of(state).items() if same or not name.startswith("head.")}


def averaged_of(state: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Return a checkpoint's averaged weights under the detector's own names."""
    average = {name: tensor for name, tensor in state["average"].items() if name != "n_averaged"}
    return {name.removeprefix("module."): tensor for name, tensor in average.items()}
