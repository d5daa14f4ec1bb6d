"""Exactly one row a photo, whatever becomes of the source, the disk, the workers and the parent."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from batch_scorers import Pretend, Stillborn, Unknown
from PIL import Image

from pipeline.bulk import plan
from pipeline.bulk.batch import Batch, run
from pipeline.bulk.dispatch import DEATHS, Task, dispatch
from pipeline.bulk.inputs import Input
from pipeline.bulk.local import Processes
from pipeline.bulk.parts import DEADLY, Scored, read_rows
from pipeline.errors import BadSource, BatchInUse, Interrupted, NotResumable, WouldOverwrite
from pipeline.storage.read_json import read_json

HERE = Path(__file__).parent
JPEG = b"\xff\xd8\xff\xe0"

HANGS_AT_THE_THIRD_GROUP = """
import os, sys, time
from pipeline.bulk import judging
from pipeline.bulk.inputs import Input

def examined(group, *_):
    print(len(group), flush=True)
    time.sleep(1.6 if len(group) == 16 else 1000)
    return [(read.item, {"path": read.item.name, "error": {"code": "x", "message": "y", "count": 1}}) for read in group]

judging.examine_group = examined
judging.Judge(None).score([Input(os.fsencode(sys.argv[1]), outright=True, number=number) for number in range(40)])
"""


def assert_one_row_a_photo(out: Path, photos: int) -> list[dict]:
    rows = read_rows(out).to_pylist()
    assert len({(row["input"], row["item"]) for row in rows}) == len(rows) == photos
    assert len({row["path"] for row in rows}) == photos
    return rows


def summary(out: Path) -> dict:
    return read_json(out / plan.SUMMARY, BadSource, "summary")


def test_a_parent_killed_five_times_repeats_and_loses_no_photo(photos, tmp_path):
    out, command = tmp_path / "out", [sys.executable, "-c", "from batch_scorers import main; main()"]
    paths = os.pathsep.join((str(HERE), str(HERE.parents[2])))
    written: Counter[str] = Counter()
    for kill in range(6):
        start = {path.name: path.stat().st_mtime_ns for path in (out / "parts").glob("part-*")}
        parent = subprocess.Popen(
            [*command, photos, out, "0.15"], env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.DEVNULL
        )
        while kill < 5 and parent.poll() is None:
            now = {path.name: path.stat().st_mtime_ns for path in (out / "parts").glob("part-*")}
            if len(now) > len(start) or (kill == 0 and (out / plan.BATCH).exists()):
                parent.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
        code = parent.wait(30)
        now = {path.name: path.stat().st_mtime_ns for path in (out / "parts").glob("part-*")}
        written.update(name for name in now if start.get(name) != now[name])
    assert code == 0 and summary(out)["complete"] and summary(out)["examined"] == 40
    assert set(written.values()) == {1} and len(written) == 5, "no part was written twice"
    assert_one_row_a_photo(out, 40)


def test_a_killed_worker_is_replaced_and_its_chunk_done_again(photos, tmp_path):
    out, once = tmp_path / "out", tmp_path / "once"
    assert run(Batch(str(photos), out, workers=2), Pretend(once=str(once))) == 0
    assert once.exists() and {row["verdict"] for row in assert_one_row_a_photo(out, 40)} == {"real"}


@pytest.mark.parametrize(
    "trouble", [{"poison": b"poison.jpg"}, {"endless": b"poison.jpg"}], ids=lambda one: next(iter(one))
)
def test_a_photo_that_ends_its_process_or_never_ends_is_an_error_and_the_rest_goes_on(trouble, tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_STUCK_MINUTES", "0.03")
    folder, out = tmp_path / "photos", tmp_path / "out"
    folder.mkdir()
    for name in ("a.jpg", "poison.jpg", "z.jpg"):
        (folder / name).write_bytes(JPEG)
    assert run(Batch(str(folder), out, workers=2), Pretend(**trouble)) == 1
    rows = assert_one_row_a_photo(out, 3)
    assert [row["error_code"] for row in rows] == [None, "internal_error", None] and rows[1]["error_message"] == DEADLY
    assert summary(out)["refused"] == {"internal_error": 1} and summary(out)["complete"]


@dataclass
class Poisoned:
    """A crew of one that dies over some inputs; no process is needed to see what is handed to it."""

    deadly: set[int]
    task: Task | None = None
    handed: list[int] = field(default_factory=list)

    def free(self):
        return self.task is None

    def busy(self):
        return self.task is not None

    def hand(self, task):
        self.task = task
        self.handed.append(len(task.inputs))

    def wait(self):
        task, self.task = self.task, None
        dies = any(one.number in self.deadly for one in task.inputs)
        return [(task, None if dies else Pretend().score(task.inputs))]

    def close(self):
        pass


def test_a_deadly_chunk_is_halved_down_to_the_photo(tmp_path):
    inputs = [Input(str(tmp_path / f"{n}.jpg").encode(), number=n) for n in range(64)]
    crew = Poisoned({17, 18, 63})
    ((chunk, scored),) = dispatch([(7, inputs)], crew)
    codes = Counter(zip(scored.rows["error_code"].to_pylist(), scored.rows["input"].to_pylist(), strict=True))
    assert chunk == 7 and sorted(n for code, n in codes if code == "internal_error") == [17, 18, 63]
    assert scored.rows["input"].to_pylist() == list(range(64)) and scored.facts.account.handed_over == 64
    assert crew.handed[:DEATHS] == [64] * DEATHS and crew.handed.count(1) <= 6 and len(crew.handed) < 40


def test_workers_that_cannot_start_end_the_batch_with_a_reason():
    crew = Processes(1, Stillborn())
    try:
        with pytest.raises(Interrupted, match="fewer --workers"):
            list(dispatch([(0, [Input(b"a")])], crew))
    finally:
        crew.close()


def test_what_a_worker_cannot_load_is_said(photos, tmp_path, capsys):
    assert run(Batch(str(photos), tmp_path / "out", workers=1), Unknown()) == 2
    assert "There is no release of that name." in capsys.readouterr().err
    assert not summary(tmp_path / "out")["complete"]


def test_a_source_that_vanishes_midway_is_said_by_each_photo(photos, tmp_path):
    out = tmp_path / "out"
    assert run(Batch(str(photos), out, workers=1), Pretend(vanish=str(photos))) == 1
    rows = assert_one_row_a_photo(out, 40)
    assert Counter(row["error_code"] for row in rows) == {None: 8, "unreadable_photo": 32}
    assert "could not be opened" in rows[-1]["error_message"]


@pytest.mark.parametrize("mark", ["", "file://"])
def test_a_source_that_is_gone_when_it_is_gone_on_with_is_said_by_each_photo(mark, photos, tmp_path, monkeypatch):
    out = tmp_path / "out"
    fill_disk_after(2, monkeypatch)
    assert run(Batch(f"{mark}{photos}", out, workers=1), Pretend()) == 2
    monkeypatch.undo()
    photos.rename(tmp_path / "elsewhere")
    assert run(Batch(f"{mark}{photos}", out, resume=True, workers=1), Pretend()) == 1
    assert Counter(row["error_code"] for row in assert_one_row_a_photo(out, 40)) == {None: 16, "unreadable_photo": 24}
    with pytest.raises(BadSource):
        run(Batch(str(photos), tmp_path / "another"), Pretend())


def fill_disk_after(parts: int, monkeypatch) -> None:
    written, write_table = [], pq.write_table

    def write(table, path, **options):
        if len(written) == parts:
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        write_table(table, path, **options)

    monkeypatch.setattr("pipeline.bulk.parts.pq.write_table", write)


def test_a_full_disk_keeps_what_is_written_and_the_rest_follows(photos, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    fill_disk_after(2, monkeypatch)
    assert run(Batch(str(photos), out, workers=1), Pretend()) == 2
    assert "The disk is full" in capsys.readouterr().err
    assert len(read_rows(out)) == 16 and not list((out / "parts").glob("*.part"))
    assert not summary(out)["complete"] and summary(out)["examined"] == 16
    monkeypatch.undo()
    (photos / "new.jpg").write_bytes(JPEG)  # the source grew: what was listed is scored
    assert run(Batch(str(photos), out, resume=True, workers=1), Pretend()) == 0
    assert_one_row_a_photo(out, 40)
    assert summary(out)["this_call"]["photos"] == 24 and summary(out)["examined"] == 40


def test_an_interrupt_ends_at_once_and_is_accounted_for(photos, tmp_path, monkeypatch, capsys):
    seen = []

    def interrupt(folder, chunk, scored: Scored):
        seen.append(chunk)
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.bulk.batch.write_part", interrupt)
    assert run(Batch(str(photos), tmp_path / "out", workers=1), Pretend()) == 2
    assert "stopped" in capsys.readouterr().err and not summary(tmp_path / "out")["complete"] and len(seen) == 1


def test_a_damaged_part_is_made_again(photos, tmp_path):
    out = tmp_path / "out"
    assert run(Batch(str(photos), out, workers=1), Pretend()) == 0
    (out / "parts" / "part-0000002.parquet").write_bytes(b"PAR1")
    assert run(Batch(str(photos), out, resume=True, workers=1), Pretend()) == 0
    assert_one_row_a_photo(out, 40)
    assert summary(out)["this_call"]["photos"] == 8


def test_another_batch_another_call_and_other_files_are_refused(photos, tmp_path):
    out = tmp_path / "out"
    assert run(Batch(str(photos), out, workers=1), Pretend()) == 0
    before = {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()}
    with pytest.raises(NotResumable, match="--resume"):
        run(Batch(str(photos), out), Pretend())
    (tmp_path / "other").mkdir()
    for other in ({"source": str(tmp_path / "other")}, {"release": "quick"}, {"partial": True}, {"column": "x"}):
        with pytest.raises(NotResumable, match="holds another batch"):
            run(Batch(**{"source": str(photos), "out": out, "resume": True} | other), Pretend())
    with plan.alone(out, plan.Source(str(photos), "folder")), pytest.raises(BatchInUse):
        run(Batch(str(photos), out, resume=True), Pretend())
    assert {path: path.read_bytes() for path in before} == before
    with pytest.raises(WouldOverwrite, match="lies in"):
        run(Batch(str(photos), photos / "out"), Pretend())
    with pytest.raises(WouldOverwrite, match="something else"):
        run(Batch(str(out), photos), Pretend())


def test_an_empty_folder_is_done_at_once(tmp_path):
    (tmp_path / "none").mkdir()
    assert run(Batch(str(tmp_path / "none"), tmp_path / "out"), Pretend()) == 0
    assert len(read_rows(tmp_path / "out")) == 0 and summary(tmp_path / "out")["complete"]


def test_a_worker_ends_where_no_photo_is_finished_for_long_and_says_what_it_was_at(tmp_path):
    """Three seconds without a photo; all photos together may take longer."""
    path = tmp_path / "small.png"
    Image.new("RGB", (64, 64)).save(path)
    environment = os.environ | {"TELLTALE_STUCK_MINUTES": "0.05"}
    command = [sys.executable, "-c", HANGS_AT_THE_THIRD_GROUP, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert ended.returncode == 1 and ended.stdout.split() == ["16", "16", "8"]
    assert "Timeout" in ended.stderr and "in examined" in ended.stderr
