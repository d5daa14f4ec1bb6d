"""Edits forged anew from stored crops: of the same original and kind, another each time, the same by the same seed."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.crops import masks
from pipeline.crops.build import COLUMNS, RETOUCHES, main_face
from pipeline.crops.crops import MASKS, STORE_SIDE, Crops, stored_crop
from pipeline.training.batches import Epoch, TrainingCrops
from pipeline.training.config import TrainConfig
from pipeline.training.fresh_edits import Forger
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection

KINDS = ("smooth_skin", "self_blend", "part_composite")


@pytest.fixture(scope="module")
def faces(hopper, collins):
    return [(photo.sha256, *stored_crop(photo.rgb, main_face(photo).landmarks)) for photo in (hopper, collins)]


@pytest.fixture(scope="module")
def store(faces, tmp_path_factory):
    """Return a folder of two people, one edit of each of `KINDS` of the first, and one whose original is not there."""
    folder = tmp_path_factory.mktemp("fresh")
    lines = [{"sha256": sha256, "label": "real", "group": sha256[:4]} for sha256, _, _ in faces]
    first = faces[0][0]
    lines += [{"sha256": first, "label": "facetune", "group": first[:4], "recipe": of(kind)} for kind in KINDS]
    lines += [{"sha256": "f" * 64, "label": "facetune", "group": "g", "recipe": of("smooth_skin")}]
    blank = dict.fromkeys(COLUMNS, "") | {"face_size": 200.0, "source": "a", "split": "train"}
    table = pd.DataFrame([blank | line for line in lines])
    table.to_parquet(folder / "crops.parquet")
    rows = [faces[0], faces[1], *[faces[0]] * 4]
    np.save(folder / "crops.npy", np.stack([crop for _, crop, _ in rows]))
    np.save(folder / "landmarks.npy", np.stack([points for _, _, points in rows]))
    np.save(folder / MASKS, np.zeros((len(rows), masks.MASK_SIDE, masks.MASK_SIDE), np.uint8))
    return folder


def of(kind: str) -> str:
    return json.dumps({"operations": [kind], "seed": 1, "strength": 0.5, "donor": "x"})


@pytest.fixture(scope="module")
def crops(store):
    return Crops.read(store)


@pytest.fixture(scope="module")
def forger(crops):
    return Forger(crops, crops.table)


@pytest.mark.parametrize("row", [2, 3])
def test_another_edit_of_the_same_original(forger, faces, row):
    edit = forger.edit(row, np.random.default_rng(0))
    assert edit.crop.shape == (STORE_SIDE, STORE_SIDE, 3) and edit.crop.dtype == np.uint8
    inside = np.kron(edit.mask, np.ones((4, 4))) == masks.EDITED
    change = np.abs(edit.crop.astype(int) - faces[0][1]).max(axis=2)
    assert inside.any() and change[inside].mean() > 4 * change[np.kron(edit.mask, np.ones((4, 4))) == 0].mean()
    assert edit.bits.shape == (4,) and set(edit.bits) <= {0.0, 1.0}


def test_each_time_another_but_by_the_same_seed_the_same(forger):
    first, again, other = (forger.edit(3, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first.crop, again.crop) and not np.array_equal(first.crop, other.crop)


def test_retouching_is_drawn_among_all_its_operations(forger, monkeypatch):
    asked = []
    monkeypatch.setattr("pipeline.training.fresh_edits.operation", lambda name: asked.append(name) or _Nothing())
    for seed in range(30):
        assert forger.edit(2, np.random.default_rng(seed)) is None
    assert set(asked) == set(RETOUCHES)


class _Nothing:
    needs_donor = False

    @staticmethod
    def run(subject, donor, rng, strength):
        return type("Edit", (), {"changed": False})


def test_the_lender_is_another_person(forger):
    assert forger._lenders.donors(0, np.random.default_rng(0), 3) == [1]
    assert forger._lenders.donors(1, np.random.default_rng(0), 3) == [0]


def test_what_is_no_forgery_or_has_no_original_is_left_alone(forger):
    assert forger.edit(0, np.random.default_rng(0)) is None
    assert forger.edit(5, np.random.default_rng(0)) is None


def test_an_epoch_takes_them_in_the_share_asked_and_shakes_a_pair_alike(crops, forger):
    def epoch_with(share: float):
        config = TrainConfig(
            stage="edited", architecture="x", outputs=5, train_size=256, epochs=1, learning_rate=1, pools={},
            fresh=share,
        )  # fmt: skip
        epoch = Epoch(np.array([[3, 0]] * 8), 1, Place(0, 1, torch.device("cpu")))
        return TrainingCrops(crops, Selection.of(crops.table, config), config, epoch, forger)

    stored, fresh = epoch_with(0.0), epoch_with(1.0)
    assert all(np.array_equal(stored[i][0], fresh[i][0]) for i in range(1, 16, 2)), "the original is the same"
    assert not any(np.array_equal(stored[i][0], fresh[i][0]) for i in range(0, 16, 2)), "its edit is not"
    assert all((stored[i][2] == 0).all() for i in range(16)) and all((fresh[i][2] == 1).any() for i in range(0, 16, 2))
    assert sum(not np.array_equal(stored[i][0], epoch_with(0.5)[i][0]) for i in range(0, 16, 2)) in range(1, 8)


def test_a_part_of_the_face_itself_can_stand_for_a_donors(crops):
    forger = Forger(crops, crops.table, part_blends=1.0)
    original = crops.stored[0].astype(int)
    seen = set()
    for seed in range(6):
        edit, again = (forger.edit(4, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(edit.crop, again.crop) and edit.bits.sum() in (1, 2, 3)
        change = np.abs(edit.crop.astype(int) - original).max(axis=2)
        assert (change[-20:] == 0).all() and change.max() > 10, "only parts of the face are touched"
        seen.add(tuple(edit.bits))
    assert len(seen) > 2
