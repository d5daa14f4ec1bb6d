"""Weights by id: what is not exactly what its card says is refused, and the message names the file."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from models import registry
from models.card import Card, read_card
from models.errors import UnknownName, WeightsMismatch, WeightsMissing
from models.files import ROOT, checked_path, sha256_of
from models.graph import graph_of
from models.release import read_release
from models.serving import serve

WEIGHTS = "edited-mobilenet_v2-test"


def write_card(root: Path, card: Card) -> Path:
    (root / "cards").mkdir(exist_ok=True)
    path = root / "cards" / f"{card.weights}.json"
    path.write_text(json.dumps(card.as_dict()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {name: tensor.contiguous() for name, tensor in registry.build("mobilenet_v2").state_dict().items()}


@pytest.fixture
def root(tmp_path, tensors) -> Path:
    """A folder with one set of weights and its card."""
    (tmp_path / "weights").mkdir()
    save_file(tensors, tmp_path / "weights" / f"{WEIGHTS}.safetensors")
    sha256 = sha256_of(tmp_path / "weights" / f"{WEIGHTS}.safetensors")
    write_card(tmp_path, Card(WEIGHTS, sha256, "0" * 64, "mobilenet_v2", 256, "edited", "real", 1, "2026-11-01", "CC0"))
    return tmp_path


def test_names_are_sorted_and_build():
    assert registry.names() == sorted(set(registry.names())) and len(registry.names()) >= 5
    assert registry.build("resnet18").head.out_features == 1


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match=r"no detector named 'resnet151'\. Did you mean: .*resnet152"):
        registry.build("resnet151")


def test_a_second_detector_of_the_same_name_raises():
    with pytest.raises(ValueError, match="two detectors are named 'resnet18'"):
        registry.register("resnet18")(lambda outputs, pretrained: None)  # type: ignore[arg-type, return-value]


def test_load_gives_the_tensors_in_eval_mode(root, tensors):
    detector, card = registry.load(WEIGHTS, root)
    assert not detector.training and card.weights == WEIGHTS
    assert all(torch.equal(tensor, tensors[name]) for name, tensor in detector.state_dict().items())


def test_no_card(root):
    with pytest.raises(WeightsMissing, match=r"nothing\.json"):
        registry.load("nothing", root)


def test_an_id_that_is_a_path_is_no_card(root):
    with pytest.raises(WeightsMissing):
        registry.load("../../cards/x", root)


def test_no_weights(root):
    (root / "weights" / f"{WEIGHTS}.safetensors").unlink()
    with pytest.raises(WeightsMissing, match=f"{WEIGHTS}.safetensors"):
        registry.load(WEIGHTS, root)


def test_weights_that_are_not_those_of_the_card(root):
    path = root / "weights" / f"{WEIGHTS}.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsMismatch, match=f"{WEIGHTS}.safetensors.*SHA-256"):
        registry.load(WEIGHTS, root)


@pytest.mark.parametrize("change", [{"architecture": "resnet18"}, {"outputs": 5}])
def test_tensors_that_do_not_fit(root, change):
    write_card(root, replace(read_card(WEIGHTS, root), **change))
    with pytest.raises(WeightsMismatch, match=f"{WEIGHTS}.safetensors does not fit"):
        registry.load(WEIGHTS, root)


def test_a_file_that_holds_no_tensors(root):
    path = root / "weights" / f"{WEIGHTS}.safetensors"
    path.write_bytes(b"no tensors here")
    write_card(root, replace(read_card(WEIGHTS, root), sha256=sha256_of(path)))
    with pytest.raises(WeightsMismatch, match=f"{WEIGHTS}.safetensors does not fit"):
        registry.load(WEIGHTS, root)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"card"', "\udcff"])
def test_a_damaged_card(root, text):
    (root / "cards" / f"{WEIGHTS}.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(WeightsMismatch, match=f"{WEIGHTS}.json"):
        read_card(WEIGHTS, root)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "unknown fields: colour"),
        ({"licence": None}, "wrong type: licence"),
        ({"outputs": "5"}, "wrong type: outputs"),
        ({"outputs": True}, "wrong type: outputs"),
        ({"training": []}, "wrong type: training"),
        ({"weights": "others"}, "is not that of"),
    ],
)
def test_a_card_with_wrong_fields(root, change, said):
    path = root / "cards" / f"{WEIGHTS}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(WeightsMismatch, match=said):
        read_card(WEIGHTS, root)


def test_a_card_that_lacks_a_field(root):
    path = root / "cards" / f"{WEIGHTS}.json"
    data = json.loads(path.read_text())
    del data["sha256"]
    path.write_text(json.dumps(data))
    with pytest.raises(WeightsMismatch, match=f"{WEIGHTS} lacks fields.*sha256"):
        read_card(WEIGHTS, root)


def test_a_card_survives_being_written_and_read(root):
    card = read_card(WEIGHTS, root)
    assert Card.from_dict(json.loads(json.dumps(card.as_dict()))) == card


def test_checked_returns_the_path(root):
    path = root / "cards" / f"{WEIGHTS}.json"
    assert checked_path(path, sha256_of(path)) == path


def test_the_newest_release_names_weights_that_are_here():
    release = read_release()
    for stage, positive in ((release.edited, "edited"), (release.deepfake, "deepfake")):
        card = read_card(stage.weights)
        assert card.positive == positive and card.architecture in registry.names()
        assert stage.weights.endswith(card.sha256[:8])
        checked_path(ROOT / "weights" / f"{stage.weights}.safetensors", card.sha256)
        checked_path(ROOT / "weights" / f"{stage.weights}.onnx", card.graph_sha256)


@pytest.fixture
def served(root, tensors) -> Path:
    """The same folder with the weights' graph."""
    detector = registry.build("mobilenet_v2")
    detector.load_state_dict(tensors)
    path = root / "weights" / f"{WEIGHTS}.onnx"
    path.write_bytes(graph_of(detector.eval(), 64))
    write_card(root, replace(read_card(WEIGHTS, root), graph_sha256=sha256_of(path)))
    return root


def test_serving_gives_the_weights_scores(served):
    network, card = serve(WEIGHTS, served)
    pixels = np.random.default_rng(0).random((2, 3, 64, 64), np.float32)
    with torch.inference_mode():
        said = registry.load(WEIGHTS, served)[0](torch.from_numpy(pixels)).logit.numpy()
    np.testing.assert_allclose(network(pixels)[:, 0], said, atol=1e-4)
    assert card.weights == WEIGHTS


@pytest.mark.parametrize("suffix", ["onnx", "safetensors"])
def test_a_file_that_is_missing_or_another_is_not_served(suffix, served):
    path = served / "weights" / f"{WEIGHTS}.{suffix}"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsMismatch, match=f"{WEIGHTS}.{suffix}.*SHA-256"):
        serve(WEIGHTS, served)
    path.unlink()
    with pytest.raises(WeightsMissing, match=f"{WEIGHTS}.{suffix}"):
        serve(WEIGHTS, served)


@pytest.mark.parametrize("graph", [b"", b"no graph", None])
def test_a_graph_that_does_not_fit_the_weights_is_not_served(graph, served):
    path = served / "weights" / f"{WEIGHTS}.onnx"
    path.write_bytes(graph_of(registry.build("resnet18").eval(), 64) if graph is None else graph)
    write_card(served, replace(read_card(WEIGHTS, served), graph_sha256=sha256_of(path)))
    with pytest.raises(WeightsMismatch, match="does not fit"):
        serve(WEIGHTS, served)
