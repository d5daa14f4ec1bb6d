"""`Progress`: how far something that goes on behind the pages is, with its rate and the time left."""

import time
from collections import deque
from dataclasses import dataclass, field

RATE_WINDOW = 30


@dataclass
class Progress:
    """How far a run is, or another job.

    Attributes:
        total, done: photos, or whatever is counted.
        running: whether it goes on now.
        stopped: whether somebody stopped it.
        failure: what ended it as a whole, in words; "" where nothing did.
        finished_at: monotonic times of the last photos, for the rate.
    """

    total: int = 0
    done: int = 0
    running: bool = False
    stopped: bool = False
    failure: str = ""
    finished_at: deque[float] = field(default_factory=lambda: deque(maxlen=RATE_WINDOW))

    def step(self) -> None:
        """Count one more as done."""
        self.done += 1
        self.finished_at.append(time.monotonic())

    @property
    def rate(self) -> float:
        """Photos a second over the last few; 0 while unknown."""
        if len(self.finished_at) < 2:
            return 0.0
        return (len(self.finished_at) - 1) / max(1e-6, self.finished_at[-1] - self.finished_at[0])

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds left; None while unknown."""
        return (self.total - self.done) / self.rate if self.rate else None
