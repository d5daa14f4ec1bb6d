"""What lies on disk of jobs: one that cannot be read holds up no other, and a row that is being written is none yet."""

import io
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from pipeline.api import job_store
from pipeline.api.job_rows import ROWS
from pipeline.api.job_store import Job, JobStore, Upload

BAD, GOOD = "b" * 32, "a" * 32


def made(store, job_id):
    """Add a job of one upload; return its `job.json`."""
    folder = store.half_made(job_id)
    (folder / "uploads" / "000000.jpg").write_bytes(b"a photo")
    store.add(Job(job_id, "", "2026-12-01T00:00:00Z", "", (Upload("a.jpg", "000000.jpg", 7),)))
    return store.folder / job_id / "job.json"


DAMAGES = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "zeros": lambda whole: bytes(len(whole)),
    "no text": lambda whole: b"\xff" + whole,
    "a list": lambda whole: b"[]",
    "nothing": lambda whole: b"null",
    "no fields": lambda whole: b"{}",
    "an unknown field": lambda whole: changed(whole, colour="red"),
    "an unknown state": lambda whole: changed(whole, state="paused"),
    "another type": lambda whole: changed(whole, webhook=None),
    "of an upload": lambda whole: changed(whole, uploads=["a.jpg"]),
    "another job's": lambda whole: changed(whole, id=GOOD),
}


def changed(whole, **fields):
    return json.dumps(json.loads(whole) | fields).encode()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_job_that_cannot_be_read_is_set_aside_and_the_others_go_on(tmp_path, capfd, damage):
    store = JobStore(tmp_path, 1)
    path, _ = made(store, BAD), made(store, GOOD)
    path.write_bytes(damaged := DAMAGES[damage](path.read_bytes()))
    capfd.readouterr()
    assert [job.id for job in JobStore(tmp_path, 1).all()] == [GOOD]
    said = json.loads(capfd.readouterr().err)
    assert (said["event"], said["job"]) == ("fault", BAD) and said["set_aside"].startswith(f"unreadable-{BAD}-")
    aside = tmp_path / said["set_aside"]
    again = JobStore(tmp_path, 1)
    again.finish(GOOD, "done")
    again.hours = -1
    assert again.sweep() == 1 and again.all() == JobStore(tmp_path, 1).all() == []
    assert list(tmp_path.iterdir()) == [aside] and (aside / "job.json").read_bytes() == damaged
    assert (aside / "uploads" / "000000.jpg").read_bytes() == b"a photo" and capfd.readouterr().err == ""


def test_a_job_that_was_mended_goes_on(tmp_path):
    path = made(JobStore(tmp_path, 1), BAD)
    whole = path.read_bytes()
    path.write_bytes(b"")
    assert JobStore(tmp_path, 1).all() == []
    (aside,) = tmp_path.glob("unreadable-*")
    (aside / "job.json").write_bytes(whole)
    aside.rename(tmp_path / BAD)
    (job,) = JobStore(tmp_path, 1).all()
    assert json.loads(json.dumps(asdict(job))) == json.loads(whole)


def test_a_change_waits_for_the_disk(tmp_path, monkeypatch):
    store, write, waited = JobStore(tmp_path, 1), job_store.write_whole, []
    made(store, GOOD)

    def noted(path, data, durable=False):
        waited.append(durable)
        write(path, data, durable)

    monkeypatch.setattr(job_store, "write_whole", noted)
    store.update(GOOD, state="running")
    store.finish(GOOD, "done")
    assert waited == [True, True]


class Growing(io.BytesIO):
    """A file to which the rest of a line is added once its beginning was read."""

    def __next__(self):
        line = super().__next__()
        if not line.endswith(b"\n"):
            at = self.tell()
            self.seek(0, io.SEEK_END)
            self.write(b'{"record": {"path": "of the middle"}}\n')
            self.seek(at)
        return line


def test_results_end_before_a_row_that_is_being_written(tmp_path, monkeypatch):
    store = JobStore(tmp_path, 1)
    (made(store, GOOD).parent / ROWS).touch()
    monkeypatch.setattr(Path, "open", lambda *_: Growing(b'{"record": {"path": "a.jpg"}}\n{"count": 1, "note": '))
    assert [json.loads(line) for line in store.results(GOOD)] == [{"path": "a.jpg"}]
