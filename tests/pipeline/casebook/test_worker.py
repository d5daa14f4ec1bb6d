"""The worker: one job a run, stopped and resumed, and a photo that fails stops nothing."""

import time
from threading import Event

import pytest

from pipeline.casebook import worker as module
from pipeline.casebook.runs import Run, Runs
from pipeline.casebook.worker import Progress, Worker
from pipeline.errors import DiskFull, Unexpected, UnreadablePhoto
from pipeline.examination import Examination
from pipeline.intake import Item
from pipeline.marks import Mark

PATIENCE = 30


class Gate:
    """Stands in for the networks: each photo waits until it is let through."""

    def __init__(self, release) -> None:
        self.release, self.reached, self.go, self.seen = release, Event(), Event(), []

    def examine(self, photo, cascade, heatmaps, marks=()):
        self.seen.append(photo.sha256)
        self.asked = (photo.partial, photo.frame, tuple(marks))
        self.reached.set()
        assert self.go.wait(PATIENCE)
        return Examination(photo, (), self.release)


@pytest.fixture
def gate(cascade, monkeypatch) -> Gate:
    gate = Gate(cascade.release)
    monkeypatch.setattr(module, "examine", gate.examine)
    return gate


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def run(tmp_path, cascade, encode) -> Run:
    """Three photos, the second of them damaged."""
    from PIL import Image

    run = Runs(tmp_path).create(cascade.release.name, heatmaps=False)
    for number in range(3):
        data = encode(Image.new("RGB", (40, 40), (number, 0, 0)))
        run.add(Item(f"{number}.png", data[:60] if number == 1 else data))
    return run


def until(condition) -> None:
    since = time.monotonic()
    while not condition():
        assert time.monotonic() - since < PATIENCE
        time.sleep(0.005)


def test_a_photo_that_fails_stops_nothing(worker, run, gate):
    gate.go.set()
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    records = run.results()
    assert [record["index"] for record in records] == [0, 1, 2] and run.pending() == []
    assert records[1]["error"]["code"] == UnreadablePhoto.code and records[0]["verdict"] == "inconclusive"
    progress = worker.progress(run)
    assert (progress.total, progress.done, progress.stopped, progress.failure) == (3, 3, False, "")


def test_started_twice_it_does_everything_once(worker, run, gate):
    worker.start(run)
    assert gate.reached.wait(PATIENCE)
    worker.start(run)
    assert worker.progress(run).running
    gate.go.set()
    until(lambda: not worker.progress(run).running)
    worker.start(run)
    assert len(gate.seen) == 2 and [record["index"] for record in run.results()] == [0, 1, 2]


def test_stopped_after_the_photo_in_hand_and_resumed(worker, run, gate):
    worker.start(run)
    assert gate.reached.wait(PATIENCE)
    worker.stop(run.id)
    assert worker.progress(run).stopped and worker.progress(run).running
    gate.go.set()
    until(lambda: not worker.progress(run).running)
    assert [record["index"] for record in run.results()] == [0] and worker.progress(run).failure == ""
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    assert run.pending() == [] and len(gate.seen) == 2 and not worker.progress(run).stopped


def test_a_stop_can_be_taken_back(worker, run, gate):
    worker.start(run)
    assert gate.reached.wait(PATIENCE)
    worker.stop(run.id)
    worker.start(run)
    gate.go.set()
    until(lambda: not worker.progress(run).running)
    assert run.pending() == [] and not worker.progress(run).stopped


def test_a_resume_right_after_the_end_is_not_lost(worker, run, gate, encode):
    from PIL import Image

    gate.go.set()
    for number in range(10):
        worker.start(run)
        until(lambda: not worker.progress(run).running)
        assert run.pending() == []
        run.add(Item(f"later {number}", encode(Image.new("RGB", (8, 8)))))


def test_a_release_that_is_not_here_ends_the_run_with_words(worker, tmp_path, encode):
    from PIL import Image

    run = Runs(tmp_path).create("nothing")
    run.add(Item("a.png", encode(Image.new("RGB", (8, 8)))))
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    assert "no release named 'nothing'" in worker.progress(run).failure
    assert len(run.pending()) == 1, "nothing is written off"


def test_a_fault_in_one_photo_is_its_own_and_the_run_goes_on(worker, run, gate, monkeypatch, capsys):
    gate.go.set()
    seen = []

    def faulty(photo, cascade, heatmaps):
        seen.append(photo)
        if len(seen) == 1:
            raise ZeroDivisionError("division by zero")
        return gate.examine(photo, cascade, heatmaps)

    monkeypatch.setattr(module, "examine", faulty)
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    first, second, third = run.results()
    assert first["error"]["code"] == "internal_error" and "ZeroDivisionError" in first["error"]["message"]
    assert second["error"]["code"] == "unreadable_photo" and third["verdict"] == "inconclusive"
    assert worker.progress(run).failure == "" and "Traceback" in capsys.readouterr().err


