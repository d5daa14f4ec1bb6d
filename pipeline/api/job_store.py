"""Jobs as they lie on disk: `api/jobs/<id>/` holds `job.json`, the uploads until it is finished, and its rows.

A job that cannot be read is set aside as `unreadable-…` beside the others, with what was handed over for it.
"""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, Self

from pipeline.api.job_rows import ROWS, results
from pipeline.api.kept import ID
from pipeline.api.logs import say
from pipeline.errors import NotThere
from pipeline.intake import Account
from pipeline.storage.clock import stamp
from pipeline.storage.whole import room, write_whole
from pipeline.verdict import CAUTION

JOB, UPLOADS = "job.json", "uploads"
STATES = {
    "queued": "nothing of it was looked at yet",
    "running": "some of it was looked at",
    "done": "everything in it was examined, refused or left out",
    "cancelled": "ended before its end, as was asked",
    "failed": "could not go on; the results so far stand",
}
FINISHED = ("done", "cancelled", "failed")
UNFINISHED_PREFIX = "unfinished-"
"""Begins the name of a folder whose uploads are not all there: the call that makes it has not ended, or was killed."""
UNREADABLE_PREFIX = "unreadable-"
"""Begins the name of a folder that was set aside: neither read nor swept, as its uploads lie there alone."""


@dataclass(frozen=True)
class Upload:
    """A file of a job: its name as it was handed over, the one under which it lies, and its size in bytes."""

    name: str
    file: str
    bytes: int


