"""Jobs: large sets after the call, kept on disk: a kill and a restart neither repeat nor lose a photo."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from pipeline.api import batching, job_runner, schemas
from pipeline.api.job_rows import ROWS, Rows
from pipeline.api.job_store import JobStore
from pipeline.cascade import examine, examine_many
from pipeline.examining.loaded import load_cascade
from pipeline.intake import Item
from pipeline.photo import Photo
from pipeline.settings import PROJECT
from tests.served_api import bearer, is_problem


def zipped(*entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def rows_of(api, job, **more):
    answer = api.client.get(job["links"]["results"], **more)
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_job_s_rows_are_those_of_the_command_line(api, face, other, home):
    archive = zipped(("in/a.jpg", face[1]), ("notes.txt", b"a note"), ("broken.jpg", b"no photo"))
    answer = api.job(("set.zip", archive), other, ("text.txt", b"handed over outright"))
    schemas.JobAnswer.model_validate(answer.json())
    assert answer.status_code == 202 and answer.headers["location"] == answer.json()["links"]["self"]
    job = api.finished(answer.json()["id"])
    schemas.JobAnswer.model_validate(job)
    said = "5 handed over = 2 examined + 2 refused (not a photo that is read × 2) + 1 left out (.txt × 1)"
    assert (job["state"], job["account"]["sentence"]) == ("done", said)
    assert (job["uploads"], job["uploads_done"], job["release"]) == (3, 3, "2026.11-5") and job["caution"]
    rows = rows_of(api, job)
    assert [row["path"] for row in rows] == ["set.zip › in/a.jpg", "set.zip › broken.jpg", other[0], "text.txt"]
    alone = examine(Photo.read(face[1]), load_cascade("quick"), heatmaps=False).as_dict()
    assert alone.items() <= rows[0].items() and rows[1]["error"]["code"] == "unreadable_photo"
    kept = [path.name for path in (home / "api" / "jobs").rglob("*") if path.is_file()]
    assert sorted(kept) == ["job.json", "rows.jsonl"], "its photos are deleted"


def test_hostile_archives_are_refused_entry_by_entry(serving, face):
    api = serving(max_zip_megabytes=2, max_megabytes=2)
    bomb = zipped(("bomb.jpg", bytes(50_000_000)), ("../../../escape.jpg", face[1]), ("in.zip", zipped(("a.jpg", b""))))
    job = api.finished(api.job(("bomb.zip", bomb), ("cut.zip", bomb[:2000]), ("empty.jpg", b"")).json()["id"])
    codes = [row.get("error", {}).get("code", "") for row in rows_of(api, job)]
    assert codes[0] == "unsafe_archive" and set(codes) <= {"", "unsafe_archive", "unreadable_photo"} and len(codes) > 2
    assert job["state"] == "done" and job["account"]["sentence"].endswith(")")


def test_an_idempotency_key_stands_for_one_job(api, face, other):
    key = {"Idempotency-Key": "order-1"}
    first = api.job(face, headers=key)
    again = api.job(face, headers=key)
    assert again.status_code == 202 and again.json()["id"] == first.json()["id"]
    assert again.headers["idempotent-replayed"] == "true" and "idempotent-replayed" not in first.headers
    is_problem(api.job(other, headers=key), 409, "other_content")
    is_problem(api.job((other[0], face[1]), headers=key), 409, "other_content")
    assert api.job(face).json()["id"] != api.job(face).json()["id"], "without a key each is its own"
    is_problem(api.job(face, headers={"Idempotency-Key": "x" * 101}), 422, "bad_call")
    assert len(api.service.jobs.all()) == 3
    api.stop()
    assert len(JobStore(api.service.jobs.folder, 1).all()) == 3, "as many on disk"


def test_many_calls_with_one_idempotency_key_make_one_job(api, face):
    answers = []
    call = lambda: answers.append(httpx.post(f"{api.url}/v1/jobs", files={"files": face}, trust_env=False,  # noqa: E731
                                             headers={"Idempotency-Key": "same"}).json()["id"])  # fmt: skip
    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8 and len(set(answers)) == 1 and len(api.service.jobs.all()) == 1


def test_a_job_belongs_to_its_key(serving, keys, face):
    mine, theirs = (keys.make(name, ("jobs",))[1] for name in "ab")
    api = serving()
    job = api.job(face, headers=bearer(mine) | {"Idempotency-Key": "same"}).json()
    path = f"/v1/jobs/{job['id']}"
    for call in (api.client.get, api.client.delete):
        is_problem(call(path, headers=bearer(theirs)), 404, "not_there")
    is_problem(api.client.get(f"{path}/results", headers=bearer(theirs)), 404, "not_there")
    assert api.job(face, headers=bearer(theirs) | {"Idempotency-Key": "same"}).json()["id"] != job["id"]
    assert api.client.get(path, headers=bearer(mine)).status_code == 200


def test_a_job_is_cancelled_and_deleted(serving, face, monkeypatch, home):
    begun, going = threading.Event(), threading.Event()

    def held(*asked):
        begun.set()
        going.wait(20)
        return examine_many(*asked)

    monkeypatch.setattr(job_runner, "TOGETHER", 1)
    monkeypatch.setattr(batching, "examine_many", held)
    api = serving()
    job = api.job(face, face, face).json()
    assert begun.wait(20)
    cancelled = api.client.delete(f"/v1/jobs/{job['id']}").json()
    assert cancelled["state"] == "cancelled" and cancelled["finished"]
    going.set()
    time.sleep(0.5)
    assert api.finished(job["id"])["state"] == "cancelled" and len(rows_of(api, job)) <= 1
    assert not (home / "api" / "jobs" / job["id"] / "uploads").exists()
    assert api.client.delete(f"/v1/jobs/{job['id']}").status_code == 200
    is_problem(api.client.get(f"/v1/jobs/{job['id']}"), 404, "not_there")
    assert api.service.runner.works and not (home / "api" / "jobs" / job["id"]).exists()


def test_more_unfinished_jobs_than_are_taken(serving, face, monkeypatch):
    going = threading.Event()
    monkeypatch.setattr(batching, "examine_many", lambda *asked: going.wait(20) and examine_many(*asked))
    api = serving(api_jobs=1)
    job = api.job(face).json()
    is_problem(api.job(face), 503, "busy")
    going.set()
    api.finished(job["id"])
    assert api.job(face).status_code == 202


def test_calls_that_wait_come_before_jobs(serving, face, other, monkeypatch):
    seen, going = [], threading.Event()

    def noted(photos, *rest):
        going.wait(20)
        seen.append([photo.sha256[:4] for photo in photos])
        return examine_many(photos, *rest)

    monkeypatch.setattr(batching, "examine_many", noted)
    monkeypatch.setattr(batching, "TOGETHER", 1)
    api = serving()
    job = api.job(face, face, face).json()
    calling = threading.Thread(target=api.examine, args=(other,))
    time.sleep(0.5)
    calling.start()
    while not api.service.places.held:
        time.sleep(0.01)
    time.sleep(0.3)
    going.set()
    calling.join()
    api.finished(job["id"])
    first = {name: next(n for n, batch in enumerate(seen) if batch == [name]) for name in {b[0] for b in seen}}
    assert len(seen) == 4 and sorted(first.values()) == [0, 1], "after the one under way"


def test_rows_that_were_cut_off_are_made_again(tmp_path):
    path = tmp_path / ROWS
    rows = Rows(path)
    rows.add(Item("a.jpg", b"x"), {"path": "a.jpg", "verdict": "real"})
    rows.add(Item("b.txt", left_out=".txt", count=3), None)
    rows.keep()
    rows.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"count": 1, "left')
    rows = Rows(path)
    rows.close()
    assert rows.count == 2 and path.read_bytes() == whole and rows.account.handed_over == 4


def test_a_full_disk_ends_one_job_and_no_other(serving, face, monkeypatch):
    api, keep, doomed = serving(), Rows.keep, []

    def full(self):
        folder = Path(self._file.name).parent.name
        if folder in doomed or not doomed:  # the first job that comes
            doomed.append(folder)
            raise OSError(errno.ENOSPC, "No space left on device")
        keep(self)

    monkeypatch.setattr(Rows, "keep", full)
    failed = api.finished(api.job(face).json()["id"])
    assert failed["state"] == "failed" and "disk is full" in failed["error"] and doomed[0] == failed["id"]
    assert api.finished(api.job(face).json()["id"])["state"] == "done"
    assert api.service.runner.works


def test_a_kill_in_the_middle_neither_repeats_nor_loses_a_photo(home, setting, sample, sample_names, keys):
    setting(release="quick")
    photos = [(name, sample(name)) for name in sample_names if "hopper" in name]
    files = [("files", ("set.zip", zipped(*photos))), *(("files", photo) for photo in photos * 2)]
    folder = home / "api" / "jobs"
    server, url = started()
    second = [sys.executable, "-m", "pipeline", "serve", "--port", "0"]
    refused = subprocess.run(second, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2 and "Another service works with" in refused.stderr
    job = httpx.post(f"{url}/v1/jobs", files=files, trust_env=False, timeout=30).json()
    rows = folder / job["id"] / ROWS
    wait_for(lambda: rows.exists() and rows.stat().st_size > 0, server)
    server.send_signal(signal.SIGKILL)
    server.wait()
    before = rows.read_bytes()
    done = before.count(b"\n")
    total = 3 * len(photos)
    assert 0 < done < total, "the kill came in the middle"
    rows.write_bytes(before + b'{"count": 1, "le')
    server, url = started()
    try:
        wait_for(lambda: httpx.get(f"{url}/v1/jobs/{job['id']}", trust_env=False).json()["state"] == "done", server)
        lines = httpx.get(f"{url}/v1/jobs/{job['id']}/results", trust_env=False).text.splitlines()
    finally:
        server.terminate()
        assert server.wait(30) == 0
    names = [name for name, _ in photos]
    assert [json.loads(line)["path"] for line in lines] == [f"set.zip › {name}" for name in names] + names * 2
    assert rows.read_bytes().startswith(before)


def started():
    """Start the service in a process of its own; return it and its address."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pipeline", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=PROJECT, env=dict(os.environ), stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def ready():
        try:
            return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    wait_for(ready, server)
    return server, url


def wait_for(what, server, within=60):
    until = time.monotonic() + within
    while not what():
        assert time.monotonic() < until and server.poll() is None
        time.sleep(0.005)


@pytest.mark.parametrize("half", ["", "job.json"])
def test_what_a_killed_call_left_half_made_is_deleted(tmp_path, half):
    folder = tmp_path / "jobs" / ("unfinished-" + "a" * 32)
    (folder / "uploads").mkdir(parents=True)
    if half:
        (folder / half).write_text("{}")
    assert JobStore(tmp_path / "jobs", 1).all() == [] and not folder.exists()
