"""A finished training run, and what the network that it became says of validation photos."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from models import registry
from models.detector import Detector
from models.graph import graph_of
from pipeline.crops.crops import MARGIN, Crops
from pipeline.errors import WeightsMissing
from pipeline.examining.scope import facts_of
from pipeline.training.checkpoint import CHECKPOINT, averaged_weights, is_over
from pipeline.training.config import TrainConfig

MOST_LOOKED_AT = 400
"""Training photos of a source whose facts are measured for the scope."""


@dataclass(frozen=True)
class Finished:
    """A training run that reached its end: its averaged weights in eval mode, and what happened epoch by epoch."""

    config: TrainConfig
    detector: Detector
    history: list[dict[str, Any]]
    earlier: str = ""
    """What it started from, by name; "" for ImageNet, or for random weights."""
    data: str = ""
    """Revision of the store that it was trained on; "" where that was not kept."""
    device: str = ""
    """What it was trained on last; "" where that was not kept."""
    teacher: str = ""
    """Id of the weights whose answers it learnt; "" for none."""
    photos: tuple[str, ...] = ()
    """The photos that it, and what it started from, were trained on, see `TrainingRun`; none where nobody kept them."""

    @cached_property
    def graph(self) -> bytes:
        """The network as it is served, see `graph_of`; made once, for that of a large one takes seconds."""
        return graph_of(self.detector, self.config.input_size)

    @classmethod
    def read(cls, folder: Path) -> "Finished":
        """Load a finished run.

        Raises:
            WeightsMissing: there is no checkpoint, or the run did not finish.
        """
        checkpoint = folder / CHECKPOINT
        if not checkpoint.is_file():
            raise WeightsMissing(f"There is no finished training run in {folder}: run `train` first.")
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")
        config = TrainConfig.model_validate(state["config"])
        if not is_over(state):
            raise WeightsMissing(f"The training run in {folder} stopped at epoch {state['epoch']} of {config.epochs}.")
        detector = registry.build(config.architecture, config.outputs)
        detector = registry.put_on_base(detector) if config.pretrained else detector
        detector.adapt(config.rank)
        detector.load_state_dict(averaged_weights(state))
        told = {name: state.get(name, "") for name in ("earlier", "data", "device", "teacher")}
        return cls(config, detector.eval(), state["history"], photos=tuple(state.get("photos", ())), **told)


def say_start(run: Finished) -> str:
    """Say what a run started from: an earlier run or released weights by name, ImageNet, or random weights."""
    if run.earlier:
        return run.earlier
    known = f"the base {run.detector.base}" if run.detector.base else "ImageNet"
    return known if run.config.pretrained else "random weights"


def measure_facts(crops: Crops, rows: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Return facts of stored crops, see `facts_of`, and each one's `source`; of so many of a source at most."""
    picked = rows.groupby("source").sample(frac=1, random_state=seed).groupby("source").head(MOST_LOOKED_AT)
    bar = tqdm(picked.index.tolist(), desc="facts", unit="photo", disable=None)
    facts = [facts_of(crops.in_container(row), crops.landmarks[row] - MARGIN) for row in bar]
    return pd.DataFrame(facts, index=picked.index).assign(source=picked.source)
