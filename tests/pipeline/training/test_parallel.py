"""Processes that train together: each with a GPU of its own, patient, and by the clock of the first."""

from datetime import timedelta

import pytest
import torch

from pipeline.errors import TrainingFailed
from pipeline.training import parallel
from pipeline.training.checkpoint import start_run
from pipeline.training.parallel import Place, join_processes
from tests.pipeline.training import test_train


@pytest.fixture
def second(monkeypatch):
    """This is the second of two processes that `torchrun` started; return what it was told to wait at most."""
    for name, value in (("WORLD_SIZE", "2"), ("LOCAL_RANK", "1"), ("RANK", "1")):
        monkeypatch.setenv(name, value)
    asked = []
    monkeypatch.setattr(parallel.distributed, "is_initialized", lambda: False)
    monkeypatch.setattr(parallel.distributed, "init_process_group", lambda *_, timeout: asked.append(timeout))
    monkeypatch.setattr(parallel.distributed, "get_rank", lambda: 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return asked


def test_who_waits_for_the_first_waits_for_days(second):
    assert join_processes() == Place(1, 2, torch.device("cpu"))
    assert second == [timedelta(days=7)], "masks, swaps and lessons take hours"


def test_more_processes_than_gpus_are_refused(second, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "set_device", lambda _: None)
    with pytest.raises(TrainingFailed, match=r"torch sees 1 here: .*PROCESSES=1"):
        join_processes()
    assert not second
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert join_processes().device == torch.device("cuda:1")


def test_all_go_by_the_clock_of_the_first(small, monkeypatch):
    monkeypatch.setattr(parallel.distributed, "broadcast", lambda number, source: number.fill_(30.1))
    asked = test_train.config(schedule="cosine", seconds=60)
    assert Place(0, 1, torch.device("cpu")).first(7.5) == 7.5
    run = start_run(asked, Place(1, 2, torch.device("cpu")))
    run.schedule.step()
    assert run.schedule.share == 30.1 / 60 and run.schedule.state_dict()["spent"] == 30.1, "to the last bit"
    monkeypatch.setattr(parallel.distributed, "broadcast", lambda number, source: number.fill_(60))
    run.schedule.step()
    assert run.budget_spent
