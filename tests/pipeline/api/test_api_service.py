"""The service from its start to its end: what is too old goes, and no part's trouble keeps another from its end."""

import asyncio
import json
import time

import pytest

from pipeline.api import service
from pipeline.api.batching import Batcher
from pipeline.api.job_runner import JobRunner
from pipeline.api.job_store import JobStore
from pipeline.api.kept import Kept
from pipeline.api.metrics import Metrics
from pipeline.api.webhooks import Webhooks
from pipeline.errors import BadSetting
from pipeline.settings import settings


@pytest.mark.parametrize("hours", ["inf", "-inf", "nan", "1e6001", "1000001", "0"])
def test_hours_without_an_end_are_refused(setting, hours):
    setting(api_keep_hours=hours)
    with pytest.raises(BadSetting, match="TELLTALE_API_KEEP_HOURS"):
        settings()


def test_the_most_hours_have_an_end(setting, tmp_path):
    setting(api_keep_hours="1e6")
    kept = Kept(tmp_path, settings().api_keep_hours)
    assert kept.expires() > "2130" and kept.sweep() == JobStore(tmp_path, settings().api_keep_hours).sweep() == 0


def log_of(capfd):
    return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


def test_a_sweep_that_fails_is_said_and_the_next_goes_on(home, setting, monkeypatch, capfd):
    sweeps = []

    def refused(self):
        sweeps.append("kept")
        if len(sweeps) < 3:
            raise PermissionError("a secret of the system")
        return 5

    monkeypatch.setattr(Kept, "sweep", refused)
    monkeypatch.setattr(JobStore, "sweep", lambda self: sweeps.append("jobs") or 0)
    monkeypatch.setattr(service, "SWEEP_EVERY", 0.01)

    async def whole():
        async with service.running(False, Metrics()):
            until = time.monotonic() + 20
            while len(sweeps) < 6 and time.monotonic() < until:
                await asyncio.sleep(0.01)

    setting(release="quick")
    asyncio.run(whole())
    assert sweeps[:6] == ["kept", "jobs"] * 3
    log = log_of(capfd)
    faults = [line for line in log if line["event"] == "fault"]
    assert [(each["where"], each["kind"]) for each in faults] == [("sweep", "PermissionError")]
    assert {"event": "swept", "deleted": 5}.items() <= next(line for line in log if line["event"] == "swept").items()
    assert log[-1]["event"] == "ended" and "a secret of the system" not in json.dumps(log)


def test_each_part_is_stopped_whatever_another_s_stop_raised(home, setting, monkeypatch, capfd):
    stopped = []

    def fails(kind):
        stop = kind.stop

        def noted(self):
            stop(self)
            stopped.append(kind.__name__)
            raise RuntimeError(kind.__name__)

        monkeypatch.setattr(kind, "stop", noted)

    async def untold(self):
        stopped.append("Webhooks")
        raise RuntimeError("Webhooks")

    def unforeseen(self):
        raise OverflowError("a secret of the sweeper")

    fails(JobRunner)
    fails(Batcher)
    monkeypatch.setattr(Webhooks, "stop", untold)
    monkeypatch.setattr(Kept, "sweep", unforeseen)
    said = []

    async def whole():
        async with service.running(False, Metrics()):
            await asyncio.sleep(0.3)
            said.extend(log_of(capfd))

    setting(release="quick")
    with pytest.raises(RuntimeError, match="Batcher"):
        asyncio.run(whole())
    assert stopped == ["JobRunner", "Webhooks", "Batcher"]
    faults = [(line["where"], line["kind"]) for line in said if line["event"] == "fault"]
    assert faults == [("sweep", "OverflowError")], "it is said when it happens"
    assert [line["event"] for line in log_of(capfd)] == ["ended"]
