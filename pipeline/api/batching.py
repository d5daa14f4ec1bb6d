"""Photos of several calls examined together, by one thread. Each photo's numbers are those that it has alone."""

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread

from pipeline.api.logs import frames_in, say
from pipeline.api.metrics import Metrics
from pipeline.attempt import attempt
from pipeline.cascade import examine, examine_many
from pipeline.errors import Busy, TriageError, Unexpected
from pipeline.examination import Examination
from pipeline.examining.loaded import Cascade
from pipeline.photo import Photo

Outcome = Examination | TriageError
"""What becomes of a photo; an error has no frames, so that it holds no bytes."""

TOGETHER = 16
"""Photos examined together at most."""
TOGETHER_BYTES = 200_000_000
"""Pixels and files held decoded for examining together; a group ends with the photo that passes it."""
PATIENCE = 0.02
"""Seconds that the first photo waits for others."""
SMOOTH = 0.2
"""Weight of the last batch in the measured pace."""


@dataclass(frozen=True)
class Asked:
    """A photo that waits.

    Attributes:
        data: the file's bytes.
        heatmaps: also explain each face.
        partial: examine what decodes of a file that is cut short.
        future: gets the outcome; one that was cancelled is dropped.
    """

    data: bytes
    heatmaps: bool
    partial: bool
    future: "Future[Outcome]" = field(default_factory=Future)


class Batcher:
    """A queue of photos and the thread that examines them. Calls that wait come before jobs."""

    def __init__(self, cascade: Cascade, metrics: Metrics, patience: float = PATIENCE) -> None:
        """Start the thread.

        Args:
            cascade: what judges.
            metrics: counts.
            patience: seconds that the first photo waits for others.
        """
        self.cascade, self.metrics, self.patience = cascade, metrics, patience
        self.pace = 0.2
        """Seconds that a photo took of late; at first a guess."""
        self._calls, self._jobs = deque[Asked](), deque[Asked]()
        self._changed, self._stopped = Condition(), False
        self._thread = Thread(target=self._run, name="batcher", daemon=True)
        self._thread.start()

    @property
    def works(self) -> bool:
        """Whether photos are taken and examined."""
        return self._thread.is_alive() and not self._stopped

    def submit(
        self, data: bytes, heatmaps: bool = False, partial: bool = False, background: bool = False
    ) -> "Future[Outcome]":
        """Queue a photo; return what will hold its outcome, which a caller that went away cancels.

        Args:
            data: the file's bytes.
            heatmaps: also explain each face.
            partial: examine what decodes of a file that is cut short.
            background: nobody waits on the line for it.

        Raises:
            Busy: the service is ending.
        """
        asked = Asked(data, heatmaps, partial)
        with self._changed:
            if self._stopped:
                raise Busy("The service is ending.", 5)
            (self._jobs if background else self._calls).append(asked)
            self._changed.notify()
        return asked.future

    def stop(self) -> None:
        """Take no more, and return when all that was taken is done."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._work_on(self._next()):  # in a call of its own: while none waits, no pixels of the last are held
            pass

    def _work_on(self, batch: Sequence[Asked]) -> bool:
        """Examine photos, group by group; tell whether there were any."""
        group, held, since = list[tuple[Asked, Photo]](), 0, time.perf_counter()
        for asked in batch:
            if not asked.future.set_running_or_notify_cancel():
                continue  # whoever asked has gone
            if photo := self._read(asked):
                group.append((asked, photo))
                held += photo.rgb.nbytes + len(photo.data)
            if held > TOGETHER_BYTES:
                self._examine(group)
                group, held = [], 0
        self._examine(group)
        if batch:
            self.pace += SMOOTH * ((time.perf_counter() - since) / len(batch) - self.pace)
        return bool(batch)

    def _next(self) -> list[Asked]:
        """Return the next photos, as soon as enough wait or the first waited long enough; none at the end."""
        with self._changed:
            while not (self._calls or self._jobs or self._stopped):
                self._changed.wait()
            until = time.monotonic() + self.patience
            while len(self._calls) + len(self._jobs) < TOGETHER and not self._stopped:
                if (left := until - time.monotonic()) <= 0:
                    break
                self._changed.wait(left)
            batch = [queue.popleft() for queue in (self._calls, self._jobs) for _ in range(len(queue))[:TOGETHER]]
            for asked in reversed(batch[TOGETHER:]):  # taken from both queues, and too many together
                self._jobs.appendleft(asked)
            self.metrics.waiting.set(len(self._calls) + len(self._jobs))
            return batch[:TOGETHER]

    def _read(self, asked: Asked) -> Photo | None:
        """Decode a photo; of one that cannot be, the outcome is the error."""
        try:
            photo = attempt("The photo", Photo.read, asked.data, partial=asked.partial)
        except TriageError as problem:
            self._tell(asked, problem.bare())
            return None
        if isinstance(photo, Photo):
            return photo
        self._tell(asked, photo)
        return None

    def _examine(self, group: Sequence[tuple[Asked, Photo]]) -> None:
        for heatmaps in (False, True):
            asked = [(each, photo) for each, photo in group if each.heatmaps is heatmaps]
            if not asked:
                continue
            outcomes = self._outcomes([photo for _, photo in asked], heatmaps)
            self.metrics.batches.observe(len(asked))
            for (each, _), outcome in zip(asked, outcomes, strict=True):
                self._tell(each, outcome)

    def _outcomes(self, photos: list[Photo], heatmaps: bool) -> Sequence[Outcome]:
        """Examine photos together; where one meets something unexpected each by itself, so that it stays alone."""
        try:
            together = attempt("A group", examine_many, photos, self.cascade, heatmaps)
        except TriageError:
            return [self._alone(photo, heatmaps) for photo in photos]
        return [self._alone(photo, heatmaps) for photo in photos] if isinstance(together, Unexpected) else together

    def _alone(self, photo: Photo, heatmaps: bool) -> Outcome:
        try:
            return attempt("The photo", examine, photo, self.cascade, heatmaps)
        except TriageError as problem:
            return problem.bare()

    def _tell(self, asked: Asked, outcome: Outcome) -> None:
        if isinstance(outcome, Unexpected):
            say("fault", where="batch", frames=frames_in(outcome.trace))
        self.metrics.photos.labels(outcome.verdict.label if isinstance(outcome, Examination) else outcome.code).inc()
        asked.future.set_result(outcome)
