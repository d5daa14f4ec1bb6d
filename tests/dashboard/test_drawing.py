import numpy as np
import pandas as pd
import pytest
from synthetic_run import HOSTILE, VERDICTS, mixed_run

from dashboard.kit import charts, heatmap, stage_bars, verdict
from dashboard.kit.rows import rows_of
from dashboard.views.model_cards import card


def test_a_card_escapes_the_name(tmp_path):
    row = next(row for row in rows_of(mixed_run(tmp_path).results()) if row.name == HOSTILE)
    said = verdict.card_html(row)
    assert "<img" not in said and "&lt;img" in said and "no face was found" in said


def test_a_card_shows_probability_threshold_faces_and_duplicates(tmp_path):
    rows = rows_of(mixed_run(tmp_path).results())
    said = verdict.card_html(rows[5])
    for part in ("p(edited) 0.93", "threshold 0.60", "1 face", "the same file again: facetune.png", "(moderate)"):
        assert part in said


def test_both_stages_have_a_bar_a_threshold_and_a_band():
    made = stage_bars.plot_of(VERDICTS["facetune"], "#000000")
    assert [bar.x[0] for bar in made.data] == [0.93, 0.11]
    lines = [shape.x0 for shape in made.layout.shapes if shape.type == "line"]
    assert lines == [0.6, 0.5]
    assert (0.45, 0.6) in [(shape.x0, shape.x1) for shape in made.layout.shapes if shape.type == "rect"]


def test_a_stage_that_did_not_run_is_said_and_gets_no_bar():
    made = stage_bars.plot_of(VERDICTS["real"], "#000000")
    assert len(made.data) == 1
    assert any("not run" in note.text for note in made.layout.annotations)


def test_the_scale_has_its_ends_in_logits():
    from synthetic_run import heatmap as made

    assert heatmap._ends(made()) == ("−0.5", "0", "+0.5 logit")
    assert heatmap._ends(made(np.linspace(0, 2, 64).reshape(8, 8))) == ("−2", "0", "+2 logit")
    assert heatmap._ends(made(-np.linspace(0.1, 2, 64).reshape(8, 8))) == ("−2", "0", "+2 logit")


def test_figures_are_said_on_one_line():
    assert card.say_flat([0.71, 0.8]) == "0.71 – 0.8"
    assert card.say_flat({"n": 3, "value": 0.123456}) == "n 3, value 0.1235"
    assert card.say_flat(None) == "–"


def test_whiskers_never_point_inwards():
    made = charts.whiskers([0.02, 0.5, None], [0.03, 0.4, 0.1], [0.05, 0.7, 0.2])
    assert made["arrayminus"] == pytest.approx([0, 0.1, 0]) and made["array"] == pytest.approx([0.03, 0.2, 0])


def test_a_saved_table_holds_no_formula():
    table = pd.DataFrame({"photo": ["=cmd()", "a.jpg"], "p": [-0.5, 0.5], "kind": pd.Categorical(["@x", "b"])})
    saved = charts.csv_of(table).decode("utf-8-sig").splitlines()
    assert saved == ["photo,p,kind", "'=cmd(),-0.5,'@x", "a.jpg,0.5,b"]
