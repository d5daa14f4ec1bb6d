"""`baseline` on finished training runs: cascades, the network that tells all three, networks that lack a collection."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.crops.crops import TABLE, Crops
from pipeline.errors import BadDataset, WeightsMissing
from pipeline.evaluation.baselines import methods, networks
from pipeline.evaluation.baselines.networks import outputs_of, raw_of, scorer
from pipeline.evaluation.baselines.run import BaselineOrder, baseline
from pipeline.figures import bootstrap
from pipeline.training.checkpoint import start_run
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.parallel import Place
from pipeline.training.train import logits_of

BASE = {
    "architecture": "small", "pretrained": False, "epochs": 1, "learning_rate": 0.003, "bf16": False,
    "pools": {"*": 8},
}  # fmt: skip
OUTPUTS = {"edited": 5, "deepfake": 1, "classes": 3}


def answer(detector, crops, rows):
    """What a network would say that looks at how bright a crop's middle is: an edit adds 140 to it, a swap 60."""
    middle = crops.stored[rows, 120:180, 120:180].mean(axis=(1, 2, 3))
    outputs = detector.head[-1].out_features
    logits = {5: [middle - 105], 1: [175 - middle], 3: [-abs(middle - 75), -abs(middle - 135), -abs(middle - 215)]}
    answers = np.zeros((len(rows), outputs), np.float32)
    for place, column in enumerate(logits[outputs]):
        answers[:, place] = column / 20
    return answers


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(bootstrap, "DRAWS", 20)
    monkeypatch.setattr(networks, "scorer", lambda run, crops: partial(answer, run.detector, crops))


