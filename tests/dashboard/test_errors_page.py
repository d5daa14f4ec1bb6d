"""The page Errors as an analyst meets it, on made-up evaluations, with and without the photos."""

import hashlib
import json
import shutil

import driven
import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import write_evaluation
from streamlit.testing.v1 import AppTest
from synthetic_run import HOSTILE, face, heatmap, png_bytes

from dashboard.session import evaluated_copies, evaluated_photos, examined_photos, neighbours
from dashboard.views.errors.board import PAGE, Board
from models.release import read_release
from pipeline.casebook.engine import Database, database_url
from pipeline.casebook.tags import Tag, Tags
from pipeline.figures.what_if import VERDICTS
from pipeline.results.canonical import pack_grid
from pipeline.results.evaluation import Evaluation
from pipeline.results.neighbours import Neighbours
from pipeline.settings import settings

SCRIPT = "from dashboard.views.errors import page\npage.render()"
N = 120


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One evaluation, made once; each test gets its own copy."""
    return write_evaluation(tmp_path_factory.mktemp("made"), N)


@pytest.fixture
def evaluations(tmp_path, setting, written):
    folder = tmp_path / "evaluations"
    setting(home=tmp_path / "home", evaluations=folder)
    shutil.copytree(written, folder / written.parent.name / written.name)
    return folder


@pytest.fixture
def path(evaluations, written):
    return evaluations / written.parent.name / written.name


def changed(path, **columns):
    """Write other values into the first rows of the predictions."""
    file = path / "predictions.csv"
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    for name, values in columns.items():
        table.loc[: len(values) - 1, name] = list(map(str, values))
    table.to_csv(file, index=False)
    return table


def opened(**query):
    test = AppTest.from_string(SCRIPT, default_timeout=300)
    for name, value in query.items():
        test.query_params[name] = str(value)
    return again(test)


def again(test):
    test.run()
    assert not test.exception
    return test


def pressed(test, key):
    test.button(key=key).click()
    return again(test)


def text_of(test):
    """All that is said, as it is read: what is escaped in markdown is read as itself."""
    return driven.text_of(test).replace("\\", "")


def address(test, name):
    """What a name stands for in the page's address; None where it is not there."""
    value = test.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def cards(test):
    return [one.key.removeprefix("open-") for one in test.button if one.key.startswith("open-")]


def counted(test):
    """The matrix as it stands on the buttons."""
    cells = {one.key.removeprefix("cell-"): one.label for one in test.button if one.key.startswith("cell-")}
    return {name: int(label.split("**")[1].replace("\u202f", "")) for name, label in cells.items()}


def band(test, stage):
    return next(one for one in test.slider if one.key.endswith(f"-{stage}"))


def pills(test, facet):
    return next(one for one in test.button_group if one.key.endswith(f"-{facet}"))


def test_without_an_evaluation_the_page_says_how_to_make_one(tmp_path, setting):
    setting(home=tmp_path, evaluations=tmp_path / "none")
    test = opened()
    assert "no evaluation" in text_of(test) and "pipeline evaluate" in test.code[0].value


def test_half_written_foreign_and_other_folders_are_named_and_pass_by(path, evaluations):
    (path / "run.json").unlink()
    foreign = evaluations / "other" / "test@0000000000"
    foreign.mkdir(parents=True)
    (foreign / "run.json").write_text(json.dumps({"format": 1, "release": "other"}))
    test = opened()
    assert "no evaluation" in text_of(test) and "format 1" in text_of(test)


def test_a_predictions_file_of_another_version_is_said_in_its_place(path):
    table = pd.read_csv(path / "predictions.csv", dtype=str)
    table.drop(columns="ita").to_csv(path / "predictions.csv", index=False)
    with pytest.raises(Exception, match="another version"):
        Evaluation.read(path)
    test = AppTest.from_string(
        "from dashboard.kit.messages import showing_errors\nwith showing_errors():\n"
        f"    {SCRIPT.replace(chr(10), chr(10) + '    ')}",
        default_timeout=300,
    ).run()
    assert not test.exception and "another version" in test.error[0].value


