"""`TrainingRun`: a training run's networks, optimizer and schedule, as they go into a checkpoint and come out again."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel

from models import registry
from models.card import read_card
from models.detector import Detector
from pipeline.datasets.sources import home
from pipeline.errors import TrainingFailed, WeightsMissing
from pipeline.training.config import TrainConfig
from pipeline.training.on_device.autoencoder import Beside
from pipeline.training.parallel import Place
from pipeline.training.schedule import Cosine, averaging

CHECKPOINT = "checkpoint.pt"


@dataclass
class TrainingRun:
    """Everything that a checkpoint holds, so that a resumed run ends as an unbroken one would.

    On a processor it does so bit for bit, unless it has a budget of seconds; see `pipeline.training.train`.
    """

    config: TrainConfig
    place: Place
    detector: Detector
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler | Cosine
    epoch: int
    history: list[dict[str, Any]]
    start: dict[str, torch.Tensor]
    """The weights that it started from, where a share of them is kept."""
    earlier: str = ""
    """Name of the run, or id of the released weights, that it started from; "" for none."""
    data: str = ""
    """Revision of the store that it is trained on; "" where that was not kept."""
    photos: tuple[str, ...] = ()
    """`prefixes` of the photos that it is trained on, and of those that what it started from was, as far as kept."""
    teacher: str = ""
    """Id of the released weights that it learns from; "" for none."""
    beside: Beside | None = None
    """The autoencoder that learns beside it, where edits are forged with one."""

    @property
    def budget_spent(self) -> bool:
        """Whether its budget of time is spent."""
        return isinstance(self.schedule, Cosine) and self.config.seconds is not None and self.schedule.share >= 1

    @property
    def over(self) -> bool:
        """Whether nothing is left to do: its epochs are over, or its budget is spent."""
        return self.epoch >= self.config.epochs or (self.epoch > 0 and self.budget_spent)

    def state(self) -> dict[str, Any]:
        """Return what `load` takes."""
        parts = ("detector", "average", "optimizer", "schedule")
        return {name: getattr(self, name).state_dict() for name in parts} | {
            "epoch": self.epoch,
            "history": self.history,
            "config": self.config.model_dump(),
            "start": self.start,
            "earlier": self.earlier,
            "data": self.data,
            "photos": self.photos,
            "teacher": self.teacher,
            "spent": self.budget_spent,
            "device": self.place.device_name,
            "beside": self.beside and self.beside.state(),
        }

    def final_detector(self) -> Detector:
        """Return the network that the run ends with, in eval mode: the averaged weights, a share of its start kept."""
        detector = copy.deepcopy(self.average.module)
        assert isinstance(detector, Detector)
        detector.load_state_dict(averaged_weights(self.state()))
        return detector.eval()

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of the same configuration."""
        if TrainConfig.model_validate(state["config"]) != self.config:
            raise TrainingFailed("The checkpoint is of another configuration: choose another --out or remove it.")
        if (before := state.get("teacher", "")) != self.teacher:
            raise TrainingFailed(
                f"The run was taught by {before or 'nobody'}: choose another --out or the same --teacher."
            )
        for name in ("detector", "average", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.epoch, self.history, self.start = state["epoch"], state["history"], state.get("start", {})
        self.earlier, self.data = state.get("earlier", ""), state.get("data", "")
        self.photos = tuple(state.get("photos", ()))
        if self.beside is not None:
            self.beside.load(state["beside"])


def start_run(config: TrainConfig, place: Place, pretrained: bool = True, earlier: str = "") -> TrainingRun:
    """Build a run at epoch 0: from ImageNet weights, the averaged weights of an earlier run, or released weights.

    Args:
        config: of the run.
        place: where it trains.
        pretrained: start as the configuration says; not needed where a checkpoint will be loaded anyway.
        earlier: folder of a finished run of the same architecture, or id of released weights, see `starting_weights`.

    Raises:
        TrainingFailed: it cannot start from `earlier`, or a part that the configuration names is not there.
    """
    torch.manual_seed(config.seed)
    fresh = pretrained and config.pretrained and not earlier
    detector = registry.build(config.architecture, config.outputs, fresh)
    if config.pretrained and not fresh:
        detector = registry.put_on_base(detector)  # it is no part of what a checkpoint holds
    detector.adapt(config.rank)
    known = starting_weights(earlier, config) if earlier else {}
    _refuse_other_shapes(earlier, known, detector.state_dict())
    detector.load_state_dict(known, strict=False)
    if config.kept and pretrained and not known:
        raise TrainingFailed("kept: there is nothing to keep a share of; name what to start from (--from).")
    for part in config.frozen:
        part_of(detector, part).requires_grad_(False)
    detector.to(place.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(detector, multi_avg_fn=averaging(config), use_buffers=True)
    optimizer = optimizer_of(detector, config)
    schedule = schedule_of(optimizer, config, place)
    start = {name: tensor.detach().cpu().clone() for name, tensor in known.items()} if config.kept else {}
    start_name = Path(earlier).resolve().name if earlier else ""
    beside = Beside.start(place.device) if "autoencoder" in config.edits else None
    return TrainingRun(config, place, detector, average, optimizer, schedule, 0, [], start, start_name, beside=beside)


def _refuse_other_shapes(earlier: str, known: dict[str, torch.Tensor], own: dict[str, torch.Tensor]) -> None:
    """Refuse what would not load: torch says it of each tensor, and not what to do."""
    for name, tensor in known.items():
        if name in own and own[name].shape != tensor.shape:
            there, here = (" × ".join(map(str, one.shape)) for one in (tensor, own[name]))
            raise TrainingFailed(
                f"{earlier} has other shapes: {name} is {there} there, and {here} by the configuration. Start from "
                "another, or ask for adapters of the same rank."
            )


def optimizer_of(detector: Detector, config: TrainConfig) -> torch.optim.Optimizer:
    """Return AdamW over what learns; parts named in `rates` at their own share of the rate, without weight decay.

    Where there are such parts, weight decay also leaves alone what is no matrix: norms and biases.

    Raises:
        TrainingFailed: `rates` names no part of the network.
    """
    learning = {name: one for name, one in detector.named_parameters() if one.requires_grad}
    betas, rate = (0.9, config.beta2), config.learning_rate
    if not config.rates:
        return torch.optim.AdamW(learning.values(), lr=rate, betas=betas, weight_decay=config.weight_decay)
    groups: list[dict[str, Any]] = []
    for part, share in config.rates.items():
        part_of(detector, part)
        mine = [name for name in learning if name.startswith(f"{part}.")]
        groups.append({"params": [learning.pop(name) for name in mine], "weight_decay": 0.0, "share": share})
    groups.append({"params": [one for one in learning.values() if one.ndim > 1], "weight_decay": config.weight_decay})
    groups.append({"params": [one for one in learning.values() if one.ndim < 2], "weight_decay": 0.0})
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=rate, betas=betas)


def schedule_of(
    optimizer: torch.optim.Optimizer, config: TrainConfig, place: Place
) -> torch.optim.lr_scheduler.LRScheduler | Cosine:
    """Return how the rate goes from step to step, at the same time in all processes."""
    if config.schedule == "cosine":
        return Cosine(optimizer, config.learning_rate, config.steps, config.seconds, place.first)
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=config.learning_rate, total_steps=config.steps + 1, pct_start=0.15, cycle_momentum=False
    )


