"""Takes in what was handed over, in a thread: the page goes on, and a click too many starts nothing twice."""

import sys
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from threading import Lock, Thread

from pipeline.attempt import each
from pipeline.casebook.runs import Run, Runs
from pipeline.errors import DiskFull, Unexpected, UnreadablePhoto
from pipeline.intake import Item, unpack_file
from pipeline.storage.whole import is_full

UNEXPECTED = "The taking-in ended unexpectedly, and not everything is here; the program's output says why."

AGAIN = 10.0
"""Seconds within which the same request is the same click."""


@dataclass(frozen=True)
class Source:
    """One file to take in.

    Attributes:
        name: as the user knows it.
        read: gives its bytes.
        outright: whether the user chose this very file; else, as part of a folder, it is left out where it is no photo.
    """

    name: str
    read: Callable[[], bytes]
    outright: bool = True


@dataclass
class Handover:
    """How far the taking-in of a run is.

    Attributes:
        run: what is filled.
        total, files: files to take in, and those that are done.
        photos: those found in them, refused ones included.
        left_out: what was found in them and is no photo.
        taking: whether it goes on.
        failure: what broke it off, in words; "" where nothing did.
        since: monotonic time of its beginning.
    """

    run: Run
    total: int
    files: int = 0
    photos: int = 0
    left_out: int = 0
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
        Thread(target=take, args=(handover, list(sources), then), daemon=True, name="handover").start()
        return handover.run

    def of(self, run: Run) -> Handover | None:
        """Return how far the taking-in of a run is; None where this process did not do it."""
        return self._by_run.get(run.id)


def take(handover: Handover, sources: list[Source], then: Callable[[Run], None]) -> None:
    """Take sources in, letting go of each; whatever happens it ends, says so, and what was taken goes on to `then`."""
    failure = UNEXPECTED
    try:
        handover.run.begin_taking(len(sources))
        failure = _keep_all(handover, sources)
        if not failure:
            handover.run.end_taking()
    finally:
        handover.failure = failure
        try:
            then(handover.run)
        finally:
            handover.taking = False


def _keep_all(handover: Handover, sources: list[Source]) -> str:
    """Keep what is in the sources; return what broke that off, or ""."""
    try:
        while sources:
            source = sources.pop(0)  # let go of each file's memory as soon as it is kept
            for item in each(source.name, _contents(source)):
                _keep(handover, Item(source.name, error=item) if isinstance(item, Unexpected) else item)
            handover.files += 1
    except OSError as problem:
        return _no_room(problem)
    except DiskFull as problem:
        return str(problem)
    return ""


def _keep(handover: Handover, item: Item) -> None:
    if isinstance(item.error, Unexpected):
        print(item.error.trace, file=sys.stderr)
    handover.run.add(item)
    if item.left_out:
        handover.left_out += item.count
    else:
        handover.photos += item.count


def _contents(source: Source) -> Iterator[Item]:
    """Yield what a source holds; one that cannot be read is an item with its error.

    Raises:
        DiskFull: where reading it needs room.
    """
    try:
        data = source.read()
    except OSError as problem:
        if is_full(problem):
            raise DiskFull(_no_room(problem)) from problem
        sentence = f"The file could not be opened: {problem.strerror or problem}."
        yield Item(source.name, error=UnreadablePhoto(sentence))
        return
    yield from unpack_file(source.name, data, source.outright)


def _no_room(problem: OSError) -> str:
    return f"The files could not be kept: {problem.strerror or problem}. Make room on the disk."