def test_the_matrix_shows_what_was_measured_and_a_page_of_photos(path):
    test, shown = opened(), Evaluation.read(path)
    expected = shown.predictions.groupby(["label", "verdict"]).size()
    found = counted(test)
    assert len(found) == 12 and sum(found.values()) == N
    assert {name: n for name, n in found.items() if n} == {"-".join(cell): n for cell, n in expected.items()}
    assert len(cards(test)) == PAGE
    assert "fake" not in text_of(test).lower().replace("deepfake", "") and "authentic" not in text_of(test)


def test_a_cell_opens_its_photos_and_stays_open_on_a_reload(path):
    table = Evaluation.read(path).predictions
    test = pressed(opened(), "cell-deepfake-real")
    mine = set(table.id[(table.label == "deepfake") & (table.verdict == "real")])
    assert mine and set(cards(test)) == mine
    assert address(test, "cell") == "deepfake-real"
    assert set(cards(opened(**{name: address(test, name) for name in test.query_params}))) == mine
    assert len(cards(pressed(test, "all-cells"))) == PAGE and "cell" not in test.query_params
    assert set(cards(pressed(pressed(test, "cell-deepfake-real"), "cell-deepfake-real"))) != mine


def test_nonsense_in_the_address_is_passed_over(path):
    test = opened(cell="<b>-x", page="99999", evaluation="../../etc/passwd")
    assert len(cards(test)) == PAGE and address(test, "evaluation").endswith("/test")
    assert "There is no photo" in error_of(evaluated="<b>nonsense</b>")


def error_of(**query):
    test = AppTest.from_string("from dashboard.kit.messages import showing_errors\nwith showing_errors():\n"
                               f"    {SCRIPT.splitlines()[0]}\n"
                               "    page.render()", default_timeout=300)  # fmt: skip
    for name, value in query.items():
        test.query_params[name] = value
    again(test)
    return test.error[0].value


def test_the_page_of_the_gallery_stands_in_the_address(path):
    first, last = opened(), opened(page="10")
    assert len(cards(last)) == PAGE and not set(cards(first)) & set(cards(last))
    assert set(cards(opened(page="77"))) == set(cards(last))


def test_thresholds_move_matrix_rates_and_gallery_and_leave_the_release_alone(path):
    before = {one.name: one.read_bytes() for one in path.iterdir()}
    test = opened()
    own = counted(test)
    assert "These are the release's thresholds" in text_of(test)
    band(test, "edited").set_value((0.1, 0.2))
    moved = counted(again(test))
    assert sum(moved.values()) == N and moved != own
    assert "not the release's thresholds" in text_of(test)
    table = Evaluation.read(path).predictions
    assert sum(n for name, n in moved.items() if name.endswith("-real")) == int((table.p_edited < 0.1).sum())
    assert counted(pressed(test, "bands-reset")) == own
    assert {one.name: one.read_bytes() for one in path.iterdir()} == before


def test_the_second_stage_s_band_moves_kinds_only(path):
    test = opened()
    own = counted(test)
    band(test, "deepfake").set_value((0.0, 0.0))
    moved = counted(again(test))
    assert sum(n for name, n in moved.items() if name.endswith("-facetune")) == 0
    assert [n for name, n in moved.items() if name.endswith("-real")] == [
        n for name, n in own.items() if name.endswith("-real")
    ]


def test_filters_count_leave_and_can_be_taken_away(path):
    table, test = Evaluation.read(path).predictions, opened()
    pills(test, "source").set_value(["dfdc"])
    again(test)
    assert sum(counted(test).values()) == int((table.source == "dfdc").sum())
    assert "source: dfdc" in text_of(test)
    shown = sum(int(one.rpartition(" · ")[2]) for one in pills(test, "kind").options)
    assert shown == (table.source == "dfdc").sum(), "counted as chosen now, not as chosen before"
    pills(test, "kind").set_value(["retouch"])
    assert sum(counted(again(test)).values()) == int(((table.source == "dfdc") & (table.kind == "retouch")).sum())
    assert sum(counted(pressed(test, "filters-reset")).values()) == N


