"""Examines runs in the background, one photo after another, so that no page ever waits and a reload loses nothing."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any

from pipeline.attempt import attempt
from pipeline.cascade import examine
from pipeline.casebook.progress import Progress
from pipeline.casebook.runs import Input, Run
from pipeline.casebook.stored import sound
from pipeline.errors import DiskFull, TriageError, Unexpected
from pipeline.examination import Examination
from pipeline.examining.loaded import load_cascade
from pipeline.marks import Mark
from pipeline.photo import Photo


@dataclass
class _Job:
    run: Run
    progress: Progress
    stop: Event
    thread: Thread | None = None


class Worker:
    """Runs in the background, one a thread, one photo at a time across all of them: the networks use every core."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._lock = Lock()
        self._turn = Lock()

    def start(self, run: Run) -> None:
        """Go on with whatever of a run is pending; a second call while it runs only takes back a stop."""
        with self._lock:
            job = self._jobs.get(run.id)
            if job and job.progress.running:
                job.stop.clear()
                job.progress.stopped = False
                return
            inputs, pending = run.inputs(), run.pending()
            progress = Progress(len(inputs), len(inputs) - len(pending), running=bool(pending))
            job = _Job(run, progress, Event())
            self._jobs[run.id] = job
            if pending:
                job.thread = Thread(target=self._work, args=(job, pending), daemon=True, name=f"run {run.id}")
                job.thread.start()

    def stop(self, run_id: str) -> None:
        """Stop a run after the photo it is on; what is done stays, and `start` goes on later."""
        if job := self._jobs.get(run_id):
            job.progress.stopped = True
            job.stop.set()

    def again(
        self, run: Run, entry: Input, marks: Sequence[Mark] = (), partial: bool = False, frame: int = 0
    ) -> dict[str, Any]:
        """Examine a photo of a run once more, wait for it, and return its record; the earlier one stays on disk.

        Args:
            run: the run.
            entry: which of its photos.
            marks: faces that were marked by hand.
            partial: whether to examine what decodes of a photo that is cut short.
            frame: the frame or page to begin with, on which the marks lie.

        Raises:
            TriageError: it cannot be examined so; the earlier result still counts.
            DiskFull: there is no room for what was found.
        """
        cascade, since = load_cascade(run.facts.release), time.monotonic()
        with self._turn:
            data, heatmaps = run.original(entry), run.facts.heatmaps
            examination = attempt(
                entry.name, lambda: sound(examine(Photo.read(data, partial, frame), cascade, heatmaps, marks))
            )
        if isinstance(examination, Unexpected):
            print(examination.trace, file=sys.stderr)
            raise examination
        try:
            return run.finish(entry, examination, (time.monotonic() - since) * 1000)
        except OSError as problem:
            message = f"What was found could not be kept: {problem.strerror or problem}. The earlier result stands."
            raise DiskFull(message) from problem

    def close(self) -> None:
        """Stop every run after the photo it is on, and wait for that: a thread killed inside a network aborts."""
        for job in list(self._jobs.values()):
            job.stop.set()
        for job in list(self._jobs.values()):
            if job.thread:
                job.thread.join()

    def progress(self, run: Run) -> Progress:
        """Return how far a run is, also one that this process never started."""
        if job := self._jobs.get(run.id):
            return job.progress
        inputs = run.inputs()
        return Progress(len(inputs), len(inputs) - len(run.pending()))

    def _work(self, job: _Job, pending: list[Input]) -> None:
        try:
            cascade = load_cascade(job.run.facts.release)
            for entry in pending:
                if self._told_to_stop(job):
                    break
                with self._turn:
                    self._one(job.run, entry, lambda photo: examine(photo, cascade, job.run.facts.heatmaps))
                job.progress.step()
        except TriageError as problem:
            job.progress.failure = str(problem)
        except OSError as problem:
            message = f"The results could not be kept: {problem.strerror or problem}."
            job.progress.failure = f"{message} Make room on the disk, then resume: what is done stays."
        finally:
            if job.progress.running and job.progress.done < job.progress.total and not job.progress.failure:
                job.progress.failure = "It ended unexpectedly; the program's output says why."
            job.progress.running = False

    def _told_to_stop(self, job: _Job) -> bool:
        with self._lock:  # no `start` may come between the question and its consequence
            job.progress.running = not job.stop.is_set()
            return not job.progress.running

    @staticmethod
    def _one(run: Run, entry: Input, examine_photo: Callable[[Photo], Examination]) -> None:
        """Examine a photo and keep what was found, or why nothing was; what nobody foresaw is said on standard error.

        Raises:
            OSError: there is no room for it.
        """
        since = time.monotonic()
        outcome: Examination | TriageError
        try:
            outcome = attempt(entry.name, lambda: sound(examine_photo(Photo.read(run.original(entry)))))
        except TriageError as problem:
            outcome = problem
        if isinstance(outcome, Unexpected):
            print(outcome.trace, file=sys.stderr)
        if isinstance(outcome, TriageError):
            run.fail(entry, outcome)
        else:
            run.finish(entry, outcome, (time.monotonic() - since) * 1000)
