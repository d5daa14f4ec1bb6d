"""How far a batch is: a bar on a terminal, elsewhere a line now and then; both with rate and time left."""

import sys
import time

from tqdm import tqdm

EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


class BatchProgress:
    """Counts the inputs that are done, and says so on standard error.

    The rate is that of this call, from its first chunk on: loading networks tells nothing about the time left.
    """

    def __init__(self, total: int, before: int) -> None:
        """Begin.

        Args:
            total: inputs of the batch.
            before: those that earlier calls have done.
        """
        self._total, self._done, self._first = total, before, 0
        self._since = self._said = time.monotonic()
        self._begun: float | None = None
        self._bar = tqdm(total=total, initial=before, unit="photo", file=sys.stderr, disable=None, smoothing=0.05)

    def add(self, inputs: int, refused: int) -> None:
        """Count what was done, and say it if it is time to.

        Args:
            inputs: of a chunk.
            refused: photos so far that have an error.
        """
        self._done += inputs
        now = time.monotonic()
        if self._begun is None:
            self._begun, self._first = now, self._done
        self._bar.update(inputs)
        self._bar.set_postfix(refused=refused, refresh=False)
        if self._bar.disable and now - self._said >= EVERY:
            self._said = now
            print(self.line(now), file=sys.stderr, flush=True)

    def line(self, now: float) -> str:
        """Return how far it is, as a line."""
        share = f"{self._done:,} of {self._total:,} ({100 * self._done / max(self._total, 1):.0f} %)"
        seconds, photos = now - (self._begun or now), self._done - self._first
        if seconds <= 0 or photos <= 0:
            return share
        rate = photos / seconds
        return f"{share}, {rate:.1f} photos/s, {duration((self._total - self._done) / rate)} left"

    def close(self) -> None:
        """End the bar."""
        self._bar.close()


def duration(seconds: float) -> str:
    """Say how long something takes: "40 s", "12 min", "3 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