def test_filters_that_leave_nothing_say_so(path):
    test = opened()
    pills(test, "kind").set_value(["camera"])
    pills(test, "tag").set_value(["fixed"])
    again(test)
    assert not cards(test) and "No photo is here" in text_of(test) and "no edited photo" in text_of(test)


def test_every_order_draws_a_gallery(path):
    test = opened()
    for sort in test.selectbox(key="errors-sort").options:
        test.selectbox(key="errors-sort").set_value(sort)
        assert len(cards(again(test))) == PAGE, sort
    assert "saved again in 2 ways" not in text_of(test)
    test.selectbox(key="errors-sort").set_value("Turns when saved again first")
    assert "saved again in 2 ways" in text_of(again(test))


def test_an_evaluation_of_real_photos_only_has_empty_rows_and_no_invented_rate(path):
    table = pd.read_csv(path / "predictions.csv", dtype=str, keep_default_na=False)
    table = table[table.label == "real"]
    table.to_csv(path / "predictions.csv", index=False)
    run = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(run | {"n": len(table)}))
    test = opened()
    assert counted(test)["deepfake-deepfake"] == 0 and test.button(key="cell-deepfake-deepfake").disabled
    assert "<td>–</td>" in text_of(test)


def test_an_evaluation_without_photos_or_thresholds_says_so(path):
    table = pd.read_csv(path / "predictions.csv", dtype=str, keep_default_na=False)
    table.head(0).to_csv(path / "predictions.csv", index=False)
    run = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(run | {"n": 0}))
    assert "holds no photo" in text_of(opened())
    (path / "run.json").write_text(json.dumps({name: run[name] for name in run if name != "thresholds"} | {"n": 0}))
    assert "thresholds" in error_of()


def test_a_photo_opens_and_next_previous_and_back_keep_the_order(path):
    test = opened(cell="real-real")
    order = cards(test)
    pressed(test, f"open-{order[0]}")
    assert address(test, "evaluated") == order[0] and test.button(key="previous").disabled
    assert order[0] in text_of(test) and "kept no features of its photos" in text_of(test)
    pressed(test, "next")
    assert address(test, "evaluated") == order[1]
    pressed(test, "next")
    pressed(test, "previous")
    assert address(test, "evaluated") == order[1]
    assert cards(pressed(test, "back")) == order and "evaluated" not in test.query_params


def test_a_photo_stays_open_on_a_reload_with_the_order_of_its_cell(path):
    matrix = opened(cell="deepfake-deepfake")
    order = cards(matrix)
    test = opened(cell="deepfake-deepfake", evaluated=order[1])
    assert f"Photo 2 of {counted(matrix)['deepfake-deepfake']}" in text_of(test)
    pressed(test, "next")
    assert address(test, "evaluated") == order[2]


def test_back_leads_to_the_page_that_the_photo_is_on(path):
    test = opened(page="2")
    there = cards(test)
    pressed(test, f"open-{there[-1]}")
    assert address(test, "page") == "2"
    pressed(test, "next")
    pressed(test, "back")
    assert address(test, "page") == "3" and not set(cards(test)) & set(there)


def test_an_opened_photo_says_what_its_thresholds_and_tiers_say(path):
    table = Evaluation.read(path).predictions
    photo = table.id[(table.verdict == "real")].iloc[0]
    test = opened()
    band(test, "edited").set_value((0.0, 0.0))
    again(test)
    state_of = [one for one in cards(test)]
    pressed(test, f"open-{state_of[0]}")
    assert "Under the thresholds being tried" in text_of(test)
    fresh = opened(evaluated=photo)
    assert "Stage 2 was not asked" in text_of(fresh) and "being tried" not in text_of(fresh)
    assert all(way in text_of(fresh) for way in ("as it is", "768 px, JPEG 60", "512 px, JPEG 40"))