@pytest.fixture(scope="module")
def prepared(store, tmp_path_factory):
    """The crops of the training tests, half of validation held out for the test, all labels in both sources."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("crops.npy", "landmarks.npy"):
        (folder / name).symlink_to(store / name)
    table = pd.read_parquet(store / TABLE)
    split = np.where((table.split == "val") & (table.index >= 20), "test", table.split)
    numbers = {"face_size": 200.0, "sharpness": 50.0, "brightness": 128.0}
    source = np.where((table.index // 4 % 2 == 1) & (table.index < 12) | (table.index >= 20), "b", "a")
    table.assign(split=split, source=source, **numbers).to_parquet(folder / TABLE, index=False)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory, small):
    """Finished runs by name: of each stage, and of each without the collection b; nothing was learned in them."""
    home, folders = tmp_path_factory.mktemp("runs"), {}
    for stage, outputs in OUTPUTS.items():
        config = TrainConfig.model_validate(BASE | {"stage": stage, "outputs": outputs})
        for name, lacking in ((stage, ()), (f"{stage} without b", ("b",))):
            run = start_run(config.leaving_out(lacking), Place(0, 1, torch.device("cpu")))
            run.epoch, run.history, folders[name] = 1, [{"epoch": 0, "seconds": 7}], home / name
            folders[name].mkdir()
            torch.save(run.state(), folders[name] / "checkpoint.pt")
    return folders


def read(folder):
    return (*(json.loads((folder / name).read_text()) for name in ("run.json", "metrics.json")),
            pd.read_csv(folder / "predictions.csv", keep_default_na=False))  # fmt: skip


def test_a_network_of_three_classes_is_measured_like_any_baseline(prepared, runs, tmp_path):
    (folder,) = baseline(
        BaselineOrder("three-class", prepared, tmp_path / "out", home=tmp_path / "home", runs=[runs["classes"]])
    )
    conditions, metrics, table = read(folder)
    assert (
        folder.parent == tmp_path / "home" / "baselines" / "three-class"
        and conditions["release"] == "baselines/three-class"
    )
    assert "trained without" not in conditions and conditions["baseline"]["config"]["stage"] == "classes"
    assert metrics["edited"]["collections"]["AUC"]["n"] == len(table) == 4 and table.p_edited.between(0, 1).all()
    assert (
        metrics["edited"]["collections"]["AUC"]["value"] == 1
        and (table.says_deepfake == (table.label == "deepfake"))[table.label != "real"].all()
    )
    assert set(metrics["joint"]) == {"collections"}


def test_networks_without_a_collection_stand_under_its_name_and_say_so(prepared, runs, tmp_path):
    named = [runs["edited without b"], runs["deepfake without b"]]
    (folder,) = baseline(BaselineOrder("left-out", prepared, tmp_path / "out", home=tmp_path / "home", runs=named))
    conditions, metrics, table = read(folder)
    assert folder.parent == tmp_path / "home" / "left-out" / "b"
    assert conditions["trained without"] == "b" and conditions["release"] == "left-out/b"
    assert metrics["edited"]["b"]["AUC"]["n"] == (table.source == "b").sum() > 0
    assert metrics["kind told right"]["b"]["n"] == ((table.source == "b") & (table.label != "real")).sum()
    assert conditions["baseline"]["edited"]["calibrated on"] == 8
    whole = [runs["edited"], runs["deepfake"]]
    (beside,) = baseline(BaselineOrder("left-out", prepared, tmp_path / "out", home=tmp_path / "home", runs=whole))
    assert beside.parent == tmp_path / "home" / "left-out" / "none" and read(beside)[0]["trained without"] == ""


def test_runs_on_another_store_are_refused(prepared, runs, tmp_path):
    state = torch.load(runs["classes"] / "checkpoint.pt")
    torch.save(state | {"data": "0123456789"}, tmp_path / "checkpoint.pt")
    with pytest.raises(BadDataset, match="data of revision 0123456789, not on this store's"):
        baseline(BaselineOrder("three-class", prepared, tmp_path, home=tmp_path / "home", runs=[tmp_path]))


@pytest.mark.parametrize(
    ("name", "named", "words"),
    [
        ("three-class", [], "0 training runs are named"),
        ("three-class", ["edited"], "of stage 'edited', where 'classes' is needed"),
        ("left-out", ["deepfake", "edited"], "of stage 'deepfake', where 'edited' is needed"),
        ("left-out", ["edited without b", "deepfake"], "left out different collections: b; none"),
        ("three-class", ["classes without b"], "trained without b: measure them as 'left-out'"),
        ("resnet-152", ["edited", "deepfake"], "of small, not of resnet152"),
    ],
)
def test_runs_that_do_not_fit_are_refused(prepared, runs, tmp_path, name, named, words):
    with pytest.raises(BadDataset, match=words):
        baseline(BaselineOrder(name, prepared, tmp_path, home=tmp_path / "home", runs=[runs[one] for one in named]))
    assert not (tmp_path / "home").exists()


def test_an_unfinished_run_is_refused(prepared, tmp_path):
    with pytest.raises(WeightsMissing, match="no finished training run"):
        baseline(BaselineOrder("three-class", prepared, tmp_path, home=tmp_path / "home", runs=[tmp_path]))


def test_two_resnets_152_are_the_original_system(prepared, runs, tmp_path, monkeypatch):
    """The network itself is too large for a test: what it says is made up."""
    named = [runs["edited"], runs["deepfake"]]
    config = TrainConfig.model_validate(BASE | {"stage": "edited", "architecture": "resnet152", "outputs": 5})
    kept = methods.networks.read_runs
    monkeypatch.setattr(methods.networks, "read_runs", lambda *asked: [
        type(run)(config.model_copy(update={"stage": run.config.stage}), run.detector, run.history)
        for run in kept(*asked)])  # fmt: skip
    (folder,) = baseline(BaselineOrder("resnet-152", prepared, tmp_path, home=tmp_path / "home", runs=named))
    assert read(folder)[0]["release"] == "baselines/resnet-152"


def test_three_logits_become_two_log_odds():
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    edited, deepfake = raw_of(np.log(shares))
    assert edited == pytest.approx(np.log([1.0, 9.0])) and deepfake == pytest.approx(np.log([1.5, 0.125]))


@pytest.mark.parametrize("stage", OUTPUTS)
def test_a_network_is_served_as_it_was_trained(stage, prepared, runs):
    run, crops, rows = Finished.read(runs[stage]), Crops.read(prepared), np.arange(11)
    expected = logits_of(run.detector, crops, rows)
    np.testing.assert_allclose(scorer(run, crops)(rows), expected, rtol=1e-3, atol=1e-3)


def test_a_killed_call_goes_on_where_it_was_but_never_with_another_networks_outputs(
    prepared, runs, tmp_path, monkeypatch
):
    run, crops, scored = Finished.read(runs["edited"]), Crops.read(prepared), []

    def score(rows):
        if len(scored) == 2:
            raise KeyboardInterrupt
        scored.append(rows.tolist())
        return answer(run.detector, crops, rows)

    monkeypatch.setattr(networks, "TOGETHER", 6)
    monkeypatch.setattr(networks, "cores", lambda: 1)
    monkeypatch.setattr(networks, "scorer", lambda run, crops: score)
    with pytest.raises(KeyboardInterrupt):
        outputs_of(run, crops, crops.table, "all", tmp_path / "kept")
    assert len(list((tmp_path / "kept").glob("*.npy"))) == 2
    scored.clear()

    def counting(run, crops):
        def of(rows):
            scored.append(rows.tolist())
            return answer(run.detector, crops, rows)

        return of

    monkeypatch.setattr(networks, "scorer", counting)
    outputs = outputs_of(run, crops, crops.table, "all", tmp_path / "kept")
    np.testing.assert_array_equal(outputs, answer(run.detector, crops, np.arange(24)))
    assert len(scored) == 2, "two parts of four were kept"
    scored.clear()
    with torch.no_grad():
        run.detector.head[-1].bias.add_(1)
    outputs_of(run, crops, crops.table, "all", tmp_path / "kept")
    assert len(scored) == 4, "they were another network's"
    scored.clear()
    outputs_of(run, crops, crops.table, "all")
    assert len(scored) == 4, "nothing is kept where no folder is named"
