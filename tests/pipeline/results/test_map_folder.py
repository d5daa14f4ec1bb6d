"""Folders of measured maps: read, told apart from damaged ones, and told by kind of edit."""

import json

import numpy as np
import pytest

from pipeline.errors import BadEvaluation
from pipeline.examining.explain import METHODS as METHODS_TRIED
from pipeline.figures.maps import by_kind, passes
from pipeline.results.evaluation import HOME
from pipeline.results.maps import AP, BEATS, MEASURES, OUTPUTS, PEAK, RESTORES, RIGHT, MapFolder, map_folders
from tests.made_up_maps import METHODS, figures, pictures, write_maps


def test_what_was_written_is_read(tmp_path):
    folder = write_maps(tmp_path, "r1")
    found = MapFolder.read(folder)
    assert found.split == "test" and found.best == "gradcam"
    assert set(found.figures[f"composites: {PEAK}"]) == {*METHODS, OUTPUTS}
    assert found.pictures.hit.dtype == bool and found.pictures.regions.iloc[0] == "0101"
    assert map_folders("r1", tmp_path) == [folder] and map_folders("r2", tmp_path) == []


def test_folders_come_oldest_first_whatever_their_names(tmp_path):
    dates = {"maps@f": "2026-11-20T10:00:00Z", "maps@0": "2026-11-30T10:00:00Z", "maps@a": "", "maps@c": "2026-11-25"}
    for name, date in dates.items():
        write_maps(tmp_path, "r1", date=date).rename(tmp_path / "r1" / name)
    (tmp_path / "r1" / "maps@z").mkdir()
    assert [path.name for path in map_folders("r1", tmp_path)] == ["maps@a", "maps@z", "maps@f", "maps@c", "maps@0"]
    assert MapFolder.read(tmp_path / "r1" / "maps@f").revision == "f"


@pytest.mark.parametrize("name", ["run.json", "metrics.json", "maps.csv"])
def test_a_half_written_folder_is_refused(tmp_path, name):
    folder = write_maps(tmp_path, "r1")
    (folder / name).unlink()
    with pytest.raises(BadEvaluation, match=name.replace(".", r"\.")):
        MapFolder.read(folder)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("run.json", "{", "no valid JSON"),
        ("run.json", "[]", "holds no measurement of maps"),
        ("run.json", '{"release": "r"}', "lacks best"),
        ("metrics.json", '{"val": {}}', "another version"),
        ("metrics.json", '{"test": {"forged: AP": {"gradcam": {"n": 3}}}}', "another version"),
        ("metrics.json", '{"test": {"forged: AP": 3}}', "another version"),
        ("maps.csv", "set,kind\na,b\n", "lacks ap"),
        ("maps.csv", "", "cannot be read"),
    ],
)
def test_a_foreign_or_damaged_folder_is_refused(tmp_path, name, text, said):
    folder = write_maps(tmp_path, "r1")
    (folder / name).write_text(text)
    with pytest.raises(BadEvaluation, match=said):
        MapFolder.read(folder)


@pytest.mark.parametrize(("column", "value"), [("hit", "perhaps"), ("ap", "many")])
def test_a_table_whose_values_cannot_be_read_is_refused(tmp_path, column, value):
    folder = write_maps(tmp_path, "r1")
    table = pictures().astype({column: object})
    table.loc[3, column] = value
    table.to_csv(folder / "maps.csv", index=False)
    with pytest.raises(BadEvaluation, match=column):
        MapFolder.read(folder)


def test_kinds_are_told_apart_and_what_was_not_measured_is_left_out():
    table = pictures()
    mine = table[(table["split"] == "test") & (table["set"] == "forged")]
    found = by_kind(mine, PEAK)
    assert set(found) == {"retouch", "face swap"} and set(found["retouch"]) == set(METHODS)
    swaps = mine[(mine.kind == "face swap") & (mine.method == "mask")]
    figure = found["face swap"]["mask"]
    assert figure["value"] == pytest.approx(swaps.hit.mean(), abs=1e-4) and figure["n"] == len(swaps)
    assert figure["low"] <= figure["value"] <= figure["high"] and figure["area"] == 0.1
    assert by_kind(mine, "IoU") == {}, "nowhere measured"


def test_measures_are_taken_from_their_own_columns():
    table = pictures().head(5).assign(hit=True, names=[True, False, True, False, True], ap=[0.5, 0.5, np.nan, 0.7, 0.1])
    table = table.assign(kind="k", group=list("abcde"), method="mask", faithfulness=[1.0, 0.0, np.nan, -1.0, 2.0])
    table = table.assign(restored=[1.0, 0.5, np.nan, -1.0, np.nan])

    def value(measure):
        return by_kind(table, measure)["k"]["mask"]["value"]

    assert (value(PEAK), value(RIGHT)) == (1.0, 0.6)
    assert (value(BEATS), value(AP)) == (0.5, 0.45)
    assert value(RESTORES) == pytest.approx(2 / 3, abs=1e-4)
    assert RIGHT in MEASURES and by_kind(table.assign(method=OUTPUTS), RIGHT) == {}


def test_the_rules_check_asks_for_more_than_half_and_more_than_noise():
    def val(mask, noise):
        told = {"mask": {"value": mask}, "random": {"value": noise}, "gradcam": {"value": None}}
        return {f"forged: {BEATS}": told, "forged: AP": {"mask": {"value": 0.0}}}

    assert passes(val(0.7, 0.6), "mask")
    assert not passes(val(0.7, 0.8), "mask") and not passes(val(0.5, 0.1), "mask")
    assert not passes(val(0.7, 0.1), "gradcam"), "not measured is not passed"
    undone = {f"forged: {RESTORES}": {"mask": {"value": 0.9}, "random": {"value": 0.6}}}
    assert passes(val(0.4, 0.6) | undone, "mask"), "a blur is asked only where no original was at hand"
    undone = {f"forged: {RESTORES}": {"mask": {"value": 0.55}, "random": {"value": 0.6}}}
    assert not passes(val(0.9, 0.6) | undone, "mask")


def test_made_up_figures_have_the_form_that_is_read():
    assert json.loads(json.dumps(figures(pictures())))[f"forged: {AP}"]["mask"]["n"] > 0


@pytest.mark.parametrize("path", sorted(HOME.glob("*/maps@*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_maps_are_read(path):
    found = MapFolder.read(path)
    assert found.figures and found.run["release"] == path.parent.name and len(found.pictures)
    assert found.best in METHODS_TRIED
