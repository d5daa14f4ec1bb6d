import io
import threading
import time
import zipfile
from threading import Event

import pytest
from synthetic_run import png_bytes

from dashboard.session import handover as module
from dashboard.session.handover import Handovers, Source
from pipeline.casebook.runs import Runs
from pipeline.settings import settings


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def taken(handovers, run):
    until = time.monotonic() + 10
    while handovers.of(run).taking and time.monotonic() < until:
        time.sleep(0.01)
    return handovers.of(run)


def test_files_and_what_a_zip_holds_are_taken_in_and_the_run_is_started_once():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.png", png_bytes())
    started, handovers = [], Handovers()
    sources = [Source("a.png", png_bytes), Source("b.zip", buffer.getvalue)]
    run = handovers.begin("token", "a release", True, sources, started.append)
    assert taken(handovers, run).photos == 2
    assert [entry.name for entry in run.inputs()] == ["a.png", "b.zip › ../../evil.png"]
    assert started == [run]


def test_a_second_click_starts_nothing_twice():
    started, handovers = [], Handovers()
    runs = [handovers.begin("token", "a release", True, [Source("a.png", png_bytes)], started.append) for _ in range(2)]
    taken(handovers, runs[0])
    assert runs[0] is runs[1] and len(runs[0].inputs()) == 1 and len(started) == 1


def test_a_full_disk_is_told():
    def full():
        raise OSError(28, "No space left on device")

    started, handovers = [], Handovers()
    run = handovers.begin(
        "token", "a release", True, [Source("a.png", full), Source("b.png", png_bytes)], started.append
    )
    assert "No space left" in taken(handovers, run).failure and started == [run]


def test_what_is_left_out_of_a_folder_is_counted_and_what_was_picked_never_is():
    handovers = Handovers()
    sources = [
        Source("holiday/a.png", png_bytes, False),
        Source("holiday/a.json", lambda: b"{}", False),
        Source("holiday/@eaDir/a.png", png_bytes, False),
        Source("notes.txt", lambda: b"notes"),
    ]
    run = handovers.begin("token", "a release", True, sources, lambda run: None)
    found = taken(handovers, run)
    assert (found.files, found.photos, found.left_out, found.failure) == (4, 2, 2, "")
    assert [entry.name for entry in run.inputs()] == ["holiday/a.png", "notes.txt"]
    assert run.account().sentence() == (
        "4 handed over = 0 examined + 2 left out (.json × 1, system file × 1) + 2 not examined yet"
    )


def test_a_file_that_is_gone_is_refused_and_the_rest_goes_on():
    def gone():
        raise FileNotFoundError(2, "No such file or directory")

    started, handovers = [], Handovers()
    run = handovers.begin(
        "token", "a release", True, [Source("a.png", gone), Source("b.png", png_bytes)], started.append
    )
    assert taken(handovers, run).failure == "" and started == [run] and len(run.pending()) == 1
    (record,) = run.results()
    assert "could not be opened: No such file" in record["error"]["message"]


def test_a_fault_in_one_file_is_its_own_and_the_rest_goes_on(capsys):
    def faulty():
        raise ZeroDivisionError

    def broken():
        return "what a library gives that has a fault"

    started, handovers = [], Handovers()
    sources = [Source("a.png", png_bytes), Source("b.zip", faulty), Source("c.zip", broken), Source("d.png", png_bytes)]
    run = handovers.begin("token", "a release", True, sources, started.append)
    found = taken(handovers, run)
    assert found.failure == "" and not found.taking and started == [run] and len(run.pending()) == 2
    assert [record["error"]["code"] for record in run.results()] == ["internal_error"] * 2
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_is_raised_it_ends_in_a_stated_failure_and_starts_what_was_taken(monkeypatch):
    kept, started, handovers = [], [], Handovers()

    def faulty(run, item):
        kept.append(item.name)
        if len(kept) == 2:
            raise KeyError("a fault in keeping")

    monkeypatch.setattr(module.Run, "add", faulty)
    sources = [Source(f"{number}.png", png_bytes) for number in range(3)]
    run = handovers.begin("token", "a release", True, sources, started.append)
    found = taken(handovers, run)
    assert "ended unexpectedly" in found.failure and not found.taking and started == [run] and found.photos == 1
    for thread in threading.enumerate():  # its error is reported when it has ended: in this test, not in the next one
        if thread.name == "handover":
            thread.join(10)


def test_a_taking_in_that_was_killed_is_noted_until_it_ends():
    reached, go = Event(), Event()

    def slow():
        reached.set()
        assert go.wait(10)
        return png_bytes()

    handovers = Handovers()
    run = handovers.begin(
        "token", "a release", True, [Source("a.png", slow), Source("b.png", png_bytes)], lambda run: None
    )
    assert reached.wait(10) and Runs().open(run.id).taking == 2, "what a kill leaves"
    go.set()
    taken(handovers, run)
    assert Runs().open(run.id).taking == 0