def test_what_is_edited_and_what_is_broken_is_said(path):
    table = changed(path, regions=["1010", "0000", ""], heatmap=["", "nonsense"], peak=[""], p_edited=["0.9", ""])
    said = [text_of(opened(evaluated=photo)) for photo in table.id[:3]]
    assert "edited: left eye, nose" in said[0] and "none was stored" in said[0]
    assert "None of the four parts" in said[1] and "no packed map" in said[1] and "No score is stored" in said[1]
    assert "not known which parts" in said[2]
    assert len(cards(opened())) == PAGE


def test_a_map_is_never_read_the_wrong_way_round(path):
    """The same colours stand for “for” and for “against” where a map has one sign only: the words must tell."""
    grids = [np.full((16, 16), 0.1), np.full((16, 16), -0.1), np.linspace(-0.1, 0.1, 256).reshape(16, 16)]
    grids[0][3, 3], grids[1][3, 3] = 0.2, -0.2
    table = changed(path, heatmap=[pack_grid(grid) for grid in grids], peak=[0.2, -0.1, 0.1], label=["real"] * 3,
                    verdict=["deepfake"] * 3)  # fmt: skip
    said = [text_of(opened(evaluated=photo)) for photo in table.id[:3]]
    assert ["Every part speaks for" in one for one in said] == [True, False, False]
    assert ["speaks **against**" in one for one in said] == [False, True, False]
    assert ["blue against" in one for one in said] == [False, False, True]
    assert text_of(opened(cell="real-deepfake")).count("every part speaks against") >= 1


def test_a_map_of_where_it_was_edited_is_not_called_one_of_where_stage_1_looked(path):
    table = changed(path, map_method=["parts", "gradcam"])
    said = [text_of(opened(evaluated=photo)) for photo in table.id[:2]]
    assert ["Where stage 1 holds it edited" in one for one in said] == [True, False]
    assert ["Where stage 1 looked" in one for one in said] == [False, True]


def test_verdicts_that_turn_are_marked(path):
    tiers = pd.read_csv(path / "tiers.csv", dtype=str, keep_default_na=False)
    photo = tiers.id[0]
    tiers.loc[tiers.id == photo, "verdict"] = ["real", "real", "deepfake"]
    tiers.loc[tiers.id == photo, "p_deepfake"] = ["", "", "0.9"]
    tiers.to_csv(path / "tiers.csv", index=False)
    said = text_of(opened(evaluated=photo))
    assert said.count("(turned)") == 1 and "Deepfake (turned)" in said and "<td>–</td>" in said


def test_hostile_words_from_files_stay_words(path):
    table = changed(path, kind=[HOSTILE], source=[HOSTILE], group=[HOSTILE], label=["real"], verdict=["deepfake"])
    Tags(Database(database_url())).put(Tag(table.id[0], "fixed", HOSTILE))
    for test in (opened(cell="real-deepfake"), opened(evaluated=table.id[0])):
        bodies = "\n".join(str(getattr(part, "value", None) or getattr(part, "body", "")) for part in test.html)
        assert "<img src=x" not in bodies and "\u202e" not in bodies
        assert not any("**b**" in part.value for part in (*test.markdown, *test.caption))


def test_tags_are_set_noted_taken_away_and_put_back(path):
    photo = Evaluation.read(path).predictions.id[0]
    kept = Tags(Database(database_url()))
    test = pressed(opened(evaluated=photo), "tag-2")
    assert [(one.photo, one.tag, one.dataset) for one in kept.all()] == [(photo, "interesting", "test")]
    test.text_input[0].set_value("look at the hair")
    again(test)
    assert [one.note for one in kept.all()] == ["look at the hair"]
    pressed(test, "tag-1")
    assert {one.tag for one in kept.all()} == {"interesting", "label suspect"}
    pressed(test, "tag-2")
    assert [one.tag for one in kept.all()] == ["label suspect"] and "was taken away" in text_of(test)
    pressed(test, "tag-undo")
    assert {one.note for one in kept.all()} == {"look at the hair", ""} and "was taken away" not in text_of(test)


