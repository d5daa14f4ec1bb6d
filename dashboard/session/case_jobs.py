"""What goes on behind the page Cases: adding, verifying, exporting, each in a thread, one of a kind for a case."""

import atexit
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from pipeline.casebook.progress import Progress
from pipeline.errors import TriageError

UNEXPECTED = "It ended unexpectedly; the program's output says why."


@dataclass(eq=False)
class Job:
    """One thing that goes on.

    Attributes:
        who: name of the person who began it.
        progress: how far it is; its `failure` says what ended it before its end.
        advice: what to do about a failure.
        result: what it made so far, or at its end; what that is depends on the kind of job.
        thread: in which it goes on.
    """

    who: str
    progress: Progress = field(default_factory=Progress)
    advice: str = ""
    result: Any = None
    thread: Thread | None = field(default=None, repr=False)
    _stop: Event = field(default_factory=Event, repr=False)

    @property
    def running(self) -> bool:
        """Whether it goes on now."""
        return self.progress.running

    @property
    def is_stopping(self) -> bool:
        """Whether somebody wants it stopped: the work looks at this between two steps."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Have it stopped after the step that it is on."""
        self.progress.stopped = True
        self._stop.set()

    def report(self, done: int, total: int) -> None:
        """Note how far it is, as those who count themselves tell it."""
        self.progress.total = total
        while self.progress.done < done:
            self.progress.step()


Work = Callable[[Job], None]
Key = tuple[str, str]
"""The kind of a job, and the id of the case."""


class Jobs:
    """All of a process."""

    def __init__(self) -> None:
        self._jobs: dict[Key, Job] = {}
        self._lock = Lock()
        self._turn = Lock()
        atexit.register(self.close)

    def begin(self, kind: str, case_id: str, who: str, work: Work, result: Any = None) -> Job:
        """Begin a job; while one of this kind goes on with the case, it is that one, and none is begun.

        Args:
            kind: of job.
            case_id: the case's id.
            who: name of the person.
            work: does it; stops where `Job.is_stopping`.
            result: what `Job.result` is at first.
        """
        with self._lock:
            known = self._jobs.get((kind, case_id))
            if known and known.running:
                return known
            job = Job(who, Progress(running=True), result=result)
            self._jobs[kind, case_id] = job
            job.thread = Thread(target=_do, args=(job, work), daemon=True, name=f"{kind} {case_id[:8]}")
            job.thread.start()
            return job

    def of(self, kind: str, case_id: str) -> Job | None:
        """Return the last job of a kind; None where this process had none."""
        return self._jobs.get((kind, case_id))

    def forget(self, kind: str, case_id: str) -> None:
        """Let go of a job that ended, and of what it made."""
        with self._lock:
            job = self._jobs.get((kind, case_id))
            if job and not job.running:
                del self._jobs[kind, case_id]

    @property
    def turn(self) -> Lock:
        """To be held while networks run: one photo at a time across all cases."""
        return self._turn

    def close(self) -> None:
        """Stop all, and wait for that: a thread killed inside a network aborts the process."""
        jobs = list(self._jobs.values())
        for job in jobs:
            job.stop()
        for job in jobs:
            if job.thread:
                job.thread.join()


def _do(job: Job, work: Work) -> None:
    """Do the work; whatever happens it ends, and says so."""
    failure = UNEXPECTED
    try:
        work(job)
        failure = ""
    except TriageError as problem:
        failure, job.advice = str(problem), problem.advice
    except OSError as problem:
        failure = f"It could not be kept: {problem.strerror or problem}."
        job.advice = "Make room on the disk, then go on: what is done stays."
    finally:
        job.progress.failure = failure
        job.progress.running = False
