"""On an opened photo: a face marked by hand and taken back; what is left of a cut file; the account of everything."""

import io
import json

import pytest
from driven import text_of
from PIL import Image
from streamlit.testing.v1 import AppTest
from test_examine_app import app, finished, home, pressed  # noqa: F401  `home` is a fixture

from dashboard.kit import box_drawing
from pipeline.casebook.runs import Runs
from pipeline.intake import Item
from pipeline.pictures.photo import Picture
from pipeline.settings import PROJECT

SAMPLES = PROJECT / "sample_data"


def examined(*files: tuple[str, bytes]) -> AppTest:
    test = app()
    test.file_uploader(key="files-0").set_value([(name, data, "image/jpeg") for name, data in files]).run()
    return finished(pressed(test, "examine"))


def run_of(test: AppTest):
    return Runs().open(test.query_params["run"])


def numbers(test: AppTest) -> list:
    return [box for box in test.number_input if box.label.endswith(", px")]


def button(test: AppTest, label: str):
    return next(each for each in test.button if each.label == label)


@pytest.mark.usefixtures("home")
def test_a_face_is_marked_by_numbers_and_taken_back():
    test = pressed(examined(("coffee.jpg", (SAMPLES / "coffee_no_face.jpg").read_bytes())), "open-0")
    assert "no face was found" in text_of(test) and len(numbers(test)) == 4
    for box, value in zip(numbers(test), (40, 30, 240, 260), strict=True):
        box.set_value(value)
    test.run()
    button(test, "Examine the marked face").click().run()
    assert not test.exception
    said = text_of(test)
    assert "marked by hand" in said and "1 face: 1 could not be measured" in said
    (record,) = run_of(test).results()
    assert record["marks"] == [{"box": [40.0, 30.0, 240.0, 260.0], "turn": 0}] and record["faces"][0]["marked"]
    button(test, "Take back the marked face").click().run()
    assert not test.exception and "no face was found" in text_of(test)
    (record,) = run_of(test).results()
    assert record["faces"] == [] and record["marks"] == []


@pytest.mark.usefixtures("home")
def test_a_face_is_marked_in_the_turned_photo():
    whole = Image.open(SAMPLES / "hopper_real.jpg").convert("RGB")
    buffer = io.BytesIO()
    whole.transpose(Image.Transpose.ROTATE_180).save(buffer, "PNG")
    test = pressed(examined(("turned.png", buffer.getvalue())), "open-0")
    assert "turned upright, by 180°" in text_of(test)
    test.toggle[-1].set_value(True).run()
    control = next(each for each in test.segmented_control if each.label.startswith("Turn the photo"))
    control.set_value(180).run()
    for box, value in zip(numbers(test), (160, 110, 350, 340), strict=True):
        box.set_value(value)
    test.run()
    button(test, "Examine the marked face").click().run()
    (record,) = run_of(test).results()
    (face,) = record["faces"]
    assert (
        face["marked"] and face["turned"] == 180 and record["faces_account"] == "1 face: 1 examined; 1 marked by hand"
    )
    x0, y0, x1, _ = face["box"]
    assert whole.width - 350 - 25 < x0 < x1 < whole.width - 160 + 25 and whole.height - 340 - 40 < y0


@pytest.mark.usefixtures("home")
def test_an_empty_box_is_told():
    test = pressed(examined(("coffee.jpg", (SAMPLES / "coffee_no_face.jpg").read_bytes())), "open-0")
    for box, value in zip(numbers(test), (100, 100, 105, 105), strict=True):
        box.set_value(value)
    test.run()
    button(test, "Examine the marked face").click().run()
    assert "mark the whole face" in test.error[0].value and run_of(test).results()[0]["faces"] == []


@pytest.mark.usefixtures("home")
def test_what_is_left_of_a_cut_file_is_examined_on_request_and_said_loudly():
    whole = (SAMPLES / "collins_face_swap.jpg").read_bytes()
    test = examined(("cut.jpg", whole[: len(whole) * 7 // 10]))
    assert "Could not be examined: 1" in text_of(test)
    pressed(test, "partial-0")
    assert "Could not be examined" not in text_of(test)
    (record,) = run_of(test).results()
    assert record["partial"] is True and "cut_short" in record["reasons"] and record["verdict"] != "real"
    pressed(test, "open-0")
    assert any("cut short" in each.value for each in test.error)


def test_everything_handed_over_is_accounted_for(home):  # noqa: F811
    run = Runs(home).create("2026.12-1")
    run.add(Item("a.json", left_out=".json"))
    run.add(Item("b", left_out="video", count=3))
    said = text_of(app(run=run.id))
    assert "4 handed over" in said and "Left out" not in said.split("Accounted for")[0]
    assert run.account().left_out == {".json": 1, "video": 3}


def test_the_marking_plot_holds_the_whole_photo_in_its_pixels():
    import numpy as np

    rgb = np.zeros((30, 60, 3), np.uint8)
    plot = json.loads(box_drawing.plot_of(rgb, (600, 300)).to_json())["layout"]
    assert plot["xaxis"]["range"] == [0, 600] and plot["yaxis"]["range"] == [300, 0] and plot["dragmode"] == "select"
    assert Picture(rgb, 0, 0, 0.1).scale == 0.1


def test_a_taking_in_that_was_broken_off_is_told(home):  # noqa: F811
    run = Runs(home).create("2026.12-1")
    run.begin_taking(40)
    assert "40 files was broken off" in text_of(app(run=run.id))
