"""One step of a run: loss, gradients, optimizer; in parts where the device has too little memory for the whole.

In parts it is not quite the same step: batch norms see each part alone, and so does what the autoencoder draws.
"""

from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar

import torch
from torch import nn

from pipeline.errors import TrainingFailed
from pipeline.training.checkpoint import TrainingRun
from pipeline.training.log import TrainingLog
from pipeline.training.losses import Batch, loss_of

LONGEST = 5.0
"""Gradients are cut to this length."""


class Divisible(Protocol):
    """What a step sees, made or still to be made."""

    def parts(self, count: int) -> list[Self]:
        """Return it in so many parts."""

    def __len__(self) -> int: ...


Some = TypeVar("Some", bound=Divisible)


class Stepper(Generic[Some]):
    """Takes steps of a run.

    Attributes:
        count: into how many parts a batch is divided; doubled whenever the device's memory is not enough.
        taken: steps in this epoch.
    """

    def __init__(self, run: TrainingRun, progress: TrainingLog, make: Callable[[Some], Batch]) -> None:
        """Begin an epoch.

        Args:
            run: whose network learns.
            progress: which is told of it.
            make: makes a batch of a part of what a step sees.
        """
        self._run, self._progress, self._make = run, progress, make
        self._detector = run.place.wrap(run.detector)
        self.count, self.taken = 1, 0

    def step(self, whole: Some) -> float:
        """Learn from a batch; return its loss.

        Raises:
            TrainingFailed: the loss is no finite number, or not even a pair fits into the device's memory.
        """
        while True:
            try:
                return self._learn(whole)
            except torch.OutOfMemoryError as problem:
                if 2 * self.count > len(whole) or self._run.place.world > 1:
                    raise TrainingFailed(
                        f"The device's memory is too small for a batch of {self._run.config.batch_size} in "
                        f"{self.count} parts: lower batch_size or train_size."
                    ) from problem
            self.count *= 2
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            self._progress.line(f"The device's memory is too small: a batch now goes through in {self.count} parts.")

    def _learn(self, whole: Some) -> float:
        run, parts = self._run, whole.parts(self.count) if self.count > 1 else [whole]
        run.optimizer.zero_grad()
        total = 0.0
        for part in parts:
            batch = self._make(part)
            if not len(batch):
                continue
            loss = loss_of(run.config, self._detector, batch, run.place.device) / len(parts)
            if not torch.isfinite(loss):
                raise TrainingFailed(
                    f"The loss is {loss.item()} at epoch {run.epoch}, step {self.taken}: lower the learning rate."
                )
            loss.backward()
            total += loss.item()
        nn.utils.clip_grad_norm_(run.detector.parameters(), LONGEST)
        run.optimizer.step()
        run.schedule.step()
        run.average.update_parameters(run.detector)
        self.taken += 1
        return total
