"""Takes in what was handed over, in a thread: the page goes on, and a click too many starts nothing twice."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, Thread

from pipeline.casebook.runs import Run, Runs
from pipeline.intake import unpacked

Source = tuple[str, Callable[[], bytes]]
"""A name as the user knows it, and how to get its bytes."""

AGAIN = 10.0
"""Seconds within which the same request is the same click."""


@dataclass
class Handover:
    """How far the taking-in of a run is: files of `total` done, photos found in them, and what broke it off."""

    run: Run
    total: int
    files: int = 0
    photos: int = 0
    taking: bool = True
    failure: str = ""
    since: float = field(default_factory=time.monotonic)


class Handovers:
    """All of a process."""

    def __init__(self) -> None:
        self._by_token: dict[Hashable, Handover] = {}
        self._by_run: dict[str, Handover] = {}
        self._lock = Lock()

    def begin(
        self, token: Hashable, release: str, heatmaps: bool, sources: list[Source], then: Callable[[Run], None]
    ) -> Run:
        """Start a run and take the sources in; the same token within seconds gives the run that it started.

        Args:
            token: what tells two requests apart.
            release: a release's name.
            heatmaps: whether the run makes them.
            sources: the files.
            then: called in the thread once all is taken in.
        """
        with self._lock:
            known = self._by_token.get(token)
            if known and time.monotonic() - known.since < AGAIN:
                return known.run
            handover = Handover(Runs().create(release, heatmaps), len(sources))
            self._by_token[token] = self._by_run[handover.run.id] = handover
        Thread(target=_take, args=(handover, list(sources), then), daemon=True, name="handover").start()
        return handover.run

    def of(self, run: Run) -> Handover | None:
        """Return how far the taking-in of a run is; None where this process did not do it."""
        return self._by_run.get(run.id)


def _take(handover: Handover, sources: list[Source], then: Callable[[Run], None]) -> None:
    try:
        while sources:
            name, read = sources.pop(0)  # let go of each file's memory as soon as it is kept
            for item in unpacked(name, read()):
                handover.run.add(item)
                handover.photos += 1
            handover.files += 1
    except OSError as problem:
        handover.failure = f"The files could not be kept: {problem.strerror or problem}. Make room on the disk."
    try:
        then(handover.run)
    finally:
        handover.taking = False