def test_a_full_disk_ends_the_run_with_words_and_nothing_is_written_off(worker, run, gate, monkeypatch):
    gate.go.set()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "finish", full)
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    assert "No space left on device" in worker.progress(run).failure and len(run.pending()) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_keeping_is_not_taken_for_an_end(worker, run, gate, monkeypatch):
    gate.go.set()

    def buggy(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Run, "finish", buggy)
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    assert "ended unexpectedly" in worker.progress(run).failure and len(run.pending()) == 3


def test_a_photo_is_examined_again(worker, run, gate, monkeypatch, encode):
    gate.go.set()
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    asked = []

    def again(photo, cascade, heatmaps, marks):
        asked.append((photo.partial, marks))
        return Examination(photo, (), cascade.release)

    monkeypatch.setattr(module, "examine", again)
    first, cut, _ = run.inputs()
    assert worker.again(run, first, ["a mark"])["revision"] == 1 and asked == [(False, ["a mark"])]
    with pytest.raises(UnreadablePhoto):
        worker.again(run, cut)
    assert run.results()[0]["error"]["code"] == "unreadable_photo", "the earlier result still counts"
    monkeypatch.setattr(module, "examine", lambda *_: 1 // 0)
    with pytest.raises(Unexpected, match="ZeroDivisionError"):
        worker.again(run, first)
    assert len(run.results()) == 3


def test_a_run_that_was_never_started_here_has_its_progress(worker, run):
    assert worker.progress(run) == Progress(3, 0)
    worker.stop("unknown")


def test_an_empty_run_does_nothing(worker, tmp_path):
    run = Runs(tmp_path).create("nothing")
    worker.start(run)
    assert worker.progress(run) == Progress(0, 0)


def test_two_runs_take_turns(worker, run, gate, tmp_path, cascade, encode):
    from PIL import Image

    other = Runs(tmp_path).create(cascade.release.name, heatmaps=False)
    other.add(Item("x.png", encode(Image.new("RGB", (9, 9)))))
    worker.start(run)
    assert gate.reached.wait(PATIENCE)
    worker.start(other)
    time.sleep(0.05)
    assert len(gate.seen) == 1, "the second waits for its turn"
    gate.go.set()
    until(lambda: not (worker.progress(run).running or worker.progress(other).running))
    assert run.pending() == other.pending() == []


def test_close_waits_for_the_photo_in_hand(run, gate):
    worker = Worker()
    worker.start(run)
    assert gate.reached.wait(PATIENCE)
    gate.go.set()
    worker.close()
    assert not worker.progress(run).running


def test_the_time_left():
    progress = Progress(total=10, done=4)
    assert progress.rate == 0 and progress.seconds_left is None
    progress.finished_at.extend([0.0, 1.0, 2.0])
    assert progress.rate == 1 and progress.seconds_left == 6


def test_real_photos_end_to_end(worker, tmp_path, cascade, sample):
    run = Runs(tmp_path).create(cascade.release.name)
    for name in ("hopper_real.jpg", "coffee_no_face.jpg"):
        run.add(Item(name, sample(name)))
    worker.start(run)
    until(lambda: not worker.progress(run).running)
    first, second = run.results()
    assert len(run.examination(first).faces[0].heatmaps) == 1
    assert run.examination(second).verdict.reasons == ("no_face",)


def test_a_photo_is_examined_again_as_asked_and_the_newer_record_counts(run, worker, gate, encode):
    from PIL import Image

    pages = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    entry = run.add(Item("pages.tif", encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])))
    gate.go.set()
    first = worker.again(run, entry)
    assert gate.asked == (False, 0, ()) and first.get("revision", 0) == 0
    mark = Mark((2.0, 2.0, 30.0, 30.0), 90)
    second = worker.again(run, entry, [mark], partial=True, frame=1)
    assert gate.asked == (False, 1, (mark,)), "a whole file is not called partial"
    assert second["revision"] == 1 and second["frame"] == 1
    assert [record for record in run.results() if record["index"] == entry.index] == [second]
    assert run.examination(second).photo.frame == 1


def test_what_goes_wrong_the_second_time_leaves_the_first_result(run, worker, gate, monkeypatch):
    gate.go.set()
    entry = run.inputs()[0]
    first = worker.again(run, entry)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "finish", full)
    with pytest.raises(DiskFull, match="earlier result stands"):
        worker.again(run, entry)
    monkeypatch.setattr(module, "examine", lambda *_: 1 / 0)
    with pytest.raises(Unexpected, match="ZeroDivisionError"):
        worker.again(run, entry)
    assert [record for record in run.results() if record["index"] == entry.index] == [first]
