"""Adapters that were trained elsewhere become weights of a release: the same bytes, a card that says who made them."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from models import registry
from models.card import COURSE
from models.clip_numbers import BASE, JOINED, trial_picture
from models.detectors.clip_vit_b16 import Adapted
from models.errors import UnknownName, WeightsMismatch, WeightsMissing
from models.files import ROOT
from models.release import read_release
from models.serving import serve
from pipeline.crops.crops import Crops
from pipeline.errors import TrainingFailed
from pipeline.training import ranges
from pipeline.training.adopted import Adapters, adopt
from pipeline.training.checkpoint import CHECKPOINT, start_run
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.parallel import Place
from pipeline.training.publish import Trained, publish, write_adapters
from pipeline.training.selection import Selection

PHOTOS = "sha256,source,label,split\n" + "".join(
    f"{f'{n:x}' * 64},{source},real,{split}\n"
    for n, (source, split) in enumerate([("ciplab", "train"), ("utk", "train"), ("utk", "train"), ("utk", "val")])
)
RUN = {"args": {"stage": "deepfake", "lr": 0.1, "seed": 1}, "steps": 9, "photos": 99, "seconds": 63.9,
       "device": "a GPU", "history": [{"at": 0.5, "step": 4, "forged": 0.9}]}  # fmt: skip


@pytest.fixture(autouse=True)
def one_of_each(monkeypatch):
    """Measure ranges on one photo of a source and label: on more of them it takes only longer."""
    monkeypatch.setattr(ranges, "EACH", 1)


@pytest.fixture
def adapters(tmp_path):
    """Stage 2's shipped weights as they came, with what belongs to them."""
    weights = read_release("thorough").deepfake.weights
    shutil.copy(ROOT / "weights" / f"{weights}.safetensors", tmp_path / "deepfake-adapters.safetensors")
    (tmp_path / "deepfake-run.json").write_text(json.dumps(RUN))
    (tmp_path / "photos.csv").write_text(PHOTOS)
    return tmp_path / "deepfake-adapters.safetensors"


@pytest.fixture
def root(tmp_path):
    home = tmp_path / "models"
    home.mkdir()
    (home / "bases").symlink_to(ROOT / "bases")
    return home


def test_the_card_says_who_made_them_and_the_file_is_the_same(adapters, root, store):
    card = adopt(Adapters.read(adapters), Crops.read(store), root=root)
    sha256 = hashlib.sha256(adapters.read_bytes()).hexdigest()
    assert card.sha256 == sha256 and card.weights == f"deepfake-clip_vit_b16-{sha256[:8]}"
    assert (root / "weights" / f"{card.weights}.safetensors").read_bytes() == adapters.read_bytes()
    assert "not by this project's trainer" in card.training["made"] and card.training["device"] == "a GPU"
    assert card.training["settings"] == RUN["args"] and card.training["seconds"] == 64 and card.base == BASE
    assert card.training[COURSE] == {"0.5": {"forged": 0.9}}
    assert card.data["utk"].startswith("2 photos; research") and card.data["ciplab"].startswith("1 photos")
    assert card.photos(root) == {f"{n:x}" * 16 for n in (0, 1, 2)}
    assert (root / "cards" / f"{card.weights}.validation").is_file()
    network, again = serve(card.weights, root)
    assert again == card and network(trial_picture(256))[0, 0] == pytest.approx(card.proof, abs=1e-3)
    measured = load_file(root / "weights" / f"{card.weights}.ranges.safetensors")
    assert len(measured) == 12 * len(JOINED) and measured["blocks.0.f2"].shape == (2, 3072)
    assert all((low <= high).all() for low, high in measured.values())


@pytest.mark.parametrize("absent", ["deepfake-run.json", "photos.csv", "deepfake-adapters.safetensors"])
def test_what_is_missing_is_named(adapters, absent):
    adapters.with_name(absent).unlink()
    with pytest.raises(WeightsMissing, match=absent.replace(".", r"\.")):
        Adapters.read(adapters)


def test_what_does_not_fit_is_refused_by_name(adapters, root, store):
    tensors = load_file(adapters)
    with pytest.raises(UnknownName, match="form"):
        adopt(Adapters.read(adapters), Crops.read(store), "int3", root)
    save_file(tensors | {"blocks.0.q.b": np.zeros((768, 8), np.float16)}, adapters)
    with pytest.raises(WeightsMismatch, match=r"deepfake-adapters\.safetensors does not fit the base.*another rank"):
        Adapters.read(adapters)
    adapters.write_bytes(b"not weights")
    with pytest.raises(WeightsMismatch, match="deepfake-adapters"):
        Adapters.read(adapters)
    save_file(tensors, adapters)
    adapters.with_name("deepfake-run.json").write_text(json.dumps(RUN | {"args": {"stage": "other"}}))
    with pytest.raises(WeightsMismatch, match="'other'"):
        Adapters.read(adapters)


def test_adapters_of_the_other_stage_are_not_published(adapters, root, store):
    with pytest.raises(TrainingFailed, match="for the stage deepfake, not edited"):
        publish("2030.01-1", store, Trained(adapters), Trained(adapters), root)
    assert not (root / "weights").exists()


def test_a_run_of_this_trainer_is_served_as_it_was_trained(root, store, tmp_path):
    config = TrainConfig(stage="deepfake", architecture="clip_vit_b16", rank=4, epochs=1, learning_rate=1, pools={})
    run = start_run(config, Place(0, 1, torch.device("cpu")))
    for module in run.detector.modules():
        if isinstance(module, Adapted):
            torch.nn.init.normal_(module.b, std=0.002)
    run.average.update_parameters(run.detector)
    run.epoch, run.data = 1, "0123456789"
    torch.save(run.state(), tmp_path / CHECKPOINT)
    crops, finished = Crops.read(store), Finished.read(tmp_path)
    card = write_adapters(finished, Selection.of(crops.table, config), crops, root)
    assert card.base == BASE and card.training["started from"] == f"the base {BASE}" and card.training["device"]
    assert card.photos(root) == {f"{n:016x}" for n in range(1, 12, 2)}
    pixels = trial_picture(256)
    said = float(serve(card.weights, root)[0](pixels)[0, 0])
    loaded, _ = registry.load(card.weights, root)
    with torch.inference_mode():
        trained = float(finished.detector(torch.from_numpy(pixels)).logit)
        assert float(loaded(torch.from_numpy(pixels)).logit) == pytest.approx(trained, abs=0.01), "in float16"
    assert said == pytest.approx(trained, abs=0.5), "in eight bits"