def test_a_note_written_elsewhere_meanwhile_is_not_written_over(path):
    photo = Evaluation.read(path).predictions.id[0]
    kept = Tags(Database(database_url()))
    test = pressed(opened(evaluated=photo), "tag-2")
    kept.put(Tag(photo, "interesting", "of another session", at="2026-01-01T00:00:00Z"))
    assert again(test).text_input[0].value == "of another session"
    assert [one.note for one in kept.all()] == ["of another session"]


def test_tags_are_shown_and_filtered_by_in_the_gallery(path):
    photo = Evaluation.read(path).predictions.id[5]
    Tags(Database(database_url())).put(Tag(photo, "label suspect", "why"))
    test = opened()
    pills(test, "tag").set_value(["label suspect"])
    assert cards(again(test)) == [photo]
    assert "⚑ label suspect: why" in text_of(test) and len(test.dataframe[-1].value) == 1


def test_a_damaged_casebook_is_said_and_the_page_goes_on(path):
    settings().home.mkdir()
    (settings().home / "casebook.sqlite").write_bytes(b"damaged " * 500)
    test = opened()
    assert "casebook" in test.error[0].value and len(cards(test)) == PAGE
    photo = pressed(test, f"open-{cards(test)[0]}")
    assert "casebook" in photo.error[0].value
    assert "casebook" in pressed(photo, "tag-1").error[0].value


# --- with photos -------------------------------------------------------------------------------------------------


@pytest.fixture
def data(path, tmp_path, setting):
    """Three photos in a data folder: a camera's, the original of a forged edit, and one that will change."""
    folder = tmp_path / "data"
    folder.mkdir()
    files = [png_bytes(shade) for shade in (40, 120, 200)]
    for number, data in enumerate(files):
        (folder / f"{number}.png").write_bytes(data)
    hashes = [hashlib.sha256(data).hexdigest() for data in files]
    changed(path, sha256=hashes, source=["dfdc", "forge-dfdc", "dfdc"], label=["real"] * 3, verdict=["deepfake"] * 3)
    setting(data=folder)
    return folder


def looked(**query):
    """Open the page after the folder was looked through."""
    evaluated_photos.search().wait(60)
    return opened(**query)


def test_photos_on_this_machine_are_shown_and_originals_marked(path, data):
    table = Evaluation.read(path).predictions
    test = looked(cell="real-deepfake")
    assert "3 of 120 photos, or their originals" in text_of(test)
    assert text_of(test).count('<img src="data:image/jpeg') >= 3
    assert "The original of the edit" in text_of(test)
    plain, forged = (looked(evaluated=table.id[number]) for number in (0, 1))
    assert "0.png" in text_of(plain) and "forged from the original shown" not in text_of(plain)
    assert "forged from the original shown" in text_of(forged) and not forged.toggle


def test_a_photo_that_changed_since_is_said_and_not_shown(path, data):
    photo = Evaluation.read(path).predictions.id[2]
    assert "2.png" in text_of(looked(evaluated=photo))
    (data / "2.png").write_bytes(png_bytes(77))
    test = looked(evaluated=photo)
    assert "has changed since" in text_of(test)
    assert "has changed since" in text_of(looked(cell="real-deepfake"))
    (data / "2.png").unlink()
    assert "The photo is not in" in text_of(looked(evaluated=photo))


def test_a_folder_that_is_gone_is_said(path, tmp_path, setting):
    setting(data=tmp_path / "gone")
    assert "cannot be read as a folder" in text_of(looked())


def test_without_a_folder_the_page_says_where_to_name_one(path):
    assert "under Settings" in text_of(opened())
    assert "no folder of labelled photos" in text_of(opened(evaluated=Evaluation.read(path).predictions.id[0]))


