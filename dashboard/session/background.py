"""What goes on behind the pages of one process: the worker, the taking-in, and the warming-up."""

import atexit
import concurrent.futures.process  # noqa: F401  a library wants it, and it cannot be imported while the process ends
import gc
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from dashboard.session.handover import Handovers
from dashboard.session.samples import samples
from models.release import release_names
from pipeline.casebook.runs import Run
from pipeline.errors import TriageError

if TYPE_CHECKING:  # imported where it is used: it brings torch, which takes seconds
    from pipeline.casebook.worker import Worker


class Background:
    """One a process. Making it starts the warming-up, so that the first verdict does not wait for imports."""

    def __init__(self) -> None:
        self.handovers = Handovers()
        self._worker: Worker | None = None
        self._lock = Lock()
        self._wanted = Event()
        self._warming = Thread(target=_warm_up, args=(self._wanted,), daemon=True, name="warm-up")
        self._warming.start()
        atexit.register(self.close)

    @property
    def worker(self) -> "Worker":
        """The worker; the first call may take the seconds that torch takes to import."""
        with self._lock:
            if self._worker is None:
                from pipeline.casebook.worker import Worker

                self._worker = Worker()
            return self._worker

    def close(self) -> None:
        """Let what goes on come to an end: a thread killed inside a network would abort the process."""
        self._warming.join()
        if self._worker:
            self._worker.close()

    def start(self, run: Run) -> None:
        """Examine whatever of a run is pending."""
        self._wanted.set()
        self.worker.start(run)


def _warm_up(wanted: Event) -> None:
    """Load what the first verdict needs, then take it out of the garbage collector's sight: it is there to stay."""
    _first_verdict(wanted)
    gc.collect()
    gc.freeze()
    gc.collect()  # what it counts as old is what it found last: from here on it looks often, at little


def _first_verdict(wanted: Event) -> None:
    """Load the newest release and examine one sample, so that every part is in memory; not in a run's way."""
    from pipeline.cascade import examine
    from pipeline.examining.loaded import load_cascade
    from pipeline.photo import Photo
    from pipeline.settings import settings

    if not release_names():
        return
    try:
        cascade = load_cascade(settings().release)
        for sample in samples()[:1] if not wanted.is_set() else ():
            examine(Photo.read(sample.path.read_bytes()), cascade)
    except TriageError:
        return  # whoever starts a run is told
