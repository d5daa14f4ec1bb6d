import time

import pytest
from driven import text_of
from streamlit.testing.v1 import AppTest
from synthetic_run import HOSTILE, VERDICTS, add, face, heatmap, mixed_run, png_bytes

from dashboard.session.samples import samples
from models.release import read_release
from pipeline.casebook.runs import Runs
from pipeline.errors import UnreadablePhoto
from pipeline.examining.questions import Question
from pipeline.intake import Item
from pipeline.settings import PROJECT, settings


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path))
    monkeypatch.setenv("TELLTALE_RELEASE", "quick")
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def app(**query):
    test = AppTest.from_file(str(PROJECT / "dashboard" / "app.py"), default_timeout=120)
    for name, value in query.items():
        test.query_params[name] = str(value)
    test.run()
    assert not test.exception
    return test


def pressed(test, key):
    test.button(key=key).click().run()
    assert not test.exception
    return test


def finished(test, seconds=240):
    until = time.monotonic() + seconds
    while "done." not in text_of(test):
        assert time.monotonic() < until, text_of(test)
        time.sleep(0.5)
        test.run()
        assert not test.exception
    return test


def test_an_empty_page_says_what_to_do_first():
    test = app()
    assert "Start here" in text_of(test)
    assert test.button(key="examine").disabled
    assert "Try all samples" in test.button(key="all-samples").label


def test_the_newest_release_is_chosen_where_none_is_named(monkeypatch):
    assert app().selectbox(key="release").value == read_release("quick").name
    monkeypatch.delenv("TELLTALE_RELEASE")
    settings.cache_clear()
    assert app().selectbox(key="release").value == read_release().name


def test_photos_are_uploaded_examined_and_shown():
    test = app()
    photo = samples()[0].path.read_bytes()
    files = [("a.jpg", photo, "image/jpeg"), ("b.jpg", b"%PDF-1.4", "image/jpeg"), ("c.jpg", photo, "image/jpeg")]
    test.file_uploader(key="files-0").set_value(files).run()
    assert test.button(key="examine").label == "Examine 3 files"
    finished(pressed(test, "examine"))
    said = text_of(test)
    assert "Could not be examined: 1" in said and "looks like a PDF document" in said
    assert "the same file again: a.jpg" in said and "2 of 2 examined photos" in said
    assert test.query_params["run"]
    assert test.file_uploader(key="files-1").value == []
    assert [entry.name for entry in Runs().open(test.query_params["run"]).inputs()] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_shared_address_shows_the_same_results(home):
    run = mixed_run(home)
    said = text_of(app(run=run.id))
    assert "6 of 6 examined photos, most suspicious first" in said
    assert said.index("deepfake.png") < said.index("inconclusive.png") < said.index("real.png")


def test_a_hostile_name_is_never_markup(home):
    run = mixed_run(home)
    said = text_of(app(run=run.id))
    assert "<img" not in said and "&lt;img src=x" in said
    index = next(entry.index for entry in run.inputs() if entry.name == HOSTILE)
    test = app(run=run.id, photo=index)
    assert "<img" not in text_of(test) and "no face was found" in text_of(test)


def test_verdicts_are_filtered(home):
    test = app(run=mixed_run(home).id)
    test.pills(key="labels").set_value(["real"]).run()
    assert "1 of 6 examined photos" in text_of(test)
    test.slider(key="least").set_value(0.5).run()
    assert "No photo passes these filters" in text_of(test)


def test_results_as_a_table(home):
    test = app(run=mixed_run(home).id)
    test.segmented_control(key="view").set_value("Table").run()
    frame = test.dataframe[0].value
    assert frame["name"].iloc[0] == "deepfake.png" and len(frame) == 6