def test_the_maps_of_both_stages_are_drawn_on_the_photo_when_asked_for(path, data, monkeypatch):
    asked = []

    def made(sha256, face, question, release):
        asked.append((question.stage, question.label, release))
        return heatmap(label=question.label, stage=question.stage)

    monkeypatch.setattr(evaluated_copies, "find_faces", lambda photo: [face(None).face])
    monkeypatch.setattr(examined_photos, "asked_map", made)
    photo = Evaluation.read(path).predictions.id[0]
    test = looked(evaluated=photo)
    assert not asked
    test.toggle[0].set_value(True)
    again(test)
    release = read_release().name
    assert set(asked) == {("edited", "edited", release), ("edited", "real", release),
                          ("deepfake", "deepfake", release), ("deepfake", "facetune", release)}  # fmt: skip
    assert "no heatmap can be made" not in text_of(test)


def test_without_a_face_no_map_is_offered(path, data, monkeypatch):
    monkeypatch.setattr(evaluated_copies, "find_faces", lambda photo: [])
    test = looked(evaluated=Evaluation.read(path).predictions.id[0])
    assert "no heatmap can be made" in text_of(test) and not test.toggle


def test_the_nearest_photos_are_shown_and_open(path, monkeypatch):
    class Index:
        def of(self, row, k, kin):
            return [(number, number / 100) for number in range(row + 1, row + 1 + k)]

    monkeypatch.setattr(Neighbours, "read", classmethod(lambda cls, folder: Index()))
    table = Evaluation.read(path).predictions
    neighbours._neighbours.clear()
    test = opened(evaluated=table.id[0])
    near = [one.key.removeprefix("near-") for one in test.button if one.key.startswith("near-")]
    assert near == list(table.id[1:7]) and "distance 0.030" in text_of(test)
    assert address(pressed(test, f"near-{near[2]}"), "evaluated") == near[2]
    neighbours._neighbours.clear()


# --- where photos lie ------------------------------------------------------------------------------------------------


def settings_page():
    return again(AppTest.from_string("from dashboard.views.settings import page\npage.render()", default_timeout=300))


def test_a_folder_is_named_on_the_settings_page(home, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one.png").write_bytes(png_bytes())
    test = settings_page()
    test.text_input(key="data-folder-text").set_value(str(tmp_path / "nowhere"))
    submit(test)
    assert "There is no folder" in test.error[0].value
    test.text_input(key="data-folder-text").set_value(str(tmp_path / "data"))
    submit(test)
    evaluated_photos.search().wait(60)
    assert "1 different pictures are known" in text_of(again(test))


def submit(test):
    next(one for one in test.button if one.label == "Use this folder").click()
    return again(test)


def test_the_environment_s_folder_wins_and_is_said(home, setting, tmp_path):
    setting(data=tmp_path)
    test = settings_page()
    assert test.text_input(key="data-fixed").disabled and "TELLTALE_DATA" in text_of(test)


def test_a_board_of_twenty_thousand_fits_the_page(tmp_path, setting, written):
    """The slider's reaction is measured in the browser; here, that nothing on the way grows with the photos drawn."""
    folder = tmp_path / "evaluations" / "large" / "test@0123456789"
    shutil.copytree(written, folder)
    setting(home=tmp_path / "home", evaluations=tmp_path / "evaluations")
    table = pd.read_csv(folder / "predictions.csv", dtype=str, keep_default_na=False)
    large = pd.concat([table] * 167, ignore_index=True).head(20_000)
    large.assign(id=[f"{i:016x}" for i in range(20_000)]).to_csv(folder / "predictions.csv", index=False)
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(run | {"n": 20_000}))
    test = opened()
    assert sum(counted(test).values()) == 20_000 and len(cards(test)) == PAGE
    assert Board.of(Evaluation.read(folder)).count == 20_000 and np.isin("inconclusive", VERDICTS)
