"""The page Heatmaps: what it says of good, weak, missing and damaged figures."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from driven import text_of
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.kit.blind_maps import against_blind
from dashboard.views.heatmaps.rows import (
    NOWHERE,
    RIGHT,
    WRONG,
    composites_called_edited,
    grids_of,
    kind_rows,
    kind_table,
    mean_table,
    pointing_of,
)
from dashboard.views.heatmaps.wording import say_pointing
from pipeline.pictures.face_outline import FADE, TRUTH, face_outline
from pipeline.regions import parts_of
from pipeline.results.evaluation import Evaluation
from pipeline.results.maps import AP, DELETION, PEAK
from pipeline.settings import settings
from pipeline.words import maps
from pipeline.words.figures import percent
from tests.made_up_evaluation import predictions
from tests.made_up_maps import composites, write_mapped, write_maps

PAGE = "from dashboard.views.heatmaps import page\npage.render()"
HOSTILE = "<img src=x onerror=alert(1)> **b** [l](http://e.example)"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TELLTALE_EVALUATIONS", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def page():
    test = AppTest.from_string(PAGE, default_timeout=120).run()
    assert not test.exception
    return test


def figure(value, low, high, chance=0.4, n=100):
    return {"value": value, "low": low, "high": high, "chance": chance, "n": n}


def test_without_an_evaluation_it_says_how_to_make_one():
    test = page()
    assert "no evaluation" in test.info[0].value and "evaluate" in test.code[0].value


def test_all_parts_are_drawn(home):
    write_mapped(home)
    write_maps(home)
    test = page()
    said = text_of(test)
    assert "the map’s peak lay in a truly edited part in" in said and "chance reaches" in said
    assert "**Shipped: gradcam.**" in said and "12 composites, 12 forged" in said
    assert "These are few pictures" in said and "Held against maps that never saw the photo" in said
    assert "Right verdict" in said and "Fewer than 20 photos" in said
    assert r"\*blur\* itself raises the score" in said, "the measurement's own note"
    assert "truly edited" in said and not test.error


def test_measures_and_sets_are_chosen(home):
    write_mapped(home)
    write_maps(home)
    test = page()
    test.selectbox(key="maps-set").set_value("forged").run()
    box = next(box for box in test.selectbox if box.label == "Measure")
    assert AP in box.options
    box.set_value(AP).run()
    assert not test.exception and "sort edited from untouched cells" in text_of(test)
    kinds = test.dataframe[0].value
    assert set(kinds["kind of edit"]) == {"retouch", "face swap"} and "gradcam, shipped" in kinds


def test_examples_are_those_where_the_map_is_wrong(home):
    table = composites()
    write_mapped(home, table)
    found = composites_called_edited(table)
    test = page()
    wrong = int((found.points == WRONG).sum())
    assert f"elsewhere in {wrong}" in text_of(test) and wrong > 12
    assert text_of(test).count("Peak: <b>") == 12, "a page at a time"
    test.segmented_control(key="examples-points").set_value(RIGHT).run()
    assert not test.exception
    rights = found[found.points == RIGHT]
    shown = [one for one in rights.id.head(12) if one in text_of(test)]
    assert len(shown) == min(12, len(rights)) and not any(
        one in text_of(test) for one in found.id[found.points != "in an edited part"]
    )


def test_where_the_peak_lies_is_told_apart():
    table = composites().head(6).assign(
        kind="part composite", verdict=["deepfake", "facetune", "facetune", "real", "facetune", "deepfake"],
        regions=["1000", "0011", "1111", "1000", "", "0000"],
        peak_region=["left eye", "left eye", "", "left eye", "nose", "nose"], p_edited=[0.8, 0.9, 0.7, 0.9, 0.9, 0.9],
    )  # fmt: skip
    found = composites_called_edited(table)
    assert list(found.points) == ["elsewhere", "in an edited part", "nowhere"], "surest first; unknown left out"
    assert list(found["edited parts"]) == ["nose, mouth", "left eye", "left eye, right eye, nose, mouth"]


def test_an_evaluation_of_before_mean_maps_says_so(home):
    write_mapped(home, **{"mean maps": None})
    said = text_of(page())
    assert "before mean maps were kept" in said
    assert "were not measured by method yet" in said


def test_photos_without_known_edits_are_said(home):
    table = composites().assign(regions="", heatmap="")
    write_mapped(home, table)
    said = text_of(page())
    assert "no edited photo of which the edited parts are known" in said
    assert "No map was kept" in said and "there is nothing to show" in said


def test_nothing_measured_of_faithfulness_is_said(home):
    write_mapped(home, composites().assign(faithfulness=float("nan")))
    assert "it was not measured whether the maps matter" in text_of(page())


def test_a_damaged_maps_folder_is_told_and_the_rest_is_drawn(home):
    write_mapped(home)
    (write_maps(home) / "metrics.json").write_text("{")
    test = page()
    assert "no valid JSON" in test.error[0].value
    assert "Right verdict" in text_of(test)


def test_a_release_that_does_not_follow_the_rule_is_said(home):
    write_mapped(home)
    write_maps(home, best="mask")
    said = text_of(page())
    assert "**Shipped: gradcam.**" in said and "The release was made with another one." in said


def test_names_from_files_are_never_markup(home):
    table = composites()
    table["source"] = table.source.where(table.label != "facetune", HOSTILE)
    write_mapped(home, table)
    write_maps(home, pictures={HOSTILE: 3}, notes={HOSTILE: HOSTILE})
    test = page()
    test.segmented_control(key="examples-points").set_value(NOWHERE).run()
    said = text_of(test)
    assert not re.search(r"(?<!\\)<img", said) and "&lt;img" in said and r"\*\*b\*\*" in said
    drawn = next(plot for plot in test.get("plotly_chart")).proto.spec
    assert "<img" not in drawn and "&lt;img" in drawn


def test_chance_is_above_below_or_in_between():
    assert maps.against_chance(figure(0.6, 0.5, 0.7)) == "above"
    assert maps.against_chance(figure(0.6, 0.3, 0.7)) == "not told apart from"
    assert maps.against_chance(figure(0.2, 0.1, 0.3)) == "below"
    assert maps.against_chance(figure(None, None, None)) == "not told apart from"


@pytest.mark.parametrize(
    ("told", "said", "advice"),
    [
        (figure(0.6, 0.42, 0.7), "above chance, by a little", "a hint where to look"),
        (figure(0.6, 0.5, 0.7), "above chance.", "a hint where to look"),
        (figure(0.6, 0.3, 0.7), "not told apart from chance.", "no hint that can be relied on"),
        (figure(0.2, 0.1, 0.3), "below chance.", "less often than an answer"),
    ],
)
def test_the_first_sentence_follows_the_numbers(home, told, said, advice):
    key = "ciplab: all, by map"
    write_mapped(home, pointing={key: told, "ciplab: one region, by map": figure(None, None, None, n=0)})
    shown = text_of(page()).replace("\u00a0", " ")
    assert said in shown and advice in shown and "On 100 composites by experts" in shown


def test_maps_that_name_no_place_are_not_counted_as_elsewhere(home):
    table = composites()
    mine = table.index[(table.kind == "part composite") & (table.source == "ciplab")]
    tenth = len(mine) // 10
    told = ["left eye"] * (len(mine) - 4 * tenth) + ["mouth"] * tenth + [""] * (3 * tenth)
    table.loc[mine, ["regions", "peak_region"]] = [["1000", peak] for peak in told]
    write_mapped(home, table, pointing={"ciplab: all, by map": figure(0.6, 0.5, 0.7, n=len(mine))})
    elsewhere, nowhere = (percent(many * tenth / len(mine)) for many in (1, 3))
    assert tenth and elsewhere != nowhere
    said = f"in {elsewhere} of these photos it lay elsewhere, and in {nowhere} the map named no place."
    assert said in text_of(page())


def test_strange_keys_of_the_pointing_game_are_passed_over():
    one = figure(1, 1, 1)
    metrics = {"pointing": {"x": one, "forge-a: all, by map": one, "b: all, by map": one, "a: all, by map": one}}
    rows = predictions(3).assign(
        source=["a", "forge-a", "b"], pair=["", "forge-1", "forge-2"], kind="part composite", label="facetune"
    )
    found = pointing_of(Evaluation(Path(), {}, metrics, rows, None))
    assert [(one.source, one.forged) for one in found] == [("a", False), ("forge-a", True), ("b", True)]
    assert "composites by experts (a)" in say_pointing(found[0])
    assert "composites made by Telltale (b)" in say_pointing(found[2])


def test_photos_that_all_came_out_alike_do_not_tell_a_map_from_chance():
    assert maps.against_chance(figure(1.0, 1.0, 1.0, n=3)) == "not told apart from"


def test_shipped_maps_are_held_against_blind_ones():
    def said(measure, mine, blind):
        return against_blind({"mask": mine, "centre": blind}, measure, "mask")

    assert "no better than" in said(PEAK, figure(0.5, 0.4, 0.6), figure(0.6, 0.5, 0.7))
    assert "intervals overlap" in said(PEAK, figure(0.6, 0.4, 0.7), figure(0.5, 0.4, 0.6))
    assert "better than any map" in said(PEAK, figure(0.9, 0.8, 1.0), figure(0.5, 0.4, 0.6))
    assert "better than any map" in said(DELETION, figure(0.2, 0.1, 0.3), figure(0.5, 0.4, 0.6)), "less is better"
    assert "no better than" in said(DELETION, figure(0.6, 0.5, 0.7), figure(0.5, 0.4, 0.6))
    assert against_blind({"mask": figure(0.5, 0.4, 0.6)}, PEAK, "mask") == ""


def pixels(picture):
    with Image.open(io.BytesIO(picture)) as image:
        return np.asarray(image.convert("RGBA")).astype(int)


def test_one_scale_keeps_its_colours_for_maps_of_one_sign():
    only_for = pixels(face_outline(np.full((16, 16), 1.0), 1.0, FADE))[4, 4]
    against = pixels(face_outline(np.full((16, 16), -1.0), 1.0, FADE))[4, 4]
    assert only_for[0] > only_for[2] and against[2] > against[0] and only_for[3] == against[3] == 255
    weak = pixels(face_outline(np.full((16, 16), 1.0), 10.0, FADE))[4, 4]
    assert 0 < weak[3] < 80, "a weak map looks weak"


def test_nothing_is_painted_where_nothing_is_known():
    for grid in (None, np.full((16, 16), np.nan), np.zeros((16, 16))):
        assert pixels(face_outline(grid, 1.0, FADE))[4, 4, 3] == 0
    assert pixels(face_outline(np.ones((16, 16)), 0.0, FADE))[4, 4, 3] == 0


def test_truly_edited_parts_are_outlined():
    green = np.array(TRUTH)

    def columns(parts):
        found = pixels(face_outline(None, 1.0, FADE, parts))
        return np.nonzero((np.abs(found[..., :3] - green).sum(axis=2) < 30) & (found[..., 3] > 200))[1]

    assert not len(columns([])) and columns(["left eye"]).max() < 96 < columns(["right eye"]).min()
    assert parts_of("0101") == ("right eye", "mouth")


def test_what_is_saved_is_what_is_drawn(home):
    path = write_mapped(home)
    found = json.loads((path / "metrics.json").read_text())["mean maps"]["all"]

    grids = grids_of(found, "even")
    table = mean_table(found, grids, "even")
    assert len(table) == 256 * len(grids) and table.n.min() >= 20


def test_kinds_of_edit_stand_beside_the_blind_maps():
    one = figure(0.6, 0.5, 0.7) | {"area": 0.1}
    kinds = {"swap": {"mask": one, "centre": one, "gradcam": one}, "paint": {"gradcam": one}}
    (row,) = kind_rows(kinds, PEAK, "mask")
    assert row["kind of edit"] == "swap" and row["edited share of the crop"] == "10 %"
    assert {"mask, shipped", "centre (blind)"} < set(row) and not any("gradcam" in name for name in row)
    assert list(kind_table(kinds, PEAK).kind) == ["swap", "swap", "swap", "paint"]
