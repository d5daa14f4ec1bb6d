"""Jobs as they lie on disk: `api/jobs/<id>/` holds `job.json`, the uploads until it is finished, and its rows.

`rows.jsonl` has a line for each thing that was taken of the uploads, in their order: how many lines there are says
where to go on after a kill, and a last line that is not whole is cut off.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Self

from pipeline.api.kept import ID
from pipeline.errors import NotThere
from pipeline.intake import Account, Item
from pipeline.storage.clock import stamp
from pipeline.storage.whole import room, write_whole
from pipeline.verdict import CAUTION

JOB, ROWS, UPLOADS = "job.json", "rows.jsonl", "uploads"
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
        """Return a job from its file."""
        data = json.loads(path.read_bytes())
        return cls(**{**data, "uploads": tuple(Upload(**each) for each in data["uploads"])})


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
        read = [Job.read(path) for path in self.folder.glob(f"*/{JOB}")]
        self._jobs = {job.id: job for job in sorted(read, key=lambda job: (job.created, job.id))}

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
            write_whole(self.folder / job.id / JOB, json.dumps(asdict(changed)).encode())
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
        path = self.folder / job_id / ROWS
        if not path.exists():
            return
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n") and (record := json.loads(line).get("record")):
                    yield json.dumps(record).encode() + b"\n"


class Rows:
    """The rows of a job that is worked on; only the thread that does so writes them."""

    def __init__(self, path: Path) -> None:
        """Read the rows that there are, cut off a last one that is not whole, and open the file to go on.

        Attributes:
            count: how many there are.
            account: of them.
        """
        path.touch()
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        self.account, self.count = Account(), 0
        for line in whole.splitlines():
            self._count(json.loads(line))
        self._file = path.open("r+b")
        self._file.truncate(len(whole))
        self._file.seek(len(whole))

    def add(self, item: Item, record: dict[str, Any] | None) -> None:
        """Add a row: a thing that was taken, and its result; None where it was left out."""
        row = {"count": item.count, "left_out": item.left_out, "record": record}
        self._file.write(json.dumps(row).encode() + b"\n")
        self._count(row)

    def keep(self) -> None:
        """Write what was added to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _count(self, row: dict[str, Any]) -> None:
        self.count += 1
        self.account.receive(Item("", left_out=row["left_out"], count=row["count"]))
        if record := row["record"]:
            self.account.finish(record.get("error", {}).get("code", ""), row["count"])
