import io
import time
import zipfile

import pytest
from synthetic_run import png_bytes

from dashboard.handover import Handovers
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
    sources = [("a.png", png_bytes), ("b.zip", buffer.getvalue)]
    run = handovers.begin("token", "a release", True, sources, started.append)
    assert taken(handovers, run).photos == 2
    assert [entry.name for entry in run.inputs()] == ["a.png", "b.zip › ../../evil.png"]
    assert started == [run]


def test_a_second_click_starts_nothing_twice():
    started, handovers = [], Handovers()
    runs = [handovers.begin("token", "a release", True, [("a.png", png_bytes)], started.append) for _ in range(2)]
    taken(handovers, runs[0])
    assert runs[0] is runs[1] and len(runs[0].inputs()) == 1 and len(started) == 1


def test_a_full_disk_is_told():
    def full():
        raise OSError(28, "No space left on device")

    handovers = Handovers()
    run = handovers.begin("token", "a release", True, [("a.png", full)], lambda run: None)
    assert "No space left" in taken(handovers, run).failure