def is_over(state: dict[str, Any]) -> bool:
    """Tell whether a checkpoint is that of a finished run; older ones knew no budget."""
    return state["epoch"] >= state["config"]["epochs"] or bool(state.get("spent"))


def part_of(detector: Detector, name: str) -> torch.nn.Module:
    """Return a part of a network by its name in it, such as "fine.0".

    Raises:
        TrainingFailed: it has no such part.
    """
    try:
        return detector.get_submodule(name)
    except AttributeError as problem:
        raise TrainingFailed(f"{name!r}, which the configuration names, is no part of the network.") from problem


def starting_weights(earlier: str, config: TrainConfig) -> dict[str, torch.Tensor]:
    """Return the averaged weights of a finished run, or released ones; their head's only if it was asked the same.

    Raises:
        TrainingFailed: there is no such run and there are no such weights, they are of another architecture, or have
            seen a collection that is left out now, or photos that are held out now.
    """
    path = Path(earlier) / CHECKPOINT
    if path.is_file():
        state = torch.load(path, weights_only=True, map_location="cpu")
        known, tensors = state["config"], averaged_weights(state)
        if not is_over(state):
            raise TrainingFailed(
                f"The run {earlier} stopped at epoch {state['epoch']} of {known['epochs']}: finish it."
            )
    else:
        try:
            detector, card = registry.load(earlier)
        except WeightsMissing as problem:
            raise _no_start(earlier) from problem
        known = {"architecture": card.architecture, "stage": card.positive, "outputs": card.outputs}
        known |= {"leave_out": card.training.get("config", {}).get("leave_out", [])}
        tensors = detector.state_dict()
    if known["architecture"] != config.architecture:
        raise TrainingFailed(f"{earlier} is of {known['architecture']}, not {config.architecture}.")
    lacked = {home(source) for source in known.get("leave_out", ())}
    if seen := [source for source in config.lacks if home(source) not in lacked]:
        raise TrainingFailed(
            f"{earlier} was trained on {', '.join(seen)}, which this run leaves out or holds out: start from another."
        )
    if (fold := known.get("fold")) and fold != (config.fold and config.fold.model_dump()):
        raise TrainingFailed(
            f"{earlier} was trained on photos that this run holds out, for it held out a fold of {fold['source']}: "
            "start from another."
        )
    same = all(known[name] == getattr(config, name) for name in ("stage", "outputs"))
    return {name: tensor for name, tensor in tensors.items() if same or not name.startswith("head.")}


def prefixes_of_start(earlier: str) -> tuple[str, ...]:
    """Return the `prefixes` of photos that a finished run or released weights were trained on, as far as they know.

    Raises:
        TrainingFailed: there is no such run and there are no such weights.
        WeightsMissing, WeightsMismatch: see `Card.photos`.
    """
    path = Path(earlier) / CHECKPOINT
    if path.is_file():
        return tuple(torch.load(path, weights_only=True, map_location="cpu", mmap=True).get("photos", ()))
    try:
        card = read_card(earlier)
    except WeightsMissing as problem:
        raise _no_start(earlier) from problem
    return tuple(sorted(card.photos()))


def _no_start(earlier: str) -> TrainingFailed:
    return TrainingFailed(f"{earlier} is neither a training run nor released weights to start from.")


def averaged_weights(state: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Return a checkpoint's averaged weights under the detector's own names, blended with those it started from.

    Weights between those of before and after a further training often do better than either on photos unlike the new
    ones (WiSE-FT: Wortsman et al., CVPR 2022); the share is the configuration's `kept`.
    """
    average = {name: tensor for name, tensor in state["average"].items() if name != "n_averaged"}
    weights = {name.removeprefix("module."): tensor for name, tensor in average.items()}
    kept, start = state["config"].get("kept", 0.0), state.get("start", {})
    for name in start if kept else ():
        if weights[name].is_floating_point():
            weights[name] = torch.lerp(weights[name], start[name].to(weights[name].device), kept)
    return weights
