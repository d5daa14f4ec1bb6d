"""The store of crops: row i is photo i, forged edits stay in their original's split, a killed call goes on."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from pipeline.crops import build as module
from pipeline.crops.build import build_store
from pipeline.crops.crops import STORE_SIDE, TABLE, read_store, settled_crop
from pipeline.datasets import Dataset, Record
from pipeline.errors import BadDataset
from pipeline.manifest import prepare as manifest
from tests.conftest import SAMPLES


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A prepared folder of two people, as if each were many, and a photo without a face."""
    root = tmp_path_factory.mktemp("prepared")
    records = [
        Record(SAMPLES / name, "real", "camera", "ffhq", group, regions="0000", split="train")
        for name, group in (("hopper_real.jpg", "hopper"), ("collins_real.jpg", "collins"))
    ]
    records.append(Record(SAMPLES / "coffee_no_face.jpg", "real", "camera", "ffhq", "coffee", split="train"))
    records.append(Record(SAMPLES / "hopper_makeup.jpg", "facetune", "retouch", "made", "hopper", split="train"))
    dataset = Dataset("some", "1", "CC0", "none", "made here", {}, lambda _folder: iter(records))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "dataset", lambda _name: dataset)
        manifest.prepare([("some", root)], root, workers=1)
    return root


@pytest.fixture
def folder(prepared, tmp_path):
    return shutil.copytree(prepared, tmp_path / "prepared")


def test_each_row_is_its_photo(folder, hopper):
    table = build_store(folder, forge=False, workers=1)
    pd.testing.assert_frame_equal(read_store(folder), table, check_dtype=False)
    assert len(table) == 4 and table.error.str.startswith("no_face").tolist() == [False, False, True, False]
    crops, points = np.load(folder / "crops.npy"), np.load(folder / "landmarks.npy")
    assert crops.shape == (4, STORE_SIDE, STORE_SIDE, 3) and points.shape == (4, 468, 2)
    inside = (points[[0, 1, 3]] > 0) & (points[[0, 1, 3]] < STORE_SIDE)
    assert inside.all() and crops[0].std() > 20 and not crops[2].any()
    assert abs(table.face_size[0] - 203) < 10


def test_the_stored_crop_is_what_examine_shows_a_detector(folder, hopper):
    from pipeline.examining.container import settle
    from pipeline.examining.find_faces import find_faces

    build_store(folder, forge=False, workers=1)
    stored = settled_crop(np.load(folder / "crops.npy")[0]).astype(int)
    seen = settle(find_faces(hopper)[0].crop).astype(int)
    assert np.abs(stored - seen).mean() < 1.5


def test_edits_are_forged_within_a_split_from_another_group(folder):
    table = build_store(folder, workers=1)
    edits = table[table.recipe != ""]
    assert len(edits) >= 6 and set(edits.source) == {"forge-ffhq"} and set(edits.origin) == {"ffhq"}
    assert (edits.split == "train").all() and set(edits.label) == {"deepfake", "facetune"}
    assert set(edits.group) <= {"hopper", "collins"}
    for row in edits.itertuples():
        donor = json.loads(row.recipe)["donor"]
        lender = table.group[(table.sha256 == donor) & (table.recipe == "")].tolist()
        assert len(lender) == 1 and lender != [row.group]
        assert str(folder) not in row.recipe, "an edit is the same wherever the photos lie"
    crops = np.load(folder / "crops.npy")
    usable = edits[edits.error == ""]
    for index in usable.index:
        original = crops[table.index[(table.path == table.path[index]) & (table.recipe == "")][0]]
        assert np.abs(crops[index].astype(int) - original).max() > 8
    assert (usable.regions.str.len() == 4).all()


def test_a_killed_call_goes_on_and_ends_the_same(folder, tmp_path, monkeypatch):
    whole = shutil.copytree(folder, tmp_path / "whole")
    expected = build_store(whole, workers=1)
    real, calls = module._store, []

    def kill_at_six(out, task):
        if len(calls) == 6:
            raise KeyboardInterrupt
        calls.append(task[0])
        return real(out, task)

    monkeypatch.setattr(module, "_store", kill_at_six)
    with pytest.raises(KeyboardInterrupt):
        build_store(folder, workers=1)
    assert not (folder / TABLE).exists()
    with (folder / "crops.journal-forgeries").open("a") as file:
        file.write('{"index": 9, "err')  # the line that a kill cut off
    monkeypatch.setattr(module, "_store", lambda out, task: (calls.append(task[0]), real(out, task))[1])
    resumed = build_store(folder, workers=1)
    assert len(calls) == len(set(calls)) == len(expected), "nothing was done twice"
    pd.testing.assert_frame_equal(resumed, expected)
    assert np.array_equal(np.load(folder / "crops.npy"), np.load(whole / "crops.npy"))


def test_another_plan_starts_anew(folder):
    build_store(folder, seed=1, workers=1)
    first = read_store(folder)
    second = build_store(folder, seed=2, workers=1)
    assert second[second.recipe != ""].recipe.tolist() != first[first.recipe != ""].recipe.tolist()


def test_a_photo_that_vanished_is_told(folder, tmp_path):
    table = pd.read_parquet(folder / "manifest.parquet")
    table.loc[1, "path"] = str(tmp_path / "gone.jpg")
    table.to_parquet(folder / "manifest.parquet")
    assert build_store(folder, forge=False, workers=1).error[1].startswith("unreadable_photo")


def test_no_store(tmp_path):
    with pytest.raises(BadDataset, match="prepare --crops"):
        read_store(tmp_path)
