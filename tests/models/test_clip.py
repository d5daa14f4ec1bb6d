"""CLIP's ViT-B/16 on its base: the same function as the reference that trained it, served as its card says."""

import json
import shutil
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from models import base, eight_bit, registry
from models.card import read_card
from models.clip_graph import graph, probe
from models.clip_numbers import BASE, FORMS, PLAIN, numbers, trial_picture
from models.errors import WeightsMismatch, WeightsMissing
from models.files import ROOT, sha256_of, write_json
from models.release import STAGES, read_release
from models.serving import PROVED, Network, open_network, serve, served_tensors

RECORDED = Path(__file__).parent / "recorded" / "clip_vit_b16.safetensors"
"""Three pictures, and what the reference network, in torch, says of them: logits, region outputs and mask."""
CLOSE = 1e-4
each_stage = pytest.mark.parametrize("stage", STAGES)


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    base.forget()


def weights_of(stage: str) -> str:
    return read_release("thorough").stage(stage).weights


def recorded() -> dict[str, np.ndarray]:
    return load_file(RECORDED)


def pictures() -> np.ndarray:
    return recorded()["pixels"].astype(np.float32) / 255


def columns(stage: str) -> np.ndarray:
    said = recorded()
    parts = [said[f"{stage}.logit"][:, None], *([said[f"{stage}.regions"]] if stage == "edited" else [])]
    return np.concatenate(parts, axis=1)


@pytest.fixture
def root(tmp_path):
    """A copy of what serving stage 2 needs, its shards linked, that a test may damage."""
    weights = weights_of("deepfake")
    for folder in ("bases", "weights", "cards"):
        (tmp_path / folder).mkdir()
    for path in (ROOT / "bases").glob(f"{BASE}*"):
        (tmp_path / "bases" / path.name).symlink_to(path)
    for folder in ("weights", "cards"):
        for path in (ROOT / folder).glob(f"{weights}.*"):
            shutil.copy(path, tmp_path / folder / path.name)
    return tmp_path


def changed_card(root: Path, **told: object) -> None:
    card = replace(read_card(weights_of("deepfake"), root), **told)
    write_json(root / "cards" / f"{card.weights}.json", card.as_dict())


