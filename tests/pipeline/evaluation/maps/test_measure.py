"""A whole measurement of maps on a made-up store: what is picked, measured and written."""

import json

import numpy as np
import pandas as pd
import pytest

from models.release import read_release
from pipeline.crops.crops import Crops
from pipeline.crops.journal import Journal
from pipeline.crops.masks import EDITED, UNKNOWN
from pipeline.errors import BadDataset, UnknownName
from pipeline.evaluation.maps import measure as maps
from pipeline.evaluation.maps import truth
from pipeline.evaluation.maps.kept import KeptBatches
from pipeline.evaluation.printed import as_text
from pipeline.examining.edit_map import PARTS
from pipeline.examining.explain import METHODS
from pipeline.examining.loaded import load_cascade
from pipeline.face import REGIONS
from pipeline.figures.maps import by_kind
from pipeline.results.maps import BASELINES, MEASURES, OUTPUTS, RESTORES, MapFolder
from tests.pipeline.evaluation.map_examples import store_table

pytestmark = pytest.mark.usefixtures("quick")


def test_the_sets_are_dealt_evenly_and_the_same_each_time():
    rows = store_table()
    picked = maps.choose_pictures(rows, "val", 300)
    assert picked["set"].value_counts().to_dict() == {"composites": 4, "forged": 4, "pairs": 1}
    many = pd.concat([rows] * 5 + [rows.assign(source="forge-other")], ignore_index=True)
    few = maps.choose_pictures(many, "val", 4)
    forged = few[few["set"] == "forged"]
    assert forged.source.value_counts().to_dict() == {"forge-ffhq": 2, "forge-other": 2}
    assert few.index.tolist() == maps.choose_pictures(many, "val", 4).index.tolist()
    broken = maps.choose_pictures(rows.assign(error="no_face: none"), "val", 4)
    assert broken.empty


def test_a_pairs_mask_is_where_the_two_differ(store, face):
    _, landmarks = face
    mask = truth.pair_mask_of(store / "edited.png", store / "real.png", landmarks)
    mouth = landmarks[list(REGIONS["mouth"])]
    rows, columns = np.nonzero(mask == EDITED)
    assert np.abs(np.array([columns.mean(), rows.mean()]) * 4 + 2 - mouth.mean(axis=0)).max() < 8
    extent = np.ptp(mouth, axis=0) / 4
    assert 0.6 < (mask == EDITED).sum() / extent.prod() < 2
    assert truth.pair_mask_of(store / "edited.png", store / "real.png", landmarks * (1, 1.2)) is None
    assert truth.pair_mask_of(store / "none.png", store / "real.png", landmarks) is None


def test_what_lies_outside_the_photo_is_not_known():
    mask = truth.into_store(np.ones((100, 100), np.float32), 1.0, np.array([100.0, 100.0]))
    assert (mask[26:49, 26:49] == EDITED).all()
    assert (mask[:25] == UNKNOWN).all() and (mask[:, 50:] == UNKNOWN).all()


def test_all_methods_are_measured_and_written(store, untrained, tmp_path):
    folder = maps.measure_maps(read_release("quick").name, store, "test", 4, tmp_path)
    metrics, run = (json.loads((folder / name).read_text()) for name in ("metrics.json", "run.json"))
    assert set(metrics) == {"val", "test"} and run["pictures"] == {"composites": 4, "forged": 4, "pairs": 1}
    everything = {*METHODS, *BASELINES}
    assert set(metrics["test"]["composites: peak in an edited part"]) == everything | {OUTPUTS}
    assert set(metrics["test"]["forged: AP"]) == set(metrics["test"]["pairs: IoU"]) == everything
    assert metrics["test"]["composites, one region: peak in an edited part"]["mask"]["n"] == 3
    assert metrics["test"]["forged: deletion"]["mask"]["n"] == 1, "one in four"
    undone = metrics["test"][f"forged: {RESTORES}"]
    assert {PARTS, *BASELINES} <= set(undone) and undone[PARTS]["n"] == 4, "each has its original in the store"
    assert not any(RESTORES in measure and "forged" not in measure for measure in metrics["test"])
    peaks = metrics["test"]["forged: peak in an edited part"]["mask"]
    assert peaks["area"] == pytest.approx(12 * 18 / 63**2, abs=1e-4) and 0 <= peaks["chance"] <= 1
    assert set(run["thresholds"]) == everything
    assert run["best"] in METHODS and set(run["cost of a map over a forward pass"]) == set(METHODS)
    table = pd.read_csv(folder / "maps.csv")
    assert len(table) == 2 * (9 * len(everything) + 4) and not {"heatmap", "mask"} & set(table.columns)
    assert "n = 9" in as_text(folder) and "chance" in as_text(folder)
    read = MapFolder.read(folder)
    assert read.figures == metrics["test"] and read.best == run["best"] and len(read.pictures) == len(table)
    mine = read.pictures[(read.pictures["split"] == "test") & (read.pictures["set"] == "composites")]
    for measure in MEASURES:
        stored = metrics["test"].get(f"composites: {measure}", {})
        by_method = by_kind(mine, measure).get("part composite", {})
        stored = {name: figure["value"] for name, figure in stored.items()}
        assert {name: figure["value"] for name, figure in by_method.items()} == pytest.approx(stored, abs=2e-4), measure


def test_what_cannot_be_measured_is_said(store, untrained, tmp_path):
    with pytest.raises(UnknownName, match="test"):
        maps.measure_maps(read_release("quick").name, store, "tset", 4, tmp_path)
    with pytest.raises(UnknownName, match="2026"):
        maps.measure_maps("2026.11-x", store, "test", 4, tmp_path)
    with pytest.raises(BadDataset, match="no edited picture in unseen"):
        kept = KeptBatches(Journal(tmp_path / "none.journal", {}))
        maps.measure_split(load_cascade(read_release("quick").name), Crops.read(store), "unseen", 4, kept)


def test_masks_that_are_not_there_yet_are_made_first(store, untrained, tmp_path, monkeypatch):
    kept = (store / "masks.npy").read_bytes()
    (store / "masks.npy").unlink()
    monkeypatch.setattr(maps.masks, "build_masks", lambda crops: (crops.folder / "masks.npy").write_bytes(kept))
    there = []

    def measured(*_: object) -> None:
        there.append((store / "masks.npy").read_bytes())
        raise KeyboardInterrupt  # what comes after is measured above

    monkeypatch.setattr(maps, "measure_split", measured)
    with pytest.raises(KeyboardInterrupt):
        maps.measure_maps(read_release("quick").name, store, "test", 4, tmp_path)
    assert there == [kept]


@pytest.mark.parametrize("name", ["metrics.json", "run.json"])
def test_a_measurement_that_ends_early_mixes_nothing_with_the_older_one(tmp_path, monkeypatch, name):
    folder, picture = tmp_path / "maps@0123456789", {"heatmap": None, "mask": None, "hit": True}
    folder.mkdir()
    for older in ("maps.csv", "metrics.json", "run.json"):
        (folder / older).write_text("older")
    write = maps.write_json

    def be_killed(path, data):
        if path.name == name:
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(maps, "write_json", be_killed)
    with pytest.raises(KeyboardInterrupt):
        maps.write_maps(folder, pd.DataFrame([picture]), {}, {})
    assert {path.name: path.read_text() for path in folder.iterdir()} == dict.fromkeys(
        ("maps.csv", "metrics.json", "run.json"), "older"
    )
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