def test_a_photo_is_opened_read_and_closed(home):
    run = mixed_run(home)
    test = pressed(app(run=run.id), "open-0")
    said = text_of(test)
    assert test.query_params["photo"] == "0"
    assert "Indications of facetune-style retouching" in said and "An indication, not proof" in said
    assert "Peak +0.5 logit" in said and test.code[0].value == run.results()[0]["sha256"]
    assert "Photo 2 of 6" in said
    pressed(test, "next")
    assert test.query_params["photo"] == "5"
    pressed(test, "back")
    assert "photo" not in test.query_params and "examined photos" in text_of(test)


NEAREST = 6
"""Pictures of the nearest labelled photos, under an opened one."""


@pytest.mark.parametrize("view", ["Overlay", "Original", "Side by side"])
def test_a_photo_is_looked_at_in_every_way(home, view):
    test = app(run=mixed_run(home).id, photo=0)
    test.segmented_control(key="look").set_value(view).run()
    test.toggle(key="zoom").set_value(True).run()
    assert not test.exception
    assert len(test.image) == (2 if view == "Side by side" else 1) + NEAREST


def test_a_stage_that_did_not_run_is_said(home):
    run = mixed_run(home)
    index = next(entry.index for entry in run.inputs() if entry.name == "real.png")
    assert "Stage 2 did not run" in text_of(app(run=run.id, photo=index))


def test_several_faces_are_told_apart(home):
    run = Runs(home).create(read_release("quick").name)
    faces = [face(VERDICTS["real"], [heatmap(label="real", stage="edited")]), face(VERDICTS["deepfake"], [heatmap()])]
    add(run, "two.png", faces)
    test = app(run=run.id, photo=0)
    assert "Face 2 of 2" in text_of(test) and "Indications of a deepfake" in text_of(test)
    test.selectbox(key=f"face-{run.id}-0-0").set_value(0).run()
    assert "No indication of editing found" in text_of(test) and len(test.dataframe[0].value) == 2


def test_another_map_is_made_on_request(home):
    test = app()
    test.file_uploader(key="files-0").set_value([("a.jpg", samples()[0].path.read_bytes(), "image/jpeg")]).run()
    finished(pressed(test, "examine"))
    pressed(test, "open-0")
    box = next(box for box in test.selectbox if box.label == "Map of what speaks for")
    shown = text_of(test)
    box.set_value(Question("deepfake", "deepfake")).run()
    assert not test.exception
    assert "“a deepfake”" in text_of(test) and text_of(test) != shown


def test_a_run_that_was_interrupted_can_go_on(home):
    run = mixed_run(home)
    run.add(Item("late.png", png_bytes(77)))
    test = app(run=run.id)
    assert "interrupted: 1 of 7" in text_of(test)
    finished(pressed(test, "resume"))
    assert "7 of 7 examined photos" in text_of(test)


def test_what_failed_is_listed_with_what_to_do(home):
    run = mixed_run(home)
    run.add(Item("<b>x</b>.jpg", error=UnreadablePhoto("It is *cut* short.")))
    said = text_of(app(run=run.id))
    assert (
        "Could not be examined: 1" in said
        and "&lt;b&gt;x" in said
        and r"\*cut\*" in said
        and "Check what the file is" in said
    )


def test_an_unknown_run_or_photo_is_told(home):
    test = app(run="../../etc")
    assert "There is no run" in test.error[0].value
    test = app(run=mixed_run(home).id, photo=999)
    assert "Go back to the results" in test.error[0].value
    pressed(test, "back")
    assert "examined photos" in text_of(test)


def test_a_lost_original_is_told(home):
    run = mixed_run(home)
    for path in (home / "originals").rglob("*"):
        if path.is_file():
            path.unlink()
    assert "is no longer in" in app(run=run.id, photo=0).error[0].value


def test_thousands_are_shown_a_page_at_a_time(home):
    run = Runs(home).create(read_release("quick").name)
    for number in range(30):
        add(run, f"{number}.png", [face(VERDICTS["real"])], png_bytes(number))
    test = app(run=run.id)
    assert sum(button.label == "Open" for button in test.button) == 24
    test.pagination[0].set_value(2).run()
    assert sum(button.label == "Open" for button in test.button) == 6
