"""`folds`: each photo is scored by the network that it was held out from, and runs that do not fit are refused."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score

from pipeline.errors import BadDataset
from pipeline.evaluation import metrics
from pipeline.evaluation.fold_folder import COLUMNS, Folded, by_folds
from pipeline.evaluation.folder import BadEvaluation
from pipeline.training import train as training
from pipeline.training.baselines import networks
from pipeline.training.config import TrainConfig
from pipeline.training.fold_figures import as_text, measure_folds
from pipeline.training.folds import Fold
from pipeline.training.parallel import Place
from pipeline.training.publish import publish
from pipeline.training.run import TrainingFailed, started, weights_of
from pipeline.training.store import NAME
from pipeline.training.train import train
from pipeline.training.validation import Finished

BASE = {
    "stage": "edited", "architecture": "resnet18", "outputs": 5, "pretrained": False, "epochs": 1, "batch_size": 4,
    "train_size": 64, "learning_rate": 0.003, "bf16": False, "pools": {"*": 4},
}  # fmt: skip
OF = 3


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate(BASE | changes)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(metrics, "DRAWS", 20)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Finished runs of the folds of the collection a, the last first; nothing was learned in them."""
    home, made = tmp_path_factory.mktemp("runs"), []
    for number in reversed(range(OF)):
        run = started(config().holding_out(Fold(source="a", number=number, of=OF)), Place(0, 1, torch.device("cpu")))
        run.epoch, run.history = 1, [{"epoch": 0, "seconds": 7}]
        made.append(home / f"fold-{number}")
        made[-1].mkdir()
        torch.save(run.state(), made[-1] / "checkpoint.pt")
    return made


@pytest.fixture
def asked(monkeypatch):
    """Let networks say how bright a crop's middle is, and each its own number of times as much; keep what was asked."""
    seen: list[list[int]] = []

    def said(detector, store, rows):
        seen.append(rows.tolist())
        middle = np.load(store / "crops.npy", mmap_mode="r")[rows, 120:180, 120:180].mean(axis=(1, 2, 3))
        return np.repeat((middle[:, None] - 105) / 20, 5, axis=1).astype(np.float32)

    monkeypatch.setattr(networks, "logits_of", said)
    return seen


def test_each_photo_is_scored_once_by_the_network_it_was_held_out_from(store, runs, tmp_path, asked):
    folder = measure_folds(store, runs, tmp_path)
    table = pd.read_csv(folder / "predictions.csv", keep_default_na=False)
    known = pd.read_parquet(store / NAME)
    assert folder.parent == tmp_path / "folds" / "a" and tuple(table) == COLUMNS
    assert sorted(table.sha256) == sorted(known.sha256[known.source == "a"]) and sorted(set(table.fold)) == [0, 1, 2]
    assert len(asked) == 2 * OF
    for validation, test in zip(asked[::2], asked[1::2], strict=True):
        assert not set(validation) & set(test)
    held = [set(known.sha256[rows]) for rows in asked[1::2]]
    for fold, part in table.groupby("fold"):
        assert set(part.sha256) == held[fold]
    found = Folded.read(folder)
    truth = table.label != "real"
    assert found.figures["AUC"]["value"] == roc_auc_score(truth, table.p_edited) == 1
    assert found.figures["AUC"]["n"] == 12 == sum(one["n"] for one in found.each) and len(found.each) == OF
    assert found.collection == "a" and by_folds(tmp_path) == [folder]
    assert [one["config"]["fold"]["number"] for one in found.run["folds"]] == [0, 1, 2]
    assert "AUC by fold: 1.000, 1.000, 1.000" in as_text(folder, json.loads((folder / "metrics.json").read_text()))


@pytest.mark.parametrize(
    ("picked", "said"),
    [
        (lambda runs: runs[:2], "one run for each fold from 0 to 2; there are 1, 2"),
        (lambda runs: [runs[0], runs[0], runs[1]], "there are 1, 2, 2"),
        (lambda runs: [], "No runs hold out a fold"),
    ],
)
def test_a_fold_too_few_or_twice_is_refused(store, runs, tmp_path, picked, said):
    with pytest.raises(BadDataset, match=said):
        measure_folds(store, picked(runs), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learning_rate": 0.1, "fold": {"source": "a", "number": 0, "of": OF}}, "not trained alike"),
        ({"fold": {"source": "b", "number": 0, "of": OF}}, "not trained alike"),
        ({}, "1 runs hold out a fold: train with"),
    ],
)
def test_runs_that_differ_are_refused(store, runs, tmp_path, changes, said):
    run = started(config(**changes), Place(0, 1, torch.device("cpu")))
    run.epoch, run.history = 1, []
    torch.save(run.state(), tmp_path / "checkpoint.pt")
    with pytest.raises(BadDataset, match=said):
        measure_folds(store, [*runs[:2], tmp_path], tmp_path / "home")


def test_a_run_of_a_fold_trains_on_the_rest_only(store, tmp_path, monkeypatch):
    seen = []

    def noted(run, place, table, forger):
        seen.append(training.trained_on(table, run.config))
        return batches(run, place, table, forger)

    batches = training._batches
    monkeypatch.setattr(training, "_batches", noted)
    train(config(fold={"source": "a", "number": 1, "of": OF}), store, tmp_path)
    mine = seen[0][seen[0].source == "a"]
    whole = pd.read_parquet(store / NAME)
    assert len(mine) == 4 and set(mine.split) == {"train"}
    assert set(seen[0].sha256[seen[0].source == "b"]) == set(
        whole.sha256[(whole.source == "b") & (whole.split == "train")]
    )


def test_it_does_not_start_from_what_saw_the_collection(store, tmp_path):
    train(config(), store, tmp_path / "all")
    train(config(leave_out=["a"]), store, tmp_path / "without")
    of_a = config(fold={"source": "a", "number": 1, "of": OF})
    with pytest.raises(TrainingFailed, match="was trained on a, which this run leaves out or holds out"):
        weights_of(str(tmp_path / "all"), of_a)
    assert weights_of(str(tmp_path / "without"), of_a)


def test_what_was_trained_on_test_photos_is_no_release_and_no_baseline(store, runs, tmp_path):
    with pytest.raises(BadDataset, match="measure all folds with `folds`"):
        networks.left_out_by([Finished.read(runs[0])])
    with pytest.raises(TrainingFailed, match=r"fold-2 was trained on test photos, for it holds out a:2/3"):
        publish("1", store, runs[0], runs[1], root=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": 3}', '{"a": {"all": {}, "AUC by fold": []}}'])
def test_a_damaged_measurement_is_named(store, runs, tmp_path, asked, text):
    folder = measure_folds(store, runs, tmp_path)
    (folder / "metrics.json").write_text(text)
    with pytest.raises(BadEvaluation, match=r"metrics\.json"):
        Folded.read(folder)
