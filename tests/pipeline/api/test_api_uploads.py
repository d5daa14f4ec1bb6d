"""Jobs as they are handed over, and ended while they are worked on: what is held meanwhile, and which end counts."""

import asyncio
import gc
import os
import threading
import time
import tracemalloc
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from pipeline.api import jobs
from pipeline.api.job_rows import Rows
from pipeline.api.job_store import Job, JobStore
from pipeline.api.spool import form_on_disk
from pipeline.errors import NotThere
from tests.served_api import is_problem


def test_no_more_jobs_are_handed_over_at_once_than_are_taken(serving, face):
    api, going = serving(api_jobs=3), threading.Event()

    def slowly():
        yield b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' + face[1]
        going.wait(20)
        yield b"\r\n--x--\r\n"

    form = {"content-type": "multipart/form-data; boundary=x"}
    post = lambda: httpx.post(f"{api.url}/v1/jobs", content=slowly(), headers=form, trust_env=False)  # noqa: E731
    calls = [threading.Thread(target=post) for _ in range(2)]
    for call in calls:
        call.start()
    until = time.monotonic() + 10
    while api.service.uploads.coming < 2 and time.monotonic() < until:
        time.sleep(0.01)
    api.service.uploads.most = 2
    assert "handed over" in is_problem(api.job(face), 503, "busy")["detail"]
    api.service.uploads.most, api.service.uploads.jobs = 3, 2
    assert "unfinished" in is_problem(api.job(face), 503, "busy")["detail"]
    going.set()
    for call in calls:
        call.join()
    api.service.uploads.jobs = 9
    assert api.service.uploads.coming == 0 and api.job(face).status_code == 202


def handed_over(files):
    """Read a form of files as the call that makes a job does; return it and how many bytes it holds in memory."""
    parts = [
        f'--x\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in files
    ]
    body = b"".join(parts) + b"--x--\r\n"
    pieces = [body[at : at + 60_000] for at in range(0, len(body), 60_000)]

    async def receive():
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    request = Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)
    gc.collect()
    tracemalloc.start()
    form = asyncio.run(form_on_disk(request, max_files=len(files), max_fields=9, max_part_size=9))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return form, held


def test_small_photos_of_a_job_wait_on_disk_in_one_file(face):
    files = [(f"{n}.jpg", bytes([n]) * (n * 700)) for n in range(100)] + [face]
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    form, held = handed_over(files)
    assert len(os.listdir("/proc/self/fd")) == before + 1  # noqa: PTH208
    assert sum(len(data) for _, data in files) > 3_000_000 > 4 * held
    read = [(one.filename, one.file.read(7) + one.file.read(), one.size) for _, one in reversed(form.multi_items())]
    assert read == [(name, data, len(data)) for name, data in reversed(files)]
    asyncio.run(form.close())
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    asyncio.run(handed_over([])[0].close())


def test_the_call_that_makes_a_job_reads_its_form_so(api, face, other, monkeypatch):
    keep, files = jobs._keep, []
    monkeypatch.setattr(jobs, "_keep", lambda service, made: files.extend(made.files) or keep(service, made))
    assert api.job(face, other).status_code == 202
    assert len(files) == 2 and files[0].file._whole is files[1].file._whole and files[0].file._whole.closed


def test_a_job_that_has_ended_does_not_go_on(tmp_path):
    store = JobStore(tmp_path, 1)
    store.half_made("a" * 32)
    job = store.add(Job("a" * 32, "", "", "", ()))
    assert store.go_on(job.id, state="running").state == "running"
    store.finish(job.id, "cancelled")
    for _ in range(2):  # whoever works on it may tell so late
        assert store.go_on(job.id, state="running", uploads_done=1).state == "cancelled"
        assert store.finish(job.id, "done", uploads_done=1).uploads_done == 0
        store = JobStore(tmp_path, 1)
    store.delete(job.id)
    with pytest.raises(NotThere):
        store.go_on(job.id, state="running")


def test_a_cancellation_in_between_is_not_written_over(serving, face, monkeypatch):
    keep, api = Rows.keep, serving()

    def cancelled_at_its_end(self):
        keep(self)
        job_id = Path(self._file.name).parent.name
        lock = api.service.jobs._lock
        api.service.jobs._lock = Pausing(lock, lambda: api.service.jobs.finish(job_id, "cancelled"), api.service.jobs)

    monkeypatch.setattr(Rows, "keep", cancelled_at_its_end)
    job = api.job(face).json()
    assert api.finished(job["id"])["state"] == "cancelled"
    time.sleep(0.3)
    assert api.finished(job["id"])["state"] == "cancelled"


class Pausing:
    """A lock before whose second use something else comes in between, as another thread's call may."""

    def __init__(self, lock, between, store):
        self.lock, self.between, self.store, self.uses = lock, between, store, 0

    def __enter__(self):
        self.uses += 1
        if self.uses == 2:
            self.store._lock = self.lock
            self.between()
        self.lock.acquire()

    def __exit__(self, *_):
        self.lock.release()
