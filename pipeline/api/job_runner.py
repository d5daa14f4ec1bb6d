"""The thread that works on jobs: several in turn, a group of photos each, so that a large one holds up no small one."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from threading import Event, Thread
from typing import Any

from pipeline.api.batching import TOGETHER, TOGETHER_BYTES, Batcher, Outcome
from pipeline.api.job_rows import ROWS, Rows
from pipeline.api.job_store import FINISHED, UPLOADS, Job, JobStore
from pipeline.api.logs import frames_in, frames_of, say
from pipeline.api.metrics import Metrics
from pipeline.attempt import attempt, each
from pipeline.errors import DiskFull, NotThere, TriageError, Unexpected
from pipeline.examination import Examination
from pipeline.intake import Item, Named, read_path
from pipeline.records import begin_record, failure
from pipeline.storage.whole import is_full

IN_TURN = 4
"""Jobs that are worked on in turn; the others wait."""
MOST_IN_GROUP = 1000
"""Things in a group at most: what is left out holds nothing, and there may be any number of it."""
LOOK_EVERY = 0.5
"""Seconds between two looks for new jobs, where nothing tells of one."""


@dataclass(frozen=True)
class Taken:
    """A thing that was taken of a job's uploads, and the number of the upload, from 0."""

    item: Item
    upload: int


class JobRunner:
    """Works on the jobs of a store until it is stopped; what is not finished then, the next one goes on with."""

    def __init__(self, store: JobStore, batcher: Batcher, metrics: Metrics, finished: Callable[[str], object]) -> None:
        """Keep what is needed.

        Args:
            store: the jobs.
            batcher: examines photos.
            metrics: counts.
            finished: is told the id of a job that is finished.
        """
        self.store, self.batcher, self.metrics, self.finished = store, batcher, metrics, finished
        self._new, self._stopping = Event(), Event()
        self._thread = Thread(target=self._run, name="jobs", daemon=True)

    @property
    def works(self) -> bool:
        """Whether jobs are worked on."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def start(self) -> None:
        """Begin with what is not finished."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is a new job, or that one was cancelled."""
        self._new.set()

    def stop(self) -> None:
        """End with the group that is under way."""
        self._stopping.set()
        self._new.set()
        self._thread.join()

    def _run(self) -> None:
        active: dict[str, Iterator[None]] = {}
        while not self._stopping.is_set():
            unfinished = self.store.unfinished()
            self.metrics.jobs.set(len(unfinished))
            for job in unfinished:
                if job.id not in active and len(active) < IN_TURN:
                    active[job.id] = self._work(job)
            if not active:
                self._new.wait(LOOK_EVERY)
                self._new.clear()
            for job_id, work in list(active.items()):
                if self._stopping.is_set() or not self._step(job_id, work):
                    active.pop(job_id)

    def _step(self, job_id: str, work: Iterator[None]) -> bool:
        """Work on a job's next group; tell whether there is more. A fault ends this job and no other."""
        try:
            more = attempt("The job", next, work, "end")
            if more is None:
                return True
            if isinstance(more, Unexpected):
                say("fault", where="job", job=job_id, frames=frames_in(more.trace))
                self._end(job_id, "failed", str(more))
        except NotThere:  # deleted meanwhile
            pass
        except TriageError as problem:
            self._end(job_id, "failed", str(problem))
        return False

    def _end(self, job_id: str, state: str, error: str = "", **changes: Any) -> None:
        try:
            self.store.finish(job_id, state, error=error, **changes)
        except TriageError as problem:  # deleted meanwhile; or the disk is full, and the next start goes on
            say("fault", where="job", job=job_id, kind=problem.code, frames=frames_of(problem))
            self._stopping.wait(LOOK_EVERY)
            return
        say("job", job=job_id, state=state)
        self.finished(job_id)

    def _work(self, job: Job) -> Iterator[None]:
        """Examine a job's photos from where its rows end; stop after each group.

        Raises:
            DiskFull: the rows cannot be written.
            NotThere: the job was deleted meanwhile.
        """
        rows = Rows(self.store.folder / job.id / ROWS)
        try:
            for group in _groups(islice(self._taken(job), rows.count, None)):
                if self.store.read(job.id).state in FINISHED:  # cancelled meanwhile
                    return
                self._examine(group, rows)
                state = {"state": "running", "account": rows.account.as_dict(), "uploads_done": group[-1].upload}
                self.store.go_on(job.id, release=self.batcher.cascade.release.name, **state)
                yield
            account = rows.account.as_dict()
            self._end(job.id, "done", account=account, uploads_done=len(job.uploads))
        except OSError as problem:
            if is_full(problem):
                raise DiskFull("The disk is full: no more results can be kept.") from problem
            raise
        finally:
            rows.close()

    def _taken(self, job: Job) -> Iterator[Taken]:
        """Yield what a job's uploads hold, under the names that they were handed over with."""
        for number, upload in enumerate(job.uploads):
            path = str(self.store.folder / job.id / UPLOADS / upload.file)
            for item in each(upload.name, read_path(Named(path))):
                if isinstance(item, Unexpected):
                    yield Taken(Item(upload.name, error=item), number)
                else:
                    yield Taken(replace(item, name=upload.name + item.name.removeprefix(path)), number)

    def _examine(self, group: list[Taken], rows: Rows) -> None:
        since = time.perf_counter()
        asked = deque[Future[Outcome] | None](
            None if each.item.error or each.item.left_out else self.batcher.submit(each.item.data, background=True)
            for each in group
        )
        photos, records = sum(future is not None for future in asked), list[dict[str, Any] | None]()
        for taken in group:  # each becomes its record as it comes, so that its pixels go
            future = asked.popleft()
            records.append(_record_of(taken.item, future.result() if future else taken.item.error))
        ms = round((time.perf_counter() - since) * 1000 / max(1, photos))
        for taken, record in zip(group, records, strict=True):
            rows.add(taken.item, record | {"ms": ms} if record and "error" not in record else record)
        rows.keep()


def _groups(taken: Iterator[Taken]) -> Iterator[list[Taken]]:
    group, photos, held = list[Taken](), 0, 0
    for one in taken:
        group.append(one)
        photos, held = photos + bool(one.item.data), held + len(one.item.data)
        if photos == TOGETHER or len(group) == MOST_IN_GROUP or held > TOGETHER_BYTES:
            yield group
            group, photos, held = [], 0, 0
    if group:
        yield group


def _record_of(item: Item, outcome: Outcome | None) -> dict[str, Any] | None:
    """Return the row that the command line prints for a photo, without its time; None for what was left out."""
    if outcome is None:
        return None
    begin = begin_record(item.name, item.raw_name)
    if isinstance(outcome, Examination):
        return begin | outcome.as_dict()
    return begin | {"error": failure(outcome, item.count)}