def detached(path: Path) -> Path:
    """Make a linked file one's own."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    return path


@each_stage
def test_it_says_what_the_reference_says(stage):
    detector, card = registry.load(weights_of(stage))
    assert card.base == BASE and detector.base == BASE
    pixels, expected = torch.from_numpy(pictures()), recorded()
    for merged in (False, True):
        if merged:
            detector.merge().merge()
        with torch.inference_mode():
            said = detector(pixels)
        assert np.abs(said.logit.numpy() - expected[f"{stage}.logit"]).max() < CLOSE
        assert np.abs(said.mask.numpy() - expected[f"{stage}.mask"]).max() < CLOSE
        if stage == "edited":
            assert np.abs(said.regions.numpy() - expected["edited.regions"]).max() < CLOSE
        else:
            assert said.regions is None


@each_stage
def test_its_graph_in_float32_says_it_too(stage):
    card = read_card(weights_of(stage))
    own = load_file(ROOT / "weights" / f"{card.weights}.safetensors")
    network = Network(graph(256, card.outputs), served_tensors(replace(card, form=PLAIN), own))
    said = network.answers(pictures())
    assert np.abs(said.scores - columns(stage)).max() < CLOSE
    assert np.abs(said.masks - recorded()[f"{stage}.mask"][:, 0]).max() < CLOSE
    assert said.features.shape == (3, 1024)


@each_stage
def test_it_is_served_in_the_form_of_its_card_close_to_float32(stage):
    network, card = serve(weights_of(stage))
    assert card.form in FORMS and card.form != PLAIN
    assert np.abs(network(pictures())[:, 0] - columns(stage)[:, 0]).max() < 0.6
    assert abs(float(network(trial_picture(256))[0, 0]) - card.proof) < PROVED / 2


def test_a_picture_has_the_same_numbers_alone_in_any_batch_and_on_any_number_of_threads():
    weights = weights_of("edited")
    narrow, wide = serve(weights)[0], serve(weights, wide=2)[0]
    pixels = pictures()
    together, order = narrow.answers(pixels), [2, 0, 1]
    for network in (narrow, wide):
        alone = [network.answers(pixels[i : i + 1]) for i in range(3)]
        turned = network.answers(pixels[order])
        for part in range(3):
            assert np.array_equal(together[part], np.concatenate([one[part] for one in alone]))
            assert np.array_equal(together[part][order], turned[part])
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(wide(pixels))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(said, together.scores) for said in found)
    assert narrow.answers(pixels[:0]).scores.shape == (0, 5) and narrow.answers(pixels[:0]).masks.shape == (0, 16, 16)


def test_a_crop_of_one_colour_is_answered():
    levels = np.array([0.0, 0.5, 1.0], np.float32)[:, None, None, None]
    said = serve(weights_of("edited"))[0].answers(np.ones((3, 3, 256, 256), np.float32) * levels)
    assert len(said.scores) == len(said.masks) == 3
    assert np.isfinite(said.scores).all() and np.isfinite(said.masks).all()


def test_a_form_that_needs_ranges_says_so_without_them():
    card = read_card(weights_of("edited"))
    own, tensors = load_file(ROOT / "weights" / f"{card.weights}.safetensors"), base.read_base(BASE)
    with pytest.raises(WeightsMismatch, match=r"range of the inputs of blocks\.0\.qkv was not measured"):
        dict(numbers(tensors, own, 256, "dynamic8, smoothed"))


def test_a_base_that_is_not_here(root):
    (root / "bases" / f"{BASE}.json").unlink()
    with pytest.raises(WeightsMissing, match=rf"The base {BASE} is not here: {BASE}\.json is missing"):
        serve(weights_of("deepfake"), root)
    changed_card(root, base="clip-vit-l14")
    with pytest.raises(WeightsMissing, match=r"clip-vit-l14\.json"):
        serve(weights_of("deepfake"), root)


def test_a_shard_that_is_missing_or_damaged_is_named(root):
    shard = root / "bases" / f"{BASE}-3.safetensors"
    data = bytearray(detached(shard).read_bytes())
    data[-1000] ^= 1
    shard.write_bytes(bytes(data))
    with pytest.raises(WeightsMismatch, match=rf"{shard.name} is not the file that was released"):
        serve(weights_of("deepfake"), root)
    shard.unlink()
    with pytest.raises(WeightsMissing, match=shard.name):
        serve(weights_of("deepfake"), root)


def test_another_base_is_refused(root):
    path = detached(root / "bases" / f"{BASE}.json")
    path.write_text(path.read_text(encoding="utf-8").replace("MIT", "mit"), encoding="utf-8")
    with pytest.raises(WeightsMismatch, match=path.name):
        serve(weights_of("deepfake"), root)
    changed_card(root, base_sha256=sha256_of(path))
    serve(weights_of("deepfake"), root)
    path.write_text(json.dumps({"name": BASE}), encoding="utf-8")
    changed_card(root, base_sha256=sha256_of(path))
    with pytest.raises(WeightsMismatch, match="card of the base must have"):
        serve(weights_of("deepfake"), root)


@pytest.mark.parametrize("ending", ["safetensors", "ranges.safetensors", "onnx", "unsigned.onnx"])
def test_a_file_that_differs_from_its_card_is_named(root, ending, monkeypatch):
    monkeypatch.setattr(eight_bit, "saturates", lambda: ending == "unsigned.onnx")
    path = root / "weights" / f"{weights_of('deepfake')}.{ending}"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(WeightsMismatch, match=f"{path.name} is not the file that was released"):
        serve(weights_of("deepfake"), root)


def test_an_adapter_of_another_rank_is_refused_by_name(root):
    path = root / "weights" / f"{weights_of('deepfake')}.safetensors"
    tensors = load_file(path)
    save_file(tensors | {"blocks.4.k.a": tensors["blocks.4.k.a"][:8].copy()}, path)
    changed_card(root, sha256=sha256_of(path))
    with pytest.raises(WeightsMismatch, match=rf"{path.name} does not fit .*blocks\.4\.k\.a is \(8, 768\).*rank"):
        serve(weights_of("deepfake"), root)
    with pytest.raises(WeightsMismatch, match=f"{path.name} does not fit clip_vit_b16"):
        registry.load(weights_of("deepfake"), root)


def test_an_adapter_without_its_base_and_a_form_that_nobody_knows(root):
    changed_card(root, form="int4")
    with pytest.raises(WeightsMismatch, match="served as 'int4'"):
        serve(weights_of("deepfake"), root)
    changed_card(root, form="float32", base="")
    with pytest.raises(WeightsMismatch, match="adapts no base, its network clip_vit_b16 clip-vit-b16"):
        registry.load(weights_of("deepfake"), root)


def test_a_processor_that_sums_otherwise_is_noticed(root):
    changed_card(root, proof=read_card(weights_of("deepfake"), root).proof + 2 * PROVED)
    with pytest.raises(WeightsMismatch, match=r"test picture.*quick release"):
        serve(weights_of("deepfake"), root)


def test_the_probe_is_what_its_writer_writes_and_its_answer_is_known():
    assert eight_bit.PROBE.read_bytes() == probe() and isinstance(eight_bit.saturates(), bool)


@each_stage
def test_moved_weights_say_the_same_where_8_bit_products_are_added_exactly(stage, monkeypatch):
    """And elsewhere, where signed ones are not to be trusted, they are what is served."""
    exact, asked = not eight_bit.saturates(), pictures()
    said = {}
    for saturates in (False, True):
        monkeypatch.setattr(eight_bit, "saturates", lambda answer=saturates: answer)
        said[saturates] = open_network(read_card(weights_of(stage)))(asked)
    assert np.array_equal(said[True], said[False]) is exact
    assert np.abs(said[True][:, 0] - columns(stage)[:, 0]).max() < 0.6


def test_only_signed_bytes_are_moved():
    numbers = [("a", np.array([-128, -1, 0, 127], np.int8)), ("b", np.ones(2, np.float32))]
    moved = dict(eight_bit.move_by_128(numbers))
    assert moved["a"].tolist() == [0, 127, 128, 255] and moved["a"].dtype == np.uint8
    assert moved["b"].dtype == np.float32


def _served(weights: str) -> float:
    return float(serve(weights)[0](trial_picture(256))[0, 0])


def test_two_processes_may_load_at_once():
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        said = list(pool.map(_served, [weights_of("deepfake")] * 2))
    assert said[0] == said[1] == pytest.approx(read_card(weights_of("deepfake")).proof, abs=PROVED / 2)


def test_the_base_is_written_in_shards_that_read_back(tmp_path):
    tensors = {f"blocks.{n}.weight": np.full((2000, 4096), n, np.int8) for n in range(4)}
    tensors |= {f"blocks.{n}.weight.scale": np.full(2000, 0.5, np.float32) for n in range(4)}
    told = dict.fromkeys(("architecture", "source", "licence", "training", "made_by"), "a word")
    made = base.write_base(tensors, {"name": "small", **told}, tmp_path)
    assert len(made.shards) == 2 and made.parameters == 4 * 2000 * 4096
    assert all((tmp_path / "bases" / shard).stat().st_size <= 20_100_000 for shard in made.shards)
    read = base.read_base("small", sha256_of(base.card_path("small", tmp_path)), tmp_path)
    assert set(read) == set(tensors) and (base.floats(read, "blocks.3.weight") == 1.5).all()
    with pytest.raises(WeightsMismatch, match=r"no tensor 'blocks\.9\.weight'"):
        base.floats(read, "blocks.9.weight")


def test_the_shipped_base_is_small_enough_for_a_repository():
    shards = sorted((ROOT / "bases").glob("*.safetensors"))
    assert shards and all(path.stat().st_size <= 20_000_000 for path in shards)
