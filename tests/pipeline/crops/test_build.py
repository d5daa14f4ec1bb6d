"""The store of crops: row i is photo i, forged edits stay in their original's split, a killed call goes on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.crops import build as module
from pipeline.crops.build import build_store, forgeries
from pipeline.crops.crops import MASKS, STORE_SIDE, TABLE, Crops, read_store, settled_crop
from pipeline.crops.masks import build_masks
from pipeline.errors import BadDataset
from pipeline.forge import operation
from tests.pipeline.crops.conftest import change_manifest


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


def with_masks(folder):
    build_store(folder, workers=1)
    build_masks(Crops.read(folder))


def test_masks_of_an_unchanged_store_stay(folder, instant):
    with_masks(folder)
    before = (folder / MASKS).read_bytes(), (folder / MASKS).stat().st_ino
    build_store(folder, workers=1)
    assert ((folder / MASKS).read_bytes(), (folder / MASKS).stat().st_ino) == before
    change_manifest(folder, lambda table: table.assign(split="val"))
    build_store(folder, workers=1)
    assert Crops.read(folder).has_masks, "a split does not move an edit"


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.iloc[1:],
        lambda table: table.iloc[::-1],
        lambda table: table.assign(kind=table.kind.replace("retouch", "GAN")),
        lambda table: table.assign(mask=table["mask"].where(table.label == "real", "elsewhere.png")),
    ],
    ids=["fewer", "another order", "another kind", "another mask"],
)
def test_masks_of_other_rows_go(change, folder, instant):
    with_masks(folder)
    change_manifest(folder, change)
    build_store(folder, workers=1)
    crops = Crops.read(folder)
    assert not crops.has_masks and all(
        crops.stored[row, 0, 0, 0] == int(sha256[:2], 16) for row, sha256 in enumerate(crops.table.sha256)
    )


def test_while_crops_are_cut_anew_no_table_tells_of_the_old_ones(folder, instant, monkeypatch):
    with_masks(folder)
    change_manifest(folder, lambda table: table.iloc[::-1])
    real = module._store

    def killed(out, task):
        if task[0] == 1:
            raise KeyboardInterrupt
        return real(out, task)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "_store", killed)
        build_store(folder, workers=1)
    with pytest.raises(BadDataset, match="prepare --crops"):
        Crops.read(folder)
    build_store(folder, workers=1)
    assert not Crops.read(folder).has_masks


@pytest.mark.parametrize("name", ["crops.npy", "landmarks.npy"])
def test_what_lay_in_a_file_that_is_gone_is_cut_again(name, folder, instant):
    build_store(folder, workers=1)
    (folder / name).unlink()
    table = build_store(folder, workers=1)
    assert (table.recipe != "").any() and np.load(folder / name).any(
        axis=tuple(range(1, np.load(folder / name).ndim))
    ).all()


def test_edits_that_other_originals_pushed_on_are_forged_again(folder, instant):
    before = build_store(folder, workers=1)
    more = {"sha256": "ff".ljust(64, "0"), "source": "elsewhere", "group": "new"}  # a source of which nothing is forged
    change_manifest(folder, lambda table: pd.concat([table, table.tail(1).assign(**more)], ignore_index=True))
    table = build_store(folder, workers=1)
    edits = table.index[table.recipe != ""]
    assert (
        table.recipe[edits].tolist() == before.recipe[before.recipe != ""].tolist()
        and edits[0] == before.index[before.recipe != ""][0] + 1
    )
    assert all(np.load(folder / "crops.npy")[row, 0, 0, 2] == hash(table.recipe[row]) % 256 for row in edits)


def test_one_person_alone_lends_to_nobody(folder, instant):
    change_manifest(folder, lambda table: table.assign(group="one"))
    table = build_store(folder, workers=1)
    recipes = [json.loads(recipe) for recipe in table.recipe[table.recipe != ""]]
    assert len(recipes) > 3 and {recipe["donor"] for recipe in recipes} == {""}
    assert not any(operation(name).needs_donor for recipe in recipes for name in recipe["operations"])


def test_no_store(tmp_path):
    with pytest.raises(BadDataset, match="prepare --crops"):
        read_store(tmp_path)


@pytest.fixture
def plan_of(monkeypatch):
    """Plan the edits of many photos of two sources; of each photo, what is made of it."""
    monkeypatch.setattr(module, "pick_donor", lambda _, subjects, rng: subjects[int(rng.uniform(0, 1, 40).argmax())])

    def plan(table):
        arrays = np.zeros((len(table), 1, 1, 3), np.uint8), np.zeros((len(table), 468, 2), np.float32)
        crops = Crops(Path(), table.reset_index(drop=True), *arrays)
        planned = pd.DataFrame(forgeries(crops, 1))
        return {sha256: tuple(rows.recipe) for sha256, rows in planned.groupby("sha256")}

    return plan


@pytest.fixture
def many():
    rng = np.random.default_rng(0)
    names = [rng.bytes(32).hex() for _ in range(400)]
    table = pd.DataFrame({"sha256": names, "source": ["dfdc", "ffhq"] * 200, "group": names})
    return table.assign(label="real", split="train", path="", error="")


def test_a_face_more_or_less_changes_the_edits_of_few_others(plan_of, many):
    whole = plan_of(many)
    assert len(whole) > 250 and len({recipe for recipes in whole.values() for recipe in recipes}) > 600
    for blind in ([0], [1], [7, 200]):
        without = plan_of(many.assign(error=["no_face" if row in blind else "" for row in range(len(many))]))
        assert not set(without) & set(many.sha256[blind])
        changed = [name for name in without if without[name] != whole[name]]
        assert 0 < len(changed) < 60 * len(blind), "at most those that looked for a donor where it stood"
        other = "dfdc" if blind == [1] else "ffhq"
        assert len(blind) > 1 or not set(changed) & set(many.sha256[many.source == other])


def test_the_order_of_photos_changes_no_edit(plan_of, many):
    assert plan_of(many.sample(frac=1, random_state=1)) == plan_of(many)


def test_nobody_lends_to_himself_or_across_splits_and_sources(plan_of, many):
    table = many.assign(group=[f"person-{row % 5}" for row in range(400)], split=["train", "train", "val", "val"] * 100)
    by_hash = table.set_index("sha256")
    for sha256, recipes in plan_of(table).items():
        for donor in {json.loads(recipe)["donor"] for recipe in recipes}:
            assert by_hash.group[donor] != by_hash.group[sha256]
            assert tuple(by_hash.loc[donor, ["source", "split"]]) == tuple(by_hash.loc[sha256, ["source", "split"]])
