"""How often a release is wrong on pictures like one, in sentences: plain, or as a front end marks them."""

from pipeline.figures.like_this import Fit
from pipeline.results.figure import Figure
from pipeline.words.like_this import Marks, like_of, say_cell, say_errors, say_here, say_range, say_unlike

RARE, ALARMS, MISSED = Figure(None, None, None, 9), Figure(0.08, 0.06, 0.1, 1200), Figure(0.7, 0.6, 0.8, 50)
FIT = Fit("brightness", "high (40.27 to 80.92)", 41.5, 1250, ALARMS, MISSED)
SLICES = [{"slice": "brightness", "value": FIT.value, "n": 1250, "false alarms": ALARMS.as_dict(),
           "recall": {"value": 0.3, "low": 0.2, "high": 0.4, "n": 50}}]  # fmt: skip


def test_both_errors_are_said_with_interval_and_n():
    assert say_errors(FIT) == (
        "On held-out pictures like this in brightness (high, 40.27 to 80.92), stage 1 called 8 % (6–10) of "
        "1\u202f200 real ones edited and missed 70 % (60–80) of 50 edited ones."
    )
    assert "– of the edited ones (only 9: too few)" in say_errors(Fit("contrast", "all", 1, 9, ALARMS, RARE))


def test_a_front_end_marks_what_weighs_and_what_comes_from_outside():
    marked = say_errors(FIT, Marks("<b>{}</b>".format, str.upper))
    assert "<b>BRIGHTNESS</b> (HIGH, 40.27 TO 80.92)" in marked and "<b>8 % (6–10)</b> of" in marked
    assert say_unlike(["contrast"], [], Marks("<b>{}</b>".format))[0].startswith(
        "No held-out photo is like this one in <b>contrast</b>"
    )


def test_a_cell_and_a_slice_are_said():
    assert say_cell(RARE) == "too few: 9" and say_cell(MISSED) == "70 % (60–80), n 50"
    assert say_range(FIT) == "high, 40.27 to 80.92" and say_here(FIT) == "41.5"
    assert say_here(Fit("JPEG quality", "no JPEG", -1, 9, ALARMS, MISSED)) == ""


def test_what_is_known_is_gathered():
    known = dict.fromkeys(("face_size", "jpeg_quality", "sharpness", "contrast", "ita"), float("nan"))
    like = like_of(SLICES, known | {"brightness": 41.5}, "facetune")
    assert like.worst == like.fits[0] and like.sentence.startswith("On held-out pictures like this in brightness")
    none = like_of([], known | {"brightness": 41.5}, "facetune")
    assert "cannot be told" in none.sentence and none.worst is None and none.fits == ()