@dataclass(frozen=True)
class Job:
    """A job as it is kept.

    Attributes:
        id: not to be guessed.
        owner: id of the key that made it; "" for this machine.
        created, finished: when; "" where it is not.
        base: the service's address as its maker saw it, for links.
        uploads: its files, in order.
        state: one of `STATES`.
        account: of what was taken from them so far.
        uploads_done: how many of them are done.
        release: that examined last; "" where none did.
        idempotency: "key" and "content", the SHA-256 of what the call held; empty where no key was given.
        webhook: "url", "state" (waiting, delivered, given up), "tries", "last" (what the last gave); empty for none.
        error: why it failed; "" where it did not.
    """

    id: str
    owner: str
    created: str
    base: str
    uploads: tuple[Upload, ...]
    state: str = "queued"
    finished: str = ""
    account: dict[str, Any] = field(default_factory=lambda: Account().as_dict())
    uploads_done: int = 0
    release: str = ""
    idempotency: dict[str, str] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return a job from its file.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: it holds none, or another one.
        """
        data = json.loads(path.read_bytes())
        job = cls(**{**data, "uploads": tuple(Upload(**each) for each in data["uploads"])})
        kinds = {name: type(value) for name, value in vars(cls("", "", "", "", ())).items()}
        if kinds != {name: type(value) for name, value in vars(job).items()}:
            raise TypeError("a field is of another type")
        if job.id != path.parent.name or job.state not in STATES:
            raise ValueError("it is no job of this folder")
        return job


def progress_of(job: Job) -> dict[str, Any]:
    """Return what is answered of a job."""
    here = f"{job.base}/v1/jobs/{job.id}"
    hook = {name: job.webhook[name] for name in ("state", "tries", "last")} if job.webhook else None
    return {
        "id": job.id,
        "state": job.state,
        "created": job.created,
        "finished": job.finished or None,
        "uploads": len(job.uploads),
        "uploads_done": job.uploads_done,
        "account": job.account,
        "release": job.release or None,
        "webhook": hook,
        "error": job.error or None,
        "caution": CAUTION,
        "links": {"self": here, "results": f"{here}/results"},
    }


@dataclass
class JobStore:
    """All jobs of one home.

    Attributes:
        folder: where they lie.
        hours: after its end, after which a job is deleted.
    """

    folder: Path
    hours: float
    _jobs: dict[str, Job] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Read the jobs that there are; what a killed call left half made was never confirmed, and goes."""
        for half in self.folder.glob(f"{UNFINISHED_PREFIX}*"):
            shutil.rmtree(half, ignore_errors=True)
        read = [job for path in list(self.folder.glob(f"*/{JOB}")) if (job := self._read_or_set_aside(path))]
        self._jobs = {job.id: job for job in sorted(read, key=lambda job: (job.created, job.id))}

    def _read_or_set_aside(self, path: Path) -> Job | None:
        """Return a job from its file; one that cannot be read is set aside, so that the others go on."""
        folder = path.parent
        if folder.name.startswith(UNREADABLE_PREFIX):
            return None
        try:
            return Job.read(path)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            aside = folder.rename(self.folder / f"{UNREADABLE_PREFIX}{folder.name}-{token_hex(4)}")
            say("fault", where="job", job=folder.name, kind=type(problem).__name__, set_aside=aside.name)
            return None

    def half_made(self, job_id: str) -> Path:
        """Return the folder to which the uploads of a job are written before it is added."""
        folder = self.folder / f"{UNFINISHED_PREFIX}{job_id}"
        (folder / UPLOADS).mkdir(parents=True)
        return folder

    def drop_half(self, job_id: str) -> None:
        """Delete what was written of a job that is not added."""
        shutil.rmtree(self.folder / f"{UNFINISHED_PREFIX}{job_id}", ignore_errors=True)

    def add(self, job: Job) -> Job:
        """Add a job whose uploads are written, or return the one that stands under its idempotency key."""
        with self._lock:
            if there := self._of_key(job.owner, job.idempotency.get("key", "")):
                return there
            half = self.folder / f"{UNFINISHED_PREFIX}{job.id}"
            write_whole(half / JOB, json.dumps(asdict(job)).encode(), durable=True)
            half.replace(self.folder / job.id)
            self._jobs[job.id] = job
            return job

    def _of_key(self, owner: str, key: str) -> Job | None:
        jobs = [job for job in self._jobs.values() if key and job.owner == owner]
        return next((job for job in jobs if job.idempotency.get("key") == key), None)

    def all(self) -> list[Job]:
        """Return all jobs, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def unfinished(self) -> list[Job]:
        """Return those that are not finished, oldest first."""
        return [job for job in self.all() if job.state not in FINISHED]

    def read(self, job_id: str, owner: str | None = None) -> Job:
        """Return a job.

        Args:
            job_id: its id.
            owner: whose it must be; None for anybody's.

        Raises:
            NotThere: there is none, or it is another key's: which, is not said.
        """
        with self._lock:
            job = self._jobs.get(job_id) if ID.fullmatch(job_id) else None
        if job is None or owner not in (None, job.owner):
            raise NotThere("There is no such job; it may have been deleted in the meantime.")
        return job

    def update(self, job_id: str, **changes: Any) -> Job:
        """Change a job, in memory and on disk.

        Raises:
            NotThere: it was deleted meanwhile.
        """
        with self._lock:
            return self._change(self._of_id(job_id), changes)

    def go_on(self, job_id: str, **changes: Any) -> Job:
        """Change a job as `update` does; one that has ended, meanwhile or before, stays as it is.

        Raises:
            NotThere: it was deleted meanwhile.
        """
        with self._lock:
            job = self._of_id(job_id)
            return job if job.state in FINISHED else self._change(job, changes)

    def _of_id(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise NotThere(f"The job {job_id} was deleted.")
        return self._jobs[job_id]

    def _change(self, job: Job, changes: dict[str, Any]) -> Job:
        changed = replace(job, **changes)
        with room(self.folder):
            write_whole(self.folder / job.id / JOB, json.dumps(asdict(changed)).encode(), durable=True)
        self._jobs[job.id] = changed
        return changed

    def finish(self, job_id: str, state: str, **changes: Any) -> Job:
        """End a job and delete its photos; one that has ended stays as it is.

        Raises:
            NotThere: it was deleted meanwhile.
        """
        job = self.go_on(job_id, state=state, finished=stamp(time.time()), **changes)
        shutil.rmtree(self.folder / job_id / UPLOADS, ignore_errors=True)
        return job

    def delete(self, job_id: str) -> None:
        """Delete a job and all that is kept of it."""
        with self._lock:
            self._jobs.pop(job_id, None)
        shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def sweep(self) -> int:
        """Delete what was finished too long ago; return how many were deleted."""
        until = stamp(time.time() - timedelta(hours=self.hours).total_seconds())
        old = [job.id for job in self.all() if job.finished and job.finished < until]
        for job_id in old:
            self.delete(job_id)
        return len(old)

    def results(self, job_id: str) -> Iterator[bytes]:
        """Yield the results so far, each a line of JSON as the command line prints it."""
        return results(self.folder / job_id / ROWS)
