"""How fast a run learns from step to step, and when it has spent its budget."""

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from pipeline.training.config import TrainConfig

WARMING = 10
"""Steps over which a running average forgets what it began with: of the n-th, (1 + n) / (WARMING + n) stays."""

WARM, LEAST = 0.06, 0.005
"""Share of a run over which the rate rises, and what is left of it at the end."""


def averaging(config: TrainConfig) -> Callable[[Any, Any, Any], None]:
    """Return how the running average of the weights takes in a step's, as `AveragedModel` asks.

    A run that is short, or whose length nobody knows, may not drag its random beginning along to its end.
    """
    if config.schedule != "cosine":
        return get_ema_multi_avg_fn(config.average_decay)

    def take_in(averaged: Any, current: Any, count: Any) -> None:
        steps = int(count)
        decay = min(config.average_decay, (1 + steps) / (WARMING + steps))
        get_ema_multi_avg_fn(decay)(averaged, current, count)

    return take_in


class Cosine:
    """The rate rises, then falls along half a cosine, over the share of the run that is done.

    That share is of its steps, or of its seconds where it has a budget of time: whichever is the larger. Time counts
    from step to step, so a run that goes on after a kill has spent what it had spent when it was last kept. Where
    several processes train, the clock of the first counts for all: one rate, and one end.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        rate: float,
        steps: int,
        seconds: float | None,
        first: Callable[[float], float] = float,
    ) -> None:
        """Begin.

        Args:
            optimizer: its groups' `share` of the rate, 1 where it is not told, is kept.
            rate: the highest.
            steps: of the whole run.
            seconds: budget; None for none.
            first: returns what the first process says, given what this one would say; asked once a step.
        """
        self._optimizer, self._rate, self._steps, self._seconds = optimizer, rate, steps, seconds
        self._done, self._spent, self._since = 0, 0.0, time.monotonic()
        self._first = first
        self._set()

    @property
    def share(self) -> float:
        """How much of the run is done, in [0, 1]."""
        spent = self._spent / self._seconds if self._seconds else 0.0
        return min(max(self._done / max(self._steps, 1), spent), 1.0)

    def start(self) -> None:
        """Let time count from now on: a look at the validation photos is no training."""
        self._since = time.monotonic()

    def step(self) -> None:
        """Count a step."""
        now = time.monotonic()
        self._done, self._spent, self._since = self._done + 1, self._spent + now - self._since, now
        if self._seconds:
            self._spent = self._first(self._spent)
        self._set()

    def _set(self) -> None:
        done = self.share
        falling = 0.5 * (1 + math.cos(math.pi * (done - WARM) / (1 - WARM)))
        rate = self._rate * (max(done / WARM, LEAST) if done < WARM else falling + LEAST)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` takes."""
        return {"done": self._done, "spent": self._spent}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on."""
        self._done, self._spent = state["done"], state["spent"]
        self._set()
