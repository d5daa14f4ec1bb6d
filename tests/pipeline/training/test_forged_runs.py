"""Runs whose edits are forged on the device in every batch: they learn, go on after a kill, and end in their budget."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from models.errors import UnknownName
from pipeline.crops.crops import Crops
from pipeline.errors import TrainingFailed
from pipeline.face import LIPS
from pipeline.forge.batched import batched
from pipeline.forge.batched.geometry import covered_parts, hull
from pipeline.training import lenders, stepping
from pipeline.training.checkpoint import CHECKPOINT, TrainingRun, optimizer_of, start_run
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.lenders import Lenders
from pipeline.training.losses import alignment_loss, floats_of, pair_loss, taught_loss, uniformity_loss
from pipeline.training.on_device import feed, forging
from pipeline.training.on_device.feed import Feed
from pipeline.training.on_device.plan import Pairs, epoch_plan
from pipeline.training.on_device.resident import Resident
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection
from pipeline.training.source import ForgedSource
from pipeline.training.train import train

ALONE = Place(0, 1, torch.device("cpu"))
BASE = {
    "stage": "edited", "architecture": "tiny_clip", "outputs": 5, "rank": 4, "train_size": 192, "epochs": 2,
    "batch_size": 8, "learning_rate": 0.01, "average_decay": 0.9, "bf16": "cuda", "schedule": "cosine", "beta2": 0.98,
    "rates": {"pre": 0.4, "blocks": 0.4}, "region_weight": 0.4, "mask_weight": 0.5, "pair_weight": 0.15, "gentle": 0.9,
    "pools": {}, "edits": {"makeup": 8},
}  # fmt: skip


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate(BASE | changes)


def weights(detector: torch.nn.Module) -> torch.Tensor:
    return torch.cat([tensor.flatten().float() for tensor in detector.state_dict().values()])


def paint_lips(crops, donors, strength):
    """The planted edit: lips of one colour."""
    mask = hull(crops, LIPS, 3.0)
    red = crops.pixels.new_tensor([190.0, 40.0, 60.0]).view(1, 3, 1, 1)
    return torch.where(mask > 0.5, red, crops.pixels), (mask > 0.5).float(), covered_parts(mask, crops)


@pytest.fixture
def planted(monkeypatch):
    """Every edit by the name of "makeup" is the planted one."""
    one = replace(batched("makeup"), edit=paint_lips)
    monkeypatch.setattr(forging, "batched", lambda name: one if name == "makeup" else batched(name))


def planned(crops: Crops, asked: TrainConfig, seed: int) -> tuple[Selection, Pairs]:
    """Plan an epoch."""
    selection = Selection.of(crops.table, asked)
    return selection, epoch_plan(asked, selection, Lenders(crops, selection.originals), np.random.default_rng(seed))


def batch_of(store, asked: TrainConfig, seed: int = 7, count: int = 16):
    crops = Crops.read(store)
    selection, pairs = planned(crops, asked, seed)
    return Feed(asked, Resident.of(crops, selection, ALONE.device)).make(pairs.parts(-(-len(pairs) // count))[0], seed)


def test_a_planted_edit_is_learnt_and_found(face_store, tiny, planted, tmp_path):
    asked = config(epochs=4, edits={"makeup": 64}, batch_size=16, learning_rate=0.02, validate_every=2)
    detector = train(asked, face_store, tmp_path)
    batch = batch_of(face_store, asked, count=32)
    with torch.inference_mode():
        logits = detector(floats_of(batch.pixels))
    truth = batch.targets[:, 0].numpy()
    assert roc_auc_score(truth, logits.logit) > 0.95
    mask, wanted = logits.mask[:, 0][truth > 0].flatten(1), batch.mask[truth > 0].flatten(1)
    assert (wanted.gather(1, mask.argmax(1)[:, None]) != 0).float().mean() > 0.8, "the mask peaks where the edit is"
    history = json.loads((tmp_path / "history.json").read_text())
    assert history[-1]["auc"]["all"] > 0.9 and history[-1]["loss"] < history[0]["loss"]


def test_a_killed_run_ends_as_an_unbroken_one_would(face_store, tiny, tmp_path, monkeypatch):
    asked = config(epochs=2, batch_size=4, pools={"a/part composite": 2}, edits={"makeup": 1, "autoencoder": 1})
    whole = train(asked, face_store, tmp_path / "whole")
    state, saved = TrainingRun.state, []

    def kill_at_two(self: TrainingRun) -> dict:
        saved.append(1)
        if len(saved) == 2:
            raise KeyboardInterrupt
        return state(self)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TrainingRun, "state", kill_at_two)
        train(asked, face_store, tmp_path / "broken")
    assert torch.load(tmp_path / "broken" / CHECKPOINT)["beside"]["steps"] == 2
    resumed = train(asked, face_store, tmp_path / "broken")
    assert torch.equal(weights(whole), weights(resumed)) and not torch.equal(whole.head.weight, 0 * whole.head.weight)


def test_every_kind_of_edit_is_forged_for_both_stages(face_store, tiny):
    kinds = ("part_composite", "face_swap", "self_blend", "resynthesis", "retouch", "smooth_skin+makeup")
    edited = batch_of(face_store, config(edits=dict.fromkeys(kinds, 2)), count=12)
    assert edited.targets[:, 0].tolist() == [1, 0] * (len(edited) // 2) and edited.paired.all()
    assert 12 <= len(edited) <= 24, "a pair whose edit was refused is left out"
    assert (edited.mask[1::2] == 0).all() and (edited.mask[0::2] == 1).flatten(1).any(dim=1).all()
    assert (edited.targets[1::2, 1:] == 0).all() and (edited.targets[0::2, 1:] >= 0).all()
    both = batch_of(face_store, config(stage="deepfake", outputs=1, edits={"self_blend": 3, "makeup": 3}))
    assert both.targets[:, 0].tolist() == [1, 0] * (len(both) // 2)
    assert not both.paired.any() and (both.mask == 1).flatten(1).any(dim=1).all(), "both sides are edits"


def test_a_batch_is_the_same_in_parts(face_store, tiny):
    asked = config(edits={"makeup": 4, "self_blend": 4}, pools={"*": 4})
    crops = Crops.read(face_store)
    selection, pairs = planned(crops, asked, 1)
    feed = Feed(asked, Resident.of(crops, selection, ALONE.device))
    whole, parts = feed.make(pairs, 3), [feed.make(part, 3) for part in pairs.parts(3)]
    for name in ("pixels", "targets", "mask", "paired"):
        joined = torch.cat([getattr(part, name) for part in parts])
        assert torch.equal(joined, getattr(whole, name)), name
    again = whole.parts(2)
    assert torch.equal(torch.cat([part.pixels for part in again]), whole.pixels) and len(again) == 2


def test_a_run_ends_when_its_seconds_are_spent(face_store, tiny, tmp_path):
    train(config(epochs=500, seconds=0.5, validate_every=500), face_store, tmp_path)
    state = torch.load(tmp_path / CHECKPOINT)
    assert 1 <= state["epoch"] < 500 and state["spent"] and state["schedule"]["spent"] >= 0.5
    assert Finished.read(tmp_path).history[-1]["auc"]["all"] >= 0
    before = (tmp_path / CHECKPOINT).stat().st_mtime_ns
    train(config(epochs=500, seconds=0.5, validate_every=500), face_store, tmp_path)
    assert (tmp_path / CHECKPOINT).stat().st_mtime_ns == before, "nothing is left to do"


def test_faces_are_looked_at_before_a_budget_begins(crops, tiny, monkeypatch):
    looked, look_of = [], lenders.look_of
    monkeypatch.setattr(lenders, "look_of", lambda subject: looked.append(1) or look_of(subject))
    for edits, count in (({"face_swap": 8}, 8), ({"makeup": 4, "newer retouch": 4, "face_swap": 0}, 0)):
        asked = config(edits=edits, seconds=60)
        run, selection = start_run(asked, ALONE), Selection.of(crops.table, asked)
        source = ForgedSource(crops, selection, run)
        assert len(looked) == count, "nobody lends to make-up"
        assert sum(map(len, source.epoch(run))) == 8 and len(looked) == count
        looked.clear()


def test_an_epoch_does_not_draw_the_windows_of_the_one_before(face_store, tiny, monkeypatch):
    drawn, windows = [], feed.windows
    monkeypatch.setattr(feed, "windows", lambda asked, seeds: drawn.append(seeds) or windows(asked, seeds))
    asked = config(edits={}, pair_weight=0.0, pools={"*": 8})
    for seed in (1000, 1001):
        batch_of(face_store, asked, seed)
    first, second = (set(seeds.tolist()) for seeds in drawn)
    assert len(first) == len(second) == 8 and not first & second


def test_too_little_memory_divides_the_batch_and_says_so(face_store, tiny, tmp_path, monkeypatch):
    loss_of, sizes = stepping.loss_of, []

    def short(asked, detector, batch, device):
        sizes.append(len(batch))
        if len(batch) > 4:
            raise torch.OutOfMemoryError("out of memory")
        return loss_of(asked, detector, batch, device)

    monkeypatch.setattr(stepping, "loss_of", short)
    train(config(epochs=1), face_store, tmp_path / "half")
    assert sizes == [8, 4, 4, 4, 4]
    assert "a batch now goes through in 2 parts" in (tmp_path / "half" / "log.txt").read_text()
    monkeypatch.setattr(stepping, "loss_of", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("none at all")))
    with pytest.raises(TrainingFailed, match="memory is too small for a batch of 8"):
        train(config(epochs=1), face_store, tmp_path / "none")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"device": "cuda"}, TrainingFailed, "wants a GPU"),
        ({"edits": {"face_swop": 1}}, UnknownName, "face_swap"),
        ({"stage": "deepfake", "outputs": 1, "edits": {"makeup": 8}}, TrainingFailed, "both labels.*facetune"),
        ({"shares": {"elsewhere": 2.0}}, TrainingFailed, "no real training photo is of elsewhere; there are a, b"),
        ({"rates": {"blocs": 0.4}}, TrainingFailed, "'blocs', which the configuration names, is no part"),
    ],
)
def test_what_cannot_be_trained_is_refused(changes, error, words, face_store, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(error, match=words):
        train(config(**changes), face_store, tmp_path / "out")
    assert not (tmp_path / "out" / CHECKPOINT).exists()


def test_what_learns_and_how_fast(tiny):
    run = start_run(config(weight_decay=0.03), ALONE)
    shares = {name: group.get("share", 1) for group in run.optimizer.param_groups for name in names_of(run, group)}
    decays = {name: group["weight_decay"] for group in run.optimizer.param_groups for name in names_of(run, group)}
    assert shares["blocks.0.q.a"] == shares["pre.weight"] == 0.4 and shares["head.weight"] == 1
    assert decays["head.weight"] == 0.03 and decays["head.bias"] == decays["blocks.0.q.a"] == 0
    assert run.detector.state_dict()["blocks.0.q.a"].shape == (4, 48)
    norms = start_run(config(rank=0), ALONE)
    learning = {name for group in norms.optimizer.param_groups for name in names_of(norms, group)}
    assert not any(name.endswith((".a", ".b")) for name in learning) and "blocks.0.n1.weight" in learning
    with torch.inference_mode():
        assert torch.isfinite(norms.detector.eval()(torch.rand(1, 3, 64, 64)).logit).all()
    assert len(optimizer_of(run.detector, config(rates={})).param_groups) == 1


def names_of(run: TrainingRun, group: dict) -> list[str]:
    mine = {id(one) for one in group["params"]}
    return [name for name, one in run.detector.named_parameters() if id(one) in mine]


def test_norms_alone_on_the_unit_sphere(face_store, tiny, tmp_path):
    asked = config(rank=0, alignment=0.1, uniformity=0.1, epochs=1, edits={"makeup": 4}, batch_size=8)
    detector = train(asked, face_store, tmp_path)
    again = Finished.read(tmp_path).detector
    assert torch.equal(weights(detector), weights(again)) and again.state_dict()["blocks.0.q.a"].shape == (0, 48)


def test_a_teacher_sees_what_its_student_sees(face_store, tiny):
    asked = config(edits={"self_blend": 4}, taught=1.0, taught_mask=0.5)
    teacher = start_run(config(), ALONE).detector.eval()
    crops = Crops.read(face_store)
    selection, pairs = planned(crops, asked, 1)
    batch = Feed(asked, Resident.of(crops, selection, ALONE.device), teacher=teacher).make(pairs, 3)
    with torch.inference_mode():
        logits = teacher(floats_of(batch.pixels))
        assert torch.equal(batch.taught.scores[:, 0], logits.logit) and batch.taught.mask.shape == (8, 12, 12)
        same = taught_loss(asked, logits, replace(batch.taught, mask=batch.taught.mask * 50))
        other = taught_loss(
            asked, logits._replace(logit=logits.logit + 2), replace(batch.taught, mask=-logits.mask[:, 0])
        )
    assert other - same > 0.2
    halves = batch.parts(2)
    assert [len(half) for half in halves] == [4, 4] and torch.equal(halves[1].taught.scores, batch.taught.scores[4:])


def test_pairs_and_the_unit_sphere_have_losses_of_their_own():
    logits, paired = torch.tensor([5.0, -5.0, 0.0, 9.0]), torch.tensor([True, False])
    assert pair_loss(logits, paired) < 0.001 < pair_loss(logits.flip(0), torch.tensor([True, True]))
    assert pair_loss(logits, torch.tensor([False, False])) == 0
    features = torch.nn.functional.normalize(torch.tensor([[1.0, 0], [1, 0.1], [-1, 0], [-1, 0.1]]), dim=1)
    apart, mixed = torch.tensor([0.0, 0, 1, 1]), torch.tensor([0.0, 1, 0, 1])
    assert alignment_loss(features, apart) < 0.02 < alignment_loss(features, mixed)
    assert uniformity_loss(features) < uniformity_loss(features[:1].expand(4, 2)) == 0


def test_stored_pairs_of_one_original_count_as_pairs_too(face_store):
    crops, none = Crops.read(face_store), {"edits": {}, "pair_weight": 0.0}
    table = crops.table.assign(pair=[f"p{n % 4}" if n < 8 else "" for n in crops.table.index])
    for stage, pools in (("edited", 16), ("deepfake", 4)):
        asked = config(stage=stage, outputs=1, pools={"*": pools}, **none)
        pairs = epoch_plan(asked, Selection.of(table, asked), None, np.random.default_rng(1))
        same = [stage == "edited" and table.pair[one] == table.pair[other] != "" for one, other in pairs.rows]
        assert pairs.paired.tolist() == same and any(same) == (stage == "edited")


def test_a_batch_whose_every_edit_is_refused_is_empty_and_costs_nothing(
    face_store, tiny, planted, monkeypatch, tmp_path
):
    monkeypatch.setattr(forging, "masks_of_change", lambda edited, original: torch.zeros(len(edited), 75, 75).byte())
    assert len(batch_of(face_store, config(edits={"makeup": 2}))) == 0
    before = weights(start_run(config(epochs=1), ALONE).detector)
    assert torch.equal(weights(train(config(epochs=1, weight_decay=0), face_store, tmp_path)), before)
