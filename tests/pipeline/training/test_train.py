"""A training run learns, goes on after a kill to the same end, and stops where it cannot go on."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from models import registry
from models.release import read_release
from pipeline.crops.crops import TABLE
from pipeline.errors import LeakyManifest, TrainingFailed, UnknownName
from pipeline.training import stepping
from pipeline.training import train as module
from pipeline.training.checkpoint import TrainingRun, prefixes_of_start, starting_weights
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.losses import known_loss, label_loss
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection
from pipeline.training.train import train

BASE = {
    "stage": "edited", "architecture": "small", "outputs": 5, "pretrained": False, "train_size": 64, "epochs": 2,
    "batch_size": 4, "learning_rate": 0.003, "average_decay": 0.5, "bf16": False, "pools": {"*": 8},
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("small")


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate(BASE | changes)


def weights(detector: torch.nn.Module) -> torch.Tensor:
    return torch.cat([tensor.flatten().float() for tensor in detector.state_dict().values()])


@pytest.mark.parametrize("architecture", ["small", "mobilenet_v2_mask"])
def test_a_run_learns_and_leaves_its_record(architecture, store, tmp_path):
    detector = train(config(architecture=architecture, epochs=4, mask_weight=0.5), store, tmp_path)
    history = json.loads((tmp_path / "history.json").read_text())
    assert [entry["epoch"] for entry in history] == [0, 1, 2, 3] and not detector.training
    assert history[-1]["loss"] < history[0]["loss"]
    assert set(history[-1]["auc"]) == {"all", "a", "b"}
    assert "step 4 of 16" not in (tmp_path / "log.txt").read_text(), "a line of the log only every twenty steps"
    assert '"epoch": 3' in (tmp_path / "log.txt").read_text()


def test_a_killed_run_ends_as_an_unbroken_one_would(store, tmp_path, monkeypatch):
    whole = train(config(), store, tmp_path / "whole")
    saved = []

    def kill_at_two(self: TrainingRun) -> dict:
        saved.append(1)
        if len(saved) == 2:
            raise KeyboardInterrupt
        return state(self)

    state = TrainingRun.state
    monkeypatch.setattr(TrainingRun, "state", kill_at_two)
    with pytest.raises(KeyboardInterrupt):
        train(config(), store, tmp_path / "broken")
    monkeypatch.undo()
    assert torch.load(tmp_path / "broken" / "checkpoint.pt")["epoch"] == 1
    resumed = train(config(), store, tmp_path / "broken")
    assert torch.equal(weights(whole), weights(resumed))
    assert torch.equal(weights(resumed), weights(train(config(), store, tmp_path / "broken"))), "nothing is left to do"


def test_another_configurations_checkpoint_is_not_gone_on_with(store, tmp_path):
    train(config(epochs=1), store, tmp_path)
    with pytest.raises(TrainingFailed, match="another configuration"):
        train(config(epochs=1, seed=2), store, tmp_path)


def test_a_run_can_start_from_an_earlier_one(store, tmp_path):
    train(config(epochs=1), store, tmp_path / "first")
    second = config(stage="deepfake", outputs=1, epochs=1, learning_rate=1e-12)
    detector = train(second, store, tmp_path / "second", earlier=str(tmp_path / "first"))
    body = starting_weights(str(tmp_path / "first"), second)
    assert not any(name.startswith("head.") for name in body)
    name = "body.0.0.weight"  # of the first convolution
    torch.testing.assert_close(detector.state_dict()[name], body[name])
    state = torch.load(tmp_path / "first" / "checkpoint.pt")
    (tmp_path / "cut").mkdir()
    torch.save(state | {"epoch": 0}, tmp_path / "cut" / "checkpoint.pt")
    with pytest.raises(TrainingFailed, match="cut stopped at epoch 0 of 1"):
        train(second, store, tmp_path / "third", earlier=str(tmp_path / "cut"))
    with pytest.raises(TrainingFailed, match="nothing to keep a share of"):
        train(config(kept=0.5), store, tmp_path / "third")
    with pytest.raises(TrainingFailed, match="neither a training run nor released weights"):
        train(second, store, tmp_path / "third", earlier=str(tmp_path / "none"))
    with pytest.raises(TrainingFailed, match="is of small"):
        train(config(architecture="resnet18"), store, tmp_path / "fourth", earlier=str(tmp_path / "first"))


def test_a_run_does_not_start_from_what_saw_photos_held_out_here(store, tmp_path):
    train(config(epochs=1), store, tmp_path / "first")
    known = torch.load(tmp_path / "first" / "checkpoint.pt")["photos"]
    assert known == tuple(f"{n:016x}" for n in range(12))
    table = pd.read_parquet(store / TABLE)
    other = beside(store, tmp_path / "other", table.assign(split=table.split.map({"train": "val", "val": "train"})))
    with pytest.raises(TrainingFailed, match="first was trained on 12 photos that this store holds out"):
        train(config(epochs=1), other, tmp_path / "second", earlier=str(tmp_path / "first"))
    assert not (tmp_path / "second" / "checkpoint.pt").exists()
    (tmp_path / "moved").mkdir()
    shutil.copy(tmp_path / "first" / "checkpoint.pt", tmp_path / "moved")
    with pytest.raises(TrainingFailed, match=r"The run in .*moved was trained on 12 photos .*choose another --out"):
        train(config(epochs=1), other, tmp_path / "moved")
    less = beside(store, tmp_path / "less", table[table.index >= 4])
    train(config(epochs=1), less, tmp_path / "third", earlier=str(tmp_path / "first"))
    assert torch.load(tmp_path / "third" / "checkpoint.pt")["photos"] == known, "those of before are not forgotten"
    older = torch.load(tmp_path / "first" / "checkpoint.pt")
    del older["photos"]
    (tmp_path / "older").mkdir()
    torch.save(older, tmp_path / "older" / "checkpoint.pt")
    assert prefixes_of_start(str(tmp_path / "older")) == (), "runs of before did not keep them"
    train(config(epochs=1), less, tmp_path / "fourth", earlier=str(tmp_path / "older"))


def test_photos_that_the_forge_takes_its_originals_from_count_as_seen(store):
    table = pd.read_parquet(store / TABLE)
    deepfake = {"stage": "deepfake", "outputs": 1}
    edited = tuple(f"{n:016x}" for n in range(12) if n % 2)
    assert Selection.of(table, config(**deepfake)).prefixes == edited
    everyone = tuple(f"{n:016x}" for n in range(12))
    assert Selection.of(table, config(fresh=0.5, **deepfake)).prefixes == everyone
    assert Selection.of(table, config(diluted=0.5, **deepfake)).prefixes == everyone
    without_b = tuple(f"{n:016x}" for n in range(12) if n // 2 % 2 == 0)
    assert Selection.of(table, config(fresh=0.5, leave_out=["b"], **deepfake)).prefixes == without_b


def beside(store, folder, table):
    """A store of the same crops with another table; a row's place in it is its crop's."""
    folder.mkdir()
    for name in ("crops.npy", "landmarks.npy"):
        np.save(folder / name, np.load(store / name)[table.index])
    table.reset_index(drop=True).to_parquet(folder / TABLE)
    return folder


@pytest.mark.parametrize("word", ["thorough", "quick"])
def test_a_run_can_start_from_released_weights(word):
    weights = read_release(word).edited.weights
    detector, card = registry.load(weights)
    asked = {"architecture": card.architecture, "outputs": card.outputs}
    same = starting_weights(weights, config(**asked))
    head = detector.head.state_dict(prefix="head.")
    assert set(same) == set(detector.state_dict()) and all(torch.equal(same[name], head[name]) for name in head)
    assert not any(name.startswith("head.") for name in starting_weights(weights, config(stage="deepfake", **asked)))
    with pytest.raises(TrainingFailed, match=f"is of {card.architecture}"):
        starting_weights(weights, config())
    assert len(prefixes_of_start(weights)) > 1000 and set(map(len, prefixes_of_start(weights))) == {16}


def test_a_share_of_the_weights_it_started_from_is_kept(store, tmp_path):
    start = train(config(epochs=1), store, tmp_path / "first").state_dict()
    plain = train(config(), store, tmp_path / "plain", earlier=str(tmp_path / "first")).state_dict()
    blended = train(config(kept=0.25), store, tmp_path / "blended", earlier=str(tmp_path / "first"))
    for name, tensor in blended.state_dict().items():
        if tensor.is_floating_point():
            torch.testing.assert_close(tensor, 0.75 * plain[name] + 0.25 * start[name], atol=1e-5, rtol=1e-4)
    published = Finished.read(tmp_path / "blended").detector
    assert torch.equal(weights(published), weights(blended)), "what is published is what was returned"
    again = train(config(kept=0.25), store, tmp_path / "blended")
    assert torch.equal(weights(again), weights(blended)), "a finished run is not blended twice"


def test_a_frozen_part_stays_as_it_is_its_norms_too(store, tmp_path):
    started = train(config(epochs=1), store, tmp_path / "first").state_dict()
    go_on = config(frozen=["body.0", "body.1"])
    detector = train(go_on, store, tmp_path / "second", earlier=str(tmp_path / "first"))
    for name, tensor in detector.state_dict().items():
        kept = name.startswith(("body.0.", "body.1."))
        assert torch.equal(tensor, started[name]) == kept or name.endswith("num_batches_tracked"), name
    with pytest.raises(TrainingFailed, match=r"'body.99'.*is no part of the network"):
        train(config(frozen=["body.99"]), store, tmp_path / "third")


def test_all_three_classes_at_once(store, tmp_path):
    detector = train(config(stage="classes", outputs=3, epochs=1), store, tmp_path)
    assert detector(torch.zeros(2, 3, 64, 64)).regions.shape == (2, 2)
    assert set(json.loads((tmp_path / "history.json").read_text())[0]["auc"]) == {"all", "a", "b"}


def store_with(store, tmp_path, **columns):
    """Return a store whose table has these columns changed: name → function of the table."""
    folder = tmp_path / "changed"
    folder.mkdir()
    for name in ("crops.npy", "landmarks.npy"):
        (folder / name).symlink_to(store / name)
    table = pd.read_parquet(store / "crops.parquet")
    table.assign(**columns).to_parquet(folder / "crops.parquet")
    return folder


@pytest.mark.parametrize("split", ["train", "val"])
def test_one_class_only_is_refused_before_anything_is_made(split, store, tmp_path):
    one = store_with(store, tmp_path, label=lambda table: table.label.where(table.split != split, "real"),
                  source="a", kind="camera")  # fmt: skip
    with pytest.raises(TrainingFailed, match=f"split '{split}' lack a class"):
        train(config(), one, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (one / "masks.npy").exists()
    with pytest.raises(TrainingFailed, match="split 'train' lack a class"):
        train(config(leave_out=["a", "b"]), store, tmp_path / "out")


def test_a_network_that_is_not_there_is_refused_before_anything_is_made(store, tmp_path):
    with pytest.raises(UnknownName, match="resnet18"):
        train(config(architecture="resnet19"), store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_misspelt_pool_is_named(store, tmp_path):
    with pytest.raises(TrainingFailed, match=r"no training photo is of ciplb/\*; there are a/camera, a/face swap, b/"):
        train(config(pools={"a/*": 4, "ciplb/*": 4}), store, tmp_path / "out")
    train(config(pools={"a/*": 4, "b/*": 4}, leave_out=["b"], epochs=1), store, tmp_path / "out")


def test_splits_that_share_a_person_are_refused(store, tmp_path):
    leaking = store_with(store, tmp_path, group=lambda table: table.group.where(~table.index.isin([0, 12]), "one"))
    with pytest.raises(LeakyManifest, match="1 values of group are in two splits"):
        train(config(), leaking, tmp_path / "out")


def test_a_collection_can_be_left_out(store):
    table = pd.read_parquet(store / "crops.parquet")
    table.loc[0, "source"] = "forge-b"
    assert set(Selection.of(table, config(leave_out=["b"])).train.source) == {"a"}
    assert len(Selection.of(table, config()).train) == 12
    table["source"] = table.source.replace({"a": "unsplash", "b": "stylegan2"})
    assert Selection.of(table, config(leave_out=["stylegan2"])).train.source.eq("forge-b").all(), "its originals go too"
    assert config(leave_out=["a"]).leaving_out(["b", "a"]).leave_out == ("a", "b")


def test_a_collection_that_is_not_there_cannot_be_left_out(store, tmp_path):
    with pytest.raises(TrainingFailed, match="ciplb cannot be left out: the training photos are of a, b"):
        train(config(leave_out=["ciplb"]), store, tmp_path)


def test_a_run_without_a_collection_starts_from_none_that_saw_it(store, tmp_path):
    train(config(epochs=1), store, tmp_path / "all")
    without = config(epochs=1, leave_out=["b"])
    with pytest.raises(TrainingFailed, match="was trained on b, which this run leaves out"):
        train(without, store, tmp_path / "refused", str(tmp_path / "all"))
    train(without, store, tmp_path / "first")
    train(without, store, tmp_path / "second", str(tmp_path / "first"))
    assert Finished.read(tmp_path / "second").earlier == "first" and not Finished.read(tmp_path / "first").earlier
    released = read_release("quick").edited.weights
    with pytest.raises(TrainingFailed, match="which this run leaves out"):
        starting_weights(released, config(architecture="mobilenet_v2_mask", leave_out=["b"]))


def test_a_loss_that_is_no_number_stops_the_run(store, tmp_path, monkeypatch):
    monkeypatch.setattr(stepping, "loss_of", lambda *_: torch.tensor(float("nan"), requires_grad=True))
    with pytest.raises(TrainingFailed, match=r"loss is nan at epoch 0, step 0: lower the learning rate"):
        train(config(), store, tmp_path)


def test_what_is_not_known_costs_nothing():
    logits, truth = torch.tensor([[3.0, -2.0, 9.0]]), torch.tensor([[1.0, 0.0, -1.0]])
    alone = known_loss(logits[:, :2], truth[:, :2])
    assert torch.equal(known_loss(logits, truth), alone) and known_loss(logits, -torch.ones(1, 3)) == 0


def test_the_label_is_smoothed():
    from models.detector import Logits

    sure = Logits(torch.tensor([20.0, -20.0]))
    target = torch.tensor([1.0, 0.0])
    assert label_loss(config(), sure, target) < 1e-6
    assert label_loss(config(label_smoothing=0.1), sure, target) == pytest.approx(2, abs=0.01)


def test_two_processes_train_one_network(store, tmp_path, monkeypatch):
    """As `torchrun` starts them: gradients are averaged, and one of them writes."""
    path = tmp_path / "config.json"
    path.write_text(config(architecture="mobilenet_v2", frozen=["body.0"]).model_dump_json())
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "pipeline"]
    call = [*launch, "train", "--config", str(path), "--store", str(store), "--out", str(tmp_path / "out")]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    history = json.loads((tmp_path / "out" / "history.json").read_text())
    assert len(history) == 2 and all(np.isfinite(entry["loss"]) for entry in history)
    monkeypatch.setattr(module, "join_processes", lambda _: Place(0, 3, torch.device("cpu")))
    with pytest.raises(TrainingFailed, match="3 processes cannot share a batch of 4 in whole pairs"):
        train(config(), store, tmp_path / "three")
