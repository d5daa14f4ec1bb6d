"""Runs that could not end well are refused by name, before a step is taken."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from pipeline.crops.crops import TABLE, Crops
from pipeline.errors import TrainingFailed
from pipeline.training.checkpoint import CHECKPOINT, start_run
from pipeline.training.config import TrainConfig
from pipeline.training.on_device import resident
from pipeline.training.on_device.resident import Resident
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection
from pipeline.training.train import train
from tests.pipeline.training import test_forged_runs as forged
from tests.pipeline.training.test_train import beside, config, store_with

ALONE = Place(0, 1, torch.device("cpu"))

pytestmark = pytest.mark.usefixtures("small")


def ended(asked: TrainConfig, out: Path, data: str = "") -> None:
    """Leave the checkpoint of a run that has reached its end."""
    run = start_run(asked, ALONE)
    run.epoch, run.data = asked.epochs, data
    out.mkdir()
    torch.save(run.state(), out / CHECKPOINT)


def test_a_run_does_not_go_on_on_another_store(store, tmp_path):
    revision = Crops.read(store).revision
    table = pd.read_parquet(store / TABLE)
    less = beside(store, tmp_path / "less", table[table.index != 3])
    ended(config(), tmp_path / "run", revision)
    with pytest.raises(TrainingFailed, match=r"run was trained on another store.*choose another --out, or remove it"):
        train(config(), less, tmp_path / "run")
    assert not (less / "masks.npy").exists() and not (tmp_path / "run" / "history.json").exists()
    train(config(), store, tmp_path / "run")
    ended(config(), tmp_path / "old")
    train(config(), less, tmp_path / "old")  # it does not know its store


@pytest.mark.parametrize("changes", [{"batch_size": 18}, {"pools": {}}], ids=["too large", "nothing drawn"])
def test_an_epoch_of_less_than_a_batch_is_refused(changes, store, tmp_path):
    with pytest.raises(TrainingFailed, match=r"fewer photos than one batch of \d+: lower batch_size"):
        train(config(**changes), store_with(store, tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_start_of_another_rank_is_refused(tiny, tmp_path):
    ended(forged.config(rank=4), tmp_path / "first")
    with pytest.raises(TrainingFailed, match=r"first has other shapes: blocks\.0\.\w+\.[ab] is .*4.* there, and .*8"):
        start_run(forged.config(rank=8), ALONE, earlier=str(tmp_path / "first"))
    start_run(forged.config(rank=4), ALONE, earlier=str(tmp_path / "first"))


def test_crops_that_do_not_fit_into_the_devices_memory_are_refused(crops: Crops, monkeypatch):
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(resident, "_carried", full)
    selection = Selection.of(crops.table, forged.config())
    with pytest.raises(TrainingFailed, match=r"memory is too small for 16 crops, 0\.0 GB: leave collections out"):
        Resident.of(crops, selection, torch.device("meta"))
