from dataclasses import replace

import numpy as np
import pytest
from synthetic_run import HOSTILE, VERDICTS, face, heatmap

from dashboard.kit import markup
from pipeline.casebook.case import OPINIONS
from pipeline.heatmap import WHERE_EDITED
from pipeline.verdict import LABELS, StageScore
from pipeline.words import numbers, readable, verdicts


def test_a_name_stays_on_one_line_and_shows_what_hides_in_it():
    shown = readable.plain("a\nb\tc\u202egpj.exe\u200b\x00")
    assert shown == "a⏎b⇥c⟨U+202E⟩gpj.exe⟨U+200B⟩⟨U+0000⟩"


def test_an_emoji_name_stays_readable():
    assert readable.plain("👩‍🚀 Eileen.jpg") == "👩‍🚀 Eileen.jpg"


def test_markdown_in_a_name_is_escaped_letter_by_letter():
    shown = markup.escaped("**b** [l](http://e) <i> $x$ :smile: `c` _u_ # h")
    for sign in "*[]()<>$:`_#":
        assert all(shown[at - 1] == "\\" for at, letter in enumerate(shown) if letter == sign)


def test_html_in_a_name_is_escaped():
    shown = markup.html_name(HOSTILE)
    assert "<" not in shown and '"' not in shown and "\n" not in shown


def test_a_long_name_keeps_its_beginning_and_its_ending():
    shown = readable.short("begin" + "x" * 500 + "end.jpg")
    assert shown.startswith("begin") and shown.endswith("end.jpg") and len(shown) <= 60


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (0.93, "0.93"), (0.9999, ">0.99"), (0.0001, "<0.01"), (0.0, "<0.01")]
)
def test_a_probability_is_never_rounded_to_certainty(value, said):
    assert numbers.two_digits(value) == said


def test_every_label_has_words_a_shape_and_none_says_fake_or_authentic():
    for label in LABELS:
        said = f"{verdicts.HEADLINES[label]} {verdicts.CHIPS[label]}".lower()
        assert verdicts.SHAPES[label]
        assert not any(word in said.replace("deepfake", "") for word in ("fake", "authentic", "genuine", "real"))
    assert len(set(verdicts.SHAPES.values())) == len(LABELS)


def test_the_line_under_the_verdict_names_the_region_of_the_peak():
    said = verdicts.where(face(VERDICTS["facetune"], [heatmap()]))
    assert said.startswith("The evidence peaks ") and len(said) > 25


def test_no_region_is_named_where_the_map_is_no_better_than_random():
    found = face(VERDICTS["facetune"], [heatmap(faithfulness=-0.1)])
    assert "no better than the same map moved elsewhere" in verdicts.where(found)


@pytest.mark.parametrize("method", WHERE_EDITED)
def test_a_map_of_where_a_face_was_edited_is_not_held_to_a_check_of_the_score(method):
    doubtful = replace(heatmap(faithfulness=-0.1), method=method)
    assert verdicts.where(face(VERDICTS["facetune"], [doubtful])).startswith("The evidence peaks ")
    assert verdicts.map_states(doubtful) == []
    passed = face(VERDICTS["real"], [replace(doubtful, label="real")])
    assert verdicts.where(passed).startswith("What looks least edited lies ")
    assert verdicts.where(face(VERDICTS["real"], [heatmap()])).startswith(
        "What speaks most for an unedited photo lies "
    )


def test_the_headline_of_an_abstention_gives_its_reason():
    assert verdicts.headline(VERDICTS["inconclusive"]).startswith("Inconclusive: the score lies in the band")


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (np.zeros((8, 8)), "No region stands out"),
        (np.full((8, 8), np.nan), "not a number"),
        (np.linspace(0.1, 1, 64).reshape(8, 8), "speaks for"),
        (-np.linspace(0.1, 1, 64).reshape(8, 8), "speaks against"),
    ],
)
def test_a_map_that_is_odd_says_so(grid, said):
    assert any(said in line for line in verdicts.map_states(heatmap(grid)))


def test_a_map_that_failed_its_check_says_so():
    assert any("do not rely on it" in line for line in verdicts.map_states(heatmap(faithfulness=0.0)))
    assert verdicts.map_states(heatmap()) == []


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, ""), (5, "about 5 s left"), (300, "about 5 min left"), (7200, "about 2.0 h left")]
)
def test_the_time_left_is_said_coarsely(seconds, said):
    assert numbers.duration(seconds) == said


def test_a_table_s_cell_is_no_formula_and_no_certainty():
    assert readable.cell("=HYPERLINK(1)\n.jpg") == "'=HYPERLINK(1)⏎.jpg" and readable.cell("a" * 90, 60).count("…") == 1
    assert [numbers.cell(value) for value in (None, 0.0001, 0.5, 0.9999)] == [None, 0.01, 0.5, 0.99]


def test_why_stage_2_did_not_run_is_said_as_it_was():
    below, above = (StageScore("w", probability, 0.8, (0.4, 0.8)) for probability in (0.5, 0.9))
    assert "did not pass its threshold" in verdicts.why_not_split(below)
    assert "turned when the photo was saved again" in verdicts.why_not_split(above)


def test_nobody_is_said_to_hold_that_a_photo_is_genuine():
    assert set(verdicts.HELD) == set(OPINIONS)
    assert verdicts.HELD["real"] == "No sign of editing seen"
