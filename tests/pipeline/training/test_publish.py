"""From two training runs to a release that loads, says what it was made of, and scores as the runs did."""

import hashlib
import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from models.card import read_card
from models.release import read_release
from models.serving import serve
from pipeline.crops.crops import Crops
from pipeline.errors import BadSetting, Contaminated, TrainingFailed, UnknownName, WeightsMissing, WouldOverwrite
from pipeline.evaluation.contamination import refuse_contaminated
from pipeline.examining.scope import FACTS
from pipeline.training.config import TrainConfig
from pipeline.training.publish import Trained, _data, publish
from pipeline.training.train import train

CONFIG = {
    "architecture": "small", "pretrained": False, "train_size": 64, "epochs": 6, "batch_size": 6,
    "learning_rate": 0.03, "average_decay": 0.5, "bf16": False, "validate_every": 6, "pools": {"*": 9},
    "mask_weight": 0.2,
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(store, small, tmp_path_factory):
    home = tmp_path_factory.mktemp("runs")
    for stage, outputs in (("edited", 5), ("deepfake", 1)):
        config = TrainConfig.model_validate(CONFIG | {"stage": stage, "outputs": outputs})
        train(config, store, home / stage)
    return home


@pytest.fixture(scope="module")
def root(store, runs, tmp_path_factory):
    home = tmp_path_factory.mktemp("models")
    publish("2030.01-1", store, Trained(runs / "edited", "hirescam"), Trained(runs / "deepfake"), home)
    return home


def test_a_release_is_complete(root):
    release = read_release("2030.01-1", root)
    assert release.edited.weights.startswith("edited-small-") and release.edited.heatmap == "hirescam"
    assert release.deepfake.weights.startswith("deepfake-small-") and release.deepfake.heatmap == "gradcam"
    assert set(release.scope) == set(FACTS) and release.conformal["coverage"] == 0.9
    assert release.edited.threshold >= 0.5 and release.edited.stability_margin >= 0
    assert "real photos" in release.edited.rule and release.preprocessing["input_size"] == 256


@pytest.mark.parametrize("stage", ["edited", "deepfake"])
def test_weights_are_those_of_the_run_and_their_card_says_so(stage, root, runs, store):
    release = read_release("2030.01-1", root)
    weights = release.stage(stage).weights
    card, path = read_card(weights, root), root / "weights" / f"{weights}.safetensors"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card.sha256 and weights.endswith(card.sha256[:8])
    average = torch.load(runs / stage / "checkpoint.pt")["average"]
    assert all(torch.equal(tensor, average[f"module.{name}"]) for name, tensor in load_file(path).items())
    photos = root / "cards" / f"{weights}.photos"
    assert hashlib.sha256(photos.read_bytes()).hexdigest() == card.training_sha256
    trained = [n for n in range(12) if stage == "edited" or n % 2]
    assert photos.read_text().split() == [f"{n:016x}" for n in trained]
    assert set(card.training["calibration"]["cross-validated log loss"]) == {"temperature", "platt", "isotonic"}
    assert list(card.training["loss by epoch"]) == [str(n) for n in range(6)]
    assert card.training["started from"] == "random weights" and card.ethics and card.ethics not in card.limits
    assert card.data == {"": f"{len(trained)} photos; terms not told"}
    assert list(card.training["validation AUC by epoch"]) == ["5"] and "2026" not in json.dumps(card.training)


def test_the_served_network_scores_as_the_trained_one(root, runs, store):
    release = read_release("2030.01-1", root)
    network, card = serve(release.edited.weights, root)
    from pipeline.training.finished import Finished

    detector = Finished.read(runs / "edited").detector
    pixels = torch.from_numpy(Crops.read(store).pixels(range(4)))
    with torch.inference_mode():
        logits = detector(pixels)
    expected = torch.cat([logits.logit[:, None], logits.regions], dim=1).numpy()
    np.testing.assert_allclose(network(pixels.numpy()), expected, rtol=1e-2, atol=1e-2)
    assert card.outputs == 5


def test_collections_and_their_terms_are_told_photos_of_forged_edits_once():
    rows = pd.DataFrame({"sha256": list("aabc"), "origin": ["ffhq", "ffhq", "ffhq", "mine"],
                         "dataset": ["portraits", "portraits", "portraits", "nowhere"]})  # fmt: skip
    terms = _data(rows)
    assert terms["ffhq"].startswith("2 photos; FFHQ CC BY-NC-SA") and terms["mine"] == "1 photos; terms not told"


def test_a_run_on_another_store_is_not_published(store, runs, tmp_path):
    state = torch.load(runs / "edited" / "checkpoint.pt")
    (tmp_path / "other").mkdir()
    torch.save(state | {"data": "0123456789"}, tmp_path / "other" / "checkpoint.pt")
    with pytest.raises(TrainingFailed, match="other was trained on another store"):
        publish("2030.01-2", store, Trained(tmp_path / "other"), Trained(runs / "deepfake"), root=tmp_path / "models")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("name", ["thorough", "quick", "", "../other", ".hidden", "a b"])
def test_a_name_that_no_release_can_have_is_refused_before_any_work(name, tmp_path):
    with pytest.raises(BadSetting, match="No release can be called"):
        publish(name, tmp_path / "nothing", Trained(tmp_path), Trained(tmp_path), tmp_path / "models")


def test_a_release_of_other_weights_is_not_replaced_but_calibrated_anew_where_they_are_the_same(
    store, runs, root, tmp_path
):
    home = shutil.copytree(root, tmp_path / "models")
    path = home / "releases" / "2030.01-1.json"
    stages = Trained(runs / "edited", "hirescam"), Trained(runs / "deepfake")
    publish("2030.01-1", store, *stages, home)
    there = json.loads(path.read_text())
    there["edited"]["weights"] = read_release().edited.weights
    path.write_text(json.dumps(there))
    before = path.read_bytes()
    with pytest.raises(WouldOverwrite, match=r"2030\.01-1 has other weights .* another name"):
        publish("2030.01-1", store, *stages, home)
    assert path.read_bytes() == before


def test_a_run_for_the_other_stage_is_not_published(store, runs, tmp_path):
    for folders in (("deepfake", "edited"), ("edited", "edited"), ("deepfake", "deepfake")):
        edited, deepfake = (Trained(runs / name) for name in folders)
        with pytest.raises(TrainingFailed, match=r"(deepfake, not edited|edited, not deepfake): name another run"):
            publish("2030.01-6", store, edited, deepfake, root=tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_the_photos_that_an_earlier_run_was_trained_on_are_listed_too(store, runs, tmp_path):
    for stage in ("edited", "deepfake"):
        state = torch.load(runs / stage / "checkpoint.pt")
        (tmp_path / stage).mkdir()
        torch.save(state | {"photos": ("f" * 16, *state["photos"])}, tmp_path / stage / "checkpoint.pt")
    publish("2030.01-4", store, Trained(tmp_path / "edited"), Trained(tmp_path / "deepfake"), root=tmp_path / "models")
    release = read_release("2030.01-4", tmp_path / "models")
    for stage in (release.edited, release.deepfake):
        card = read_card(stage.weights, tmp_path / "models")
        assert "f" * 16 in card.photos(tmp_path / "models") and "f" * 16 not in card.data
        held_out = pd.DataFrame({"original": ["f" * 64], "split": "test"})
        with pytest.raises(Contaminated, match=f"{card.weights} was trained on 1 of the photos"):
            refuse_contaminated(held_out, [card], "test", tmp_path / "models")


def test_a_way_of_explaining_that_the_network_has_not_is_refused(store, runs, tmp_path):
    for strange in ("part", "parts", "mask"):  # this network has no mask head
        with pytest.raises(UnknownName, match=f"heatmap method named '{strange}'"):
            publish(
                "2030.01-5", store, Trained(runs / "edited", strange), Trained(runs / "deepfake"), tmp_path / "models"
            )
    assert not (tmp_path / "models").exists()


def test_an_unfinished_run_is_not_published(store, runs, tmp_path):
    state = torch.load(runs / "edited" / "checkpoint.pt")
    (tmp_path / "half").mkdir()
    torch.save(state | {"epoch": 3}, tmp_path / "half" / "checkpoint.pt")
    with pytest.raises(WeightsMissing, match="stopped at epoch 3 of 6"):
        publish("2030.01-2", store, Trained(tmp_path / "half"), Trained(runs / "deepfake"), root=tmp_path)
    with pytest.raises(WeightsMissing, match="no finished training run"):
        publish("2030.01-2", store, Trained(tmp_path / "none"), Trained(runs / "deepfake"), root=tmp_path)
    assert not (tmp_path / "releases").exists()


def test_a_release_says_nothing_that_its_file_does_not(root):
    release = read_release("2030.01-1", root)
    again = replace(release, sha256="")
    assert type(release).from_dict(json.loads(json.dumps(release.as_dict()))) == again
