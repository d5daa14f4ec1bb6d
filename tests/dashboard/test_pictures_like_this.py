"""How often the release is wrong on pictures like the opened one, as Examine says it."""

import json

import pytest
from driven import text_of
from streamlit.testing.v1 import AppTest
from synthetic_run import VERDICTS, add, face, heatmap, png_bytes

from models.release import read_release
from pipeline.casebook.runs import Runs
from pipeline.settings import settings
from tests.made_up_evaluation import predictions
from tests.made_up_maps import write_mapped


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path))
    monkeypatch.setenv("TELLTALE_EVALUATIONS", str(tmp_path / "evaluations"))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def figure(value, n=100):
    return {"value": value, "low": value and value - 0.02, "high": value and value + 0.02, "n": n}


def slice_of(name, value, alarms, recall, n=200):
    return {"slice": name, "value": value, "n": n, "false alarms": figure(alarms), "recall": figure(recall)}


SLICES = [slice_of("face size", "under 128 px", 0.08, 0.3), slice_of("JPEG quality", "no JPEG", 0.05, 0.2),
          slice_of("brightness", "low (1 to 2)", 0.3, 0.9), slice_of("contrast", "all", None, 0.5, 9)]  # fmt: skip


def opened(home, label="facetune"):
    run = Runs(home).create(read_release().name)
    add(run, "a.png", [face(VERDICTS[label], [heatmap()])], png_bytes(120))
    test = AppTest.from_string("from dashboard.views.examine import page\npage.render()", default_timeout=120)
    test.query_params["run"], test.query_params["photo"] = run.id, "0"
    test.run()
    assert not test.exception
    return test


def test_a_release_without_an_evaluation_says_so(home):
    said = text_of(opened(home))
    assert "is wrong on pictures like this was not measured" in said and not opened(home).error


def test_the_sentence_is_about_the_error_that_matters(home):
    write_mapped(home / "evaluations", predictions(60), slices=SLICES)
    said = text_of(opened(home))
    assert "pictures like this in **face size** (under 128 px), stage 1 called **8 % (6–10)** of 100 real ones" in said
    assert "missed **70 % (68–72)** of 100 edited ones" in said
    assert r"no held\-out" not in said.lower() and "No held-out photo is like this one in **brightness**" in said
    assert "Too few held-out photos are like this one in **contrast** (all)" in said
    said = text_of(opened(home, "real"))
    assert "**JPEG quality** (no JPEG), stage 1 called **5 % (3–7)**" in said and "missed **80 % (78–82)**" in said


def test_all_slices_that_fit_are_listed_the_worst_first(home):
    write_mapped(home / "evaluations", predictions(60), slices=SLICES)
    rows = opened(home).table[0].value
    assert list(rows["pictures like this in"].str.split(":").str[0]) == [
        "**face size**",
        "**JPEG quality**",
        "**contrast**",
    ]
    assert rows["real, called edited"].iloc[2] == "too few: 100"


def test_no_slice_that_fits_is_said(home):
    write_mapped(home / "evaluations", predictions(60), slices=[])
    test = opened(home)
    assert "cannot be told" in text_of(test) and not test.table


def test_an_evaluation_of_another_file_of_the_release_is_said(home):
    path = write_mapped(home / "evaluations", predictions(60), slices=SLICES)
    run = json.loads((path / "run.json").read_text()) | {"release_sha256": "0" * 64, "most": 60}
    (path / "run.json").write_text(json.dumps(run))
    said = text_of(opened(home))
    assert (
        "has changed since the evaluation" in said and "another version of it" in said and "a trial on a part" in said
    )


def test_a_damaged_evaluation_does_not_hide_the_verdict(home):
    path = write_mapped(home / "evaluations", predictions(60), slices=SLICES)
    (path / "metrics.json").write_text("{")
    test = opened(home)
    assert "cannot be told" in text_of(test) and "no valid JSON" in text_of(test) and not test.error
    assert "All three together" in text_of(test)


def drawn(rows):
    script = (
        "import json\nfrom dashboard.views.examine import like_this\n"
        f"rows = json.loads({json.dumps(json.dumps(rows))})\n"
        "like_this.draw_neighbours([(row, 0.1 * place) for place, row in enumerate(rows)], 'test')"
    )
    test = AppTest.from_string(script, default_timeout=60).run()
    assert not test.exception
    return test


def test_neighbours_are_drawn_with_truth_verdict_and_distance():
    rows = predictions(4).assign(kind="<b>x</b>", heatmap=lambda t: t.heatmap.where(t.index > 0, "")).to_dict("records")
    test = drawn(rows)
    said = str([part.proto.body for part in test.html])
    assert said.count("verdict:") == 4 and "distance 0.300" in said and "truly " in said
    assert "<b>x" not in said and "&lt;b&gt;x" in said
    assert f"{sum(row['label'] == 'real' for row in rows)} truly real" in text_of(test)


def test_no_neighbours_are_said():
    assert "None is kept" in text_of(drawn([]))
