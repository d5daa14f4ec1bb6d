"""What a training run says while it goes: a progress bar with the time left, and a log that stays."""

import time
from pathlib import Path
from typing import Self

from tqdm import tqdm

LOG_EVERY = 20
"""Steps between two lines of the log."""


class TrainingLog:
    """A bar over all steps of a run, and its log; neither where there is no log to write. A context manager."""

    def __init__(self, log: Path | None, steps: int, done: int, stage: str) -> None:
        self._log, self._done, self._steps = log, done, steps
        self._bar = tqdm(total=steps, initial=done, desc=f"train {stage}", unit="step", disable=None if log else True)

    def step(self, loss: float) -> None:
        """Count a step; `loss` is the mean of the last ones."""
        self._done += 1
        self._bar.update()
        self._bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
        if self._done % LOG_EVERY == 0:
            self.line(f"step {self._done} of {self._steps}, loss {loss:.4f}")

    def line(self, text: str) -> None:
        """Add a line to the log, with the time."""
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(f"{time.strftime('%H:%M:%S')} {text}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
