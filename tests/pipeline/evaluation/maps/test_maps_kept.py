"""A killed measurement of maps goes on where it was, with what is still so; and nothing is replaced unasked."""

import json

import pandas as pd
import pytest

from models.release import read_release
from pipeline.crops.crops import Crops
from pipeline.crops.journal import Journal
from pipeline.errors import WouldOverwrite
from pipeline.evaluation.maps import measure as maps
from pipeline.evaluation.maps.kept import KeptBatches
from pipeline.results.maps import MapFolder
from tests.pipeline.evaluation.map_examples import killed_at

pytestmark = pytest.mark.usefixtures("quick")


def test_a_killed_measurement_goes_on_where_it_was(store, untrained, tmp_path, monkeypatch):
    """Whatever was being measured; what is written is what it would have been."""
    name = read_release("quick").name
    monkeypatch.setattr(maps, "BATCH", 4)
    monkeypatch.setattr(maps, "methods_of", lambda _: ("mask",))
    whole = maps.measure_maps(name, store, "test", 4, tmp_path / "whole")
    begun = killed_at(5, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        maps.measure_maps(name, store, "test", 4, tmp_path / "killed")
    assert not list((tmp_path / "killed").rglob("*.json"))
    folder = maps.measure_maps(name, store, "test", 4, tmp_path / "killed")
    assert len(begun) == 5 + 2 and not list(store.glob("maps-*"))
    for file in ("maps.csv", "metrics.json"):
        assert (folder / file).read_bytes() == (whole / file).read_bytes()
    first, second = (json.loads((path / "run.json").read_text()) for path in (whole, folder))
    assert second.pop("batches of an earlier, killed call") == 4 and first.keys() == second.keys()
    differ = {"seconds", "date", "cost of a map over a forward pass"}
    assert all(first[key] == second[key] for key in first.keys() - differ)


def test_maps_measured_for_another_number_of_pictures_are_measured_anew(store, untrained, tmp_path, monkeypatch):
    """How many are asked for decides which of them are blurred."""
    monkeypatch.setattr(maps, "methods_of", lambda _: ("mask",))
    name, begun = read_release("quick").name, killed_at(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        maps.measure_maps(name, store, "test", 4, tmp_path)
    folder = maps.measure_maps(name, store, "test", 5, tmp_path)
    run = json.loads((folder / "run.json").read_text())
    assert len(begun) == 2 + 2 and "batches of an earlier, killed call" not in run


def test_maps_of_pictures_of_which_other_facts_are_known_are_measured_anew(store, untrained, tmp_path, monkeypatch):
    """A table keeps its revision where groups or sources are put right, and batches hold them."""
    monkeypatch.setattr(maps, "methods_of", lambda _: ("mask",))
    name, begun, table = read_release("quick").name, killed_at(2, monkeypatch), store / "crops.parquet"
    with pytest.raises(KeyboardInterrupt):
        maps.measure_maps(name, store, "test", 4, tmp_path)
    pd.read_parquet(table).assign(group=lambda rows: rows.group + "-other").to_parquet(table)
    folder = maps.measure_maps(name, store, "test", 4, tmp_path)
    assert len(begun) == 2 + 2 and MapFolder.read(folder).pictures.group.str.endswith("-other").all()


def test_batches_are_known_by_their_pictures(tmp_path):
    kept, row = KeptBatches(Journal(tmp_path / "maps.journal", {})), {"heatmap": None, "mask": None}
    assert kept.get("val", ["a", "b"], lambda _: [row | {"hit": 1}]) == [row | {"hit": 1}]
    again = KeptBatches(Journal(tmp_path / "maps.journal", {}))
    for what, pictures, hit in (("val", ["a", "b"], 1), ("val", ["a", "c"], 2), ("test", ["a", "b"], 3)):
        assert again.get(what, pictures, lambda _, hit=hit: [row | {"hit": hit}]) == [row | {"hit": hit}]


def test_a_measurement_of_another_split_is_not_replaced(store, untrained, tmp_path, monkeypatch):
    name = read_release("quick").name
    folder = tmp_path / "evaluations" / name / f"maps@{Crops.read(store).revision}"
    folder.mkdir(parents=True)
    monkeypatch.setattr(maps, "measure_split", lambda *_: pytest.fail("work was done"))
    (folder / "run.json").write_text(json.dumps({"split": "test"}))
    with pytest.raises(WouldOverwrite, match=f"{folder.name} holds the maps measured on split 'test'"):
        maps.measure_maps(name, store, "val", 4, tmp_path)
    assert not list(store.glob("maps-*"))


@pytest.mark.parametrize("there", ['{"split": "val"}', '{"split": "test"}', "{", "{}"])
def test_validation_the_same_split_and_what_is_damaged_are_replaced(store, untrained, tmp_path, monkeypatch, there):
    """Validation's figures are in every measurement: nothing is lost."""
    name = read_release("quick").name
    folder = tmp_path / "evaluations" / name / f"maps@{Crops.read(store).revision}"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(there)

    def begun(*_: object) -> None:
        raise KeyboardInterrupt  # what comes after is measured above

    monkeypatch.setattr(maps, "measure_split", begun)
    with pytest.raises(KeyboardInterrupt):
        maps.measure_maps(name, store, "test", 4, tmp_path)
