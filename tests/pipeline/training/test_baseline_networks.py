"""`baseline` on finished training runs: cascades, the network that tells all three, networks that lack a collection."""

import json

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadDataset, WeightsMissing
from pipeline.evaluation import metrics
from pipeline.training.baselines import methods
from pipeline.training.baselines.networks import raw_of
from pipeline.training.baselines.run import baseline
from pipeline.training.config import TrainConfig
from pipeline.training.store import NAME
from pipeline.training.train import train

BASE = {
    "architecture": "resnet18", "pretrained": False, "train_size": 64, "epochs": 1, "batch_size": 4,
    "learning_rate": 0.003, "average_decay": 0.5, "bf16": False, "pools": {"*": 8}, "validate_every": 9,
}  # fmt: skip
OUTPUTS = {"edited": 5, "deepfake": 1, "classes": 3}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(metrics, "DRAWS", 20)


@pytest.fixture(scope="module")
def prepared(store, tmp_path_factory):
    """The crops of the training tests, half of validation held out for the test, all labels in both sources."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("crops.npy", "landmarks.npy"):
        (folder / name).symlink_to(store / name)
    table = pd.read_parquet(store / NAME)
    split = np.where((table.split == "val") & (table.index >= 18), "test", table.split)
    numbers = {"face_size": 200.0, "sharpness": 50.0, "brightness": 128.0}
    source = np.where(table.index // 4 % 2, "b", "a")
    table.assign(split=split, source=source, **numbers).to_parquet(folder / NAME, index=False)
    return folder


@pytest.fixture(scope="module")
def runs(prepared, tmp_path_factory):
    """Finished runs by name: of each stage, and of both without the collection b."""
    home, made = tmp_path_factory.mktemp("runs"), {}
    for stage, outputs in OUTPUTS.items():
        config = TrainConfig.model_validate(BASE | {"stage": stage, "outputs": outputs})
        for name, lacking in ((stage, ()), (f"{stage} without b", ("b",))):
            made[name] = home / name
            train(config.leaving_out(lacking), prepared, made[name])
    return made


def read(folder):
    return (*(json.loads((folder / name).read_text()) for name in ("run.json", "metrics.json")),
            pd.read_csv(folder / "predictions.csv", keep_default_na=False))  # fmt: skip


def test_a_network_of_three_classes_is_measured_like_any_baseline(prepared, runs, tmp_path):
    (folder,) = baseline("three-class", prepared, tmp_path / "out", home=tmp_path / "baselines", runs=[runs["classes"]])
    conditions, found, table = read(folder)
    assert folder.parent == tmp_path / "baselines" / "three-class" and conditions["release"] == "baselines/three-class"
    assert "trained without" not in conditions and conditions["baseline"]["config"]["stage"] == "classes"
    assert found["edited"]["collections"]["AUC"]["n"] == len(table) == 6 and table.p_edited.between(0, 1).all()
    assert set(found["joint"]) == {"collections"}


def test_networks_without_a_collection_stand_under_its_name_and_say_so(prepared, runs, tmp_path):
    named = [runs["edited without b"], runs["deepfake without b"]]
    (folder,) = baseline("left-out", prepared, tmp_path / "out", home=tmp_path / "baselines", runs=named)
    conditions, found, table = read(folder)
    assert folder.parent == tmp_path / "left-out" / "b"
    assert conditions["trained without"] == "b" and conditions["release"] == "left-out/b"
    assert found["edited"]["b"]["AUC"]["n"] == (table.source == "b").sum() > 0
    assert found["kind told right"]["b"]["n"] == ((table.source == "b") & (table.label != "real")).sum()
    whole = [runs["edited"], runs["deepfake"]]
    (beside,) = baseline("left-out", prepared, tmp_path / "out", home=tmp_path / "baselines", runs=whole)
    assert beside.parent == tmp_path / "left-out" / "none" and read(beside)[0]["trained without"] == ""


@pytest.mark.parametrize(
    ("name", "named", "said"),
    [
        ("three-class", [], "0 training runs are named"),
        ("three-class", ["edited"], "of stage 'edited', where 'classes' is needed"),
        ("left-out", ["deepfake", "edited"], "of stage 'deepfake', where 'edited' is needed"),
        ("left-out", ["edited without b", "deepfake"], "left out different collections: b; none"),
        ("three-class", ["classes without b"], "trained without b: measure them as 'left-out'"),
        ("resnet-152", ["edited", "deepfake"], "of resnet18, not of resnet152"),
    ],
)
def test_runs_that_do_not_fit_are_refused(prepared, runs, tmp_path, name, named, said):
    with pytest.raises(BadDataset, match=said):
        baseline(name, prepared, tmp_path, home=tmp_path / "baselines", runs=[runs[one] for one in named])
    assert not (tmp_path / "baselines").exists()


def test_an_unfinished_run_is_refused(prepared, tmp_path):
    with pytest.raises(WeightsMissing, match="no finished training run"):
        baseline("three-class", prepared, tmp_path, runs=[tmp_path])


def test_two_resnets_152_are_the_original_system(prepared, runs, tmp_path, monkeypatch):
    """The network itself is too large for a test: what it says is made up."""
    named = [runs["edited"], runs["deepfake"]]
    config = TrainConfig.model_validate(BASE | {"stage": "edited", "architecture": "resnet152", "outputs": 5})
    kept = methods.networks.finished
    monkeypatch.setattr(methods.networks, "finished", lambda *asked: [
        type(run)(config.model_copy(update={"stage": run.config.stage}), run.detector, run.history)
        for run in kept(*asked)])  # fmt: skip
    (folder,) = baseline("resnet-152", prepared, tmp_path, home=tmp_path / "baselines", runs=named)
    assert read(folder)[0]["release"] == "baselines/resnet-152"


def test_three_logits_become_two_log_odds():
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    edited, deepfake = raw_of(np.log(shares))
    assert edited == pytest.approx(np.log([1.0, 9.0])) and deepfake == pytest.approx(np.log([1.5, 0.125]))
