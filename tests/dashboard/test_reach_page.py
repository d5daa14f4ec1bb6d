"""The page Reach: figures imported, held against a case or a run, ranked, drawn; photos with made-up verdicts."""

import csv
import io
import json
import re
import shutil

import driven
import numpy as np
import pytest
from driven import ran
from made_up_cases import add, casebook
from synthetic_run import HOSTILE, VERDICTS, mixed_run, png_bytes

from dashboard.session import cases
from dashboard.views.reach import listing
from dashboard.views.reach.start import TEMPLATE
from pipeline.casebook.runs import Runs
from pipeline.intake import Item
from pipeline.reach.engagement import read_engagement
from pipeline.reach.harm import Weights
from pipeline.reach.kept import FigureFiles
from pipeline.reach.ranking import join, rank
from pipeline.reach.scored import scored_of_run

SCRIPT = """
from dashboard.kit.messages import showing_errors
from dashboard.views.reach import page
with showing_errors():
    page.render()
"""


@pytest.fixture(autouse=True)
def home(home, setting):
    setting(home=home, analyst="ada", release="quick")
    yield home
    cases.jobs().close()
    cases.jobs.clear()


@pytest.fixture
def run(home):
    return mixed_run(home)


def kept(text, name="figures.csv"):
    return FigureFiles().keep(text if isinstance(text, bytes) else text.encode(), name).sha256


def app(**query):
    return driven.app(SCRIPT, **query)


def text_of(test):
    return driven.text_of(test).replace("\\", "")  # as markdown shows it


def table_of(test):
    return next((part.body for part in test.html if 'class="tt-reach"' in part.body), "")


def names_of(test):
    return re.findall(r'target="_self">(.*?)</a>', table_of(test))


def tile(test, label):
    return next(metric.value for metric in test.metric if metric.label == label)


FIGURES = """photo,views,likes,platform,posted at
facetune.png,1000,10,x,2026-03-01
facetune.png,4000,40,x,2026-03-03
deepfake.png,100000,900,tiktok,2026-03-02
real.png,500000,1,x,
inconclusive.png,,300,x,
stranger.jpg,77,,x,
real.png,-3,,x,
"""


def test_an_empty_page_says_what_to_do_and_gives_a_file_to_begin_with():
    test = app()
    assert "Start here" in text_of(test) and test.get("file_uploader") and test.get("download_button")
    read = read_engagement(TEMPLATE, "template.csv")
    assert [row.views for row in read.rows] == [12000, 48000, 1200, None] and not read.bad_rows + read.odd_rows


def test_figures_without_any_verdicts_lead_to_examining():
    assert "no verdicts yet" in text_of(app(figures=kept(FIGURES)))


def test_photos_are_ranked_with_verdict_reach_and_warning(run):
    test = app(figures=kept(FIGURES), verdicts=f"run {run.id}")
    assert names_of(test) == ["deepfake.png", "real.png", "inconclusive.png", "facetune.png"]
    table = table_of(test)
    told = ("Deepfake", "No indication", "Inconclusive", "May be a deepfake", "Could not be checked", "≈ 6\u202f000")
    told = ("Deepfake", "No indication", "Inconclusive", "May be a deepfake", "Could not be checked", "≈ 6\u202f000")
    for words in (*told, "4\u202f000", "100\u202f000", "+1\u202f500 a day", "data:image/jpeg;base64"):
        assert words in table, words
    assert "genuine" not in table and f"./?run={run.id}&amp;photo=1" in table
    said = text_of(test)
    assert "7 rows" not in said and "6 rows read, 1 not read, 1 about none of the photos" in said
    assert len(test.get("plotly_chart")) == 3 and tile(test, "Photos ranked") == "4"


def test_weights_and_threshold_change_the_order_and_the_warnings(run):
    test = app(figures=kept(FIGURES), verdicts=f"run {run.id}")
    assert tile(test, "Views warned of") == "17 %"
    test.number_input(key="reach-deepfake").set_value(0.0)
    assert names_of(ran(test))[0] == "real.png"
    assert "(0 × p(deepfake) + 0.3 × p(facetune))" in text_of(test)
    test.slider(key="reach-warn").set_value(0.02)
    assert tile(ran(test), "Views warned of") == "99 %" and "May be edited: 2" in text_of(test)
    test.number_input(key="reach-likes").set_value(0.0)
    assert names_of(ran(test))[-1] == "inconclusive.png"


def test_a_reload_or_a_shared_link_shows_the_same(run):
    address = {"figures": kept(FIGURES), "verdicts": f"run {run.id}", "reach-facetune": "9", "reach-warn": "0.9"}
    first, second = app(**address), app(**address)
    assert table_of(first) == table_of(second) and "9 × p(facetune)" in text_of(first)
    assert first.slider(key="reach-warn").value == 0.9


def test_columns_are_corrected_and_stand_in_the_address(run):
    sha256 = kept("Bild;Abgerufen\nfacetune.png;12\ndeepfake.png;7\n")
    test = app(figures=sha256, verdicts=f"run {run.id}")
    assert "no column names a photo" in test.error[0].value and not table_of(test)
    for field, heading in (("photo", "Bild"), ("views", "Abgerufen")):
        box = next(box for box in test.selectbox if str(box.key).endswith(f"-{field}"))
        box.select(heading)
        ran(test)
    assert names_of(test) == ["facetune.png", "deepfake.png"] or names_of(test) == ["deepfake.png", "facetune.png"]
    said = test.query_params["columns"]
    assert json.loads(said[0] if isinstance(said, list) else said) == {"photo": "Bild", "views": "Abgerufen"}


@pytest.mark.parametrize("columns", ["{", "[1]", '{"views": "no such"}', '{"nonsense": "photo"}', "[" * 5000])
def test_an_address_that_somebody_broke_is_told_or_passed_over(run, columns):
    test = app(figures=kept(FIGURES), verdicts=f"run {run.id}", columns=columns)
    assert bool(test.error) == columns.startswith('{"')


@pytest.mark.parametrize("value", ["nan", "inf", "-5", "1e99", "<b>", ""])
@pytest.mark.parametrize("name", ["reach-deepfake", "reach-warn", "reach-split", "reach-likes"])
def test_numbers_of_an_address_that_cannot_be_are_not_used(run, name, value):
    test = app(figures=kept(FIGURES), verdicts=f"run {run.id}", **{name: value})
    assert names_of(test)[0] == "deepfake.png" and "<b>" not in text_of(test)


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd", "x"])
def test_figures_that_are_not_kept_are_told(sha256):
    test = app(figures=sha256)
    assert "not kept here" in test.error[0].value
    test.button(key="reach-start").click()
    assert "Start here" in text_of(ran(test))


def test_figures_are_forgotten(run):
    sha256 = kept(FIGURES)
    test = app(figures=sha256, verdicts=f"run {run.id}")
    test.number_input(key="reach-facetune").set_value(2.0)
    ran(test).button(key="reach-forget").click()
    assert "Start here" in text_of(ran(test)) and not FigureFiles().newest()
    assert "not kept here" in app(figures=sha256).error[0].value


def test_other_figures_are_asked_for_and_these_stay(run):
    test = app(**{"figures": kept(FIGURES), "verdicts": f"run {run.id}", "reach-warn": "0.9"})
    test.button(key="reach-leave").click()
    assert "Start here" in text_of(ran(test)) and len(FigureFiles().newest()) == 1


def test_figures_imported_earlier_are_offered_by_their_names_as_text():
    kept(FIGURES, HOSTILE[:60])
    test = app()
    (button,) = [button for button in test.button if str(button.key).startswith("reach-earlier")]
    assert "\\<img" in button.label and "<img" not in button.label.replace("\\<", "")
    button.click()
    assert "no verdicts yet" in text_of(ran(test))


def test_a_case_ranks_with_thumbnails_and_links_to_its_photos():
    case = casebook().create("Harbour")
    for label in VERDICTS:
        add(case, f"{label}.png", label)
    test = app(figures=kept(FIGURES), verdicts=f"case {case.id}")
    assert set(names_of(test)) == {"deepfake.png", "real.png", "inconclusive.png", "facetune.png"}
    assert f"cases?case={case.id}&amp;photo=" in table_of(test) and "data:image/" in table_of(test)


def test_a_blind_case_tells_nothing_of_what_is_hidden():
    case = casebook().create("Blind", blind=True)
    for label in VERDICTS:
        add(case, f"{label}.png", label)
    test = app(figures=kept(FIGURES), verdicts=f"case {case.id}")
    said = text_of(test)
    assert not table_of(test) and "4 with a verdict that is hidden from you" in said
    case.hold(2, "deepfake", "seams")
    test = app(figures=kept(FIGURES), verdicts=f"case {case.id}")
    assert names_of(test) == ["deepfake.png"] and "3 with a verdict that is hidden from you" in text_of(test)
    assert tile(test, "Views warned of") == "16 %"


def test_a_file_is_handed_over_kept_and_shown(run):
    test = app()
    test.file_uploader[0].upload("figures.csv", FIGURES.encode(), "text/csv")
    assert "deepfake.png" in names_of(ran(test))
    assert [kept.name for kept in FigureFiles().newest()] == ["figures.csv"]


def test_a_file_that_is_no_table_is_told_and_not_kept():
    test = app()
    test.file_uploader[0].upload("figures.csv", b"PK\x03\x04", "text/csv")
    assert "Excel workbook" in ran(test).error[0].value and not FigureFiles().newest()


def test_figures_that_vanish_or_change_on_disk_are_told(run, home):
    sha256 = kept(FIGURES)
    test = app(figures=sha256, verdicts=f"run {run.id}")
    (home / "reach" / sha256[:2] / sha256).write_text("photo,views\n")
    assert "was altered" in ran(test).error[0].value and not table_of(test)


def test_a_run_that_vanishes_is_told(run, home):
    Runs(home).create("r")
    test = app(figures=kept(FIGURES), verdicts=f"run {run.id}")
    shutil.rmtree(home / "runs" / run.id)
    assert "is gone" in ran(test).warning[0].value


def test_a_source_that_is_gone_is_told(run):
    test = app(figures=kept(FIGURES), verdicts="case 0123456789abcdef")
    assert "is gone" in test.warning[0].value and table_of(test)


def test_names_from_outside_are_text_everywhere(run):
    hostile = '<img src=x onerror=alert(1)> **b** [l](http://e.example) $x$ :smile: "q"'
    stream = io.StringIO()
    csv.writer(stream).writerows(
        [
            ["photo", "<b>views</b>", "platform", "views"],
            [HOSTILE, "", "<script>alert(1)</script>", "9"],
            ["facetune.png", "", hostile, "10"],
            [hostile, "", "", "5"],
            ["=cmd()", "", "", "-1"],
        ]
    )
    test = app(figures=kept(stream.getvalue(), hostile), verdicts=f"run {run.id}")
    said = text_of(test)
    assert "<script>" not in said and "<img src=x" not in table_of(test) and "&lt;img src=x" in table_of(test)
    assert "\u202e" not in said
    assert hostile[:20] not in "\n".join(part.value for part in [*test.markdown, *test.caption])


def test_what_is_saved_holds_the_ranking_and_no_formula(run):
    entry = run.add(Item("=1+1.png", png_bytes(201)))
    run._record(entry, {"verdict": "facetune", "p_edited": 0.9, "p_deepfake": 0.1, "reasons": [], "faces": []})
    both = join(
        read_engagement(b"photo,views\n=1+1.png,100\nnone.png,4\nfacetune.png,x\n", "f.csv"), scored_of_run(run)
    )
    ranked = rank(both, Weights(), 0.5)
    (row,) = csv.DictReader(io.StringIO(listing.csv_of_ranking(ranked).decode("utf-8-sig")))
    assert row["name"] == "'=1+1.png" and row["rank"] == "1" and float(row["expected_harm"]) == 33.3
    from dashboard.views.reach.controls import Asked
    from pipeline.reach.views import PerView

    saved = json.loads(listing.json_of_ranking(both, ranked, Asked(Weights(), PerView(), 0.5)))
    assert saved["ranked"][0]["name"] == "=1+1.png" and saved["account"]["rows_not_read"] == 1
    assert {row["what"] for row in saved["left_out"]} >= {"row that was not read", "row about none of the photos"}


def many(rng, run, number):
    """Put so many photos into a run with scores drawn at random; return a file with heavy-tailed views for each."""
    chances = rng.beta(0.6, 1.2, number).round(4)
    views = (rng.pareto(0.9, number) * 300).astype(int).clip(0, 5 * 10**8)
    views[rng.random(number) < 0.05] = 0
    lines, records = [], []
    for at, (chance, seen) in enumerate(zip(chances, views, strict=True)):
        sha256 = f"{at:064x}"
        second = None if chance < 0.6 else round(float(rng.random()), 4)
        label = "real" if second is None else "deepfake" if second >= 0.5 else "facetune"
        label = "inconclusive" if rng.random() < 0.15 else label
        records.append(
            {"index": at, "name": f"folder/IMG_{at:05d}.jpg", "sha256": sha256, "bytes": 9, "verdict": label,
             "p_edited": float(chance), "p_deepfake": second, "reasons": [], "faces": [], "release": "r", "ms": 1}
        )  # fmt: skip
        grouped = f"{seen:,}" if at % 3 else str(seen)
        lines.append([f"IMG_{at:05d}.jpg", grouped, seen // 40, "x" if at % 2 else "tiktok", "2026-03-01"])
    folder = Runs()._home / "runs" / run.id
    (folder / "results.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    stream = io.StringIO()
    csv.writer(stream).writerows([["Photo", "Views", "Likes", "Platform", "Posted at"], *lines])
    return stream.getvalue(), views


def test_five_thousand_rows_rank(home):
    """Drawn as people meet them: views with a heavy tail, some none, numbers grouped or not, most unsuspicious."""
    run = Runs(home).create("r")
    text, views = many(np.random.default_rng(7), run, 5000)
    test = app(figures=kept(text), verdicts=f"run {run.id}")
    assert tile(test, "Photos ranked") == "5\u202f000" and len(names_of(test)) == listing.PAGE
    both = join(read_engagement(text.encode(), "f.csv"), scored_of_run(run))
    ranked = rank(both, Weights(), 0.5)
    assert names_of(test) == [one.photo.name for one in ranked[: listing.PAGE]]
    assert both.all_reach == views.sum() and not both.engagement.bad_rows
    harms = [one.harm.total for one in ranked]
    assert harms == sorted(harms, reverse=True) and len({one.photo.name for one in ranked}) == 5000
    assert "5\u202f000 rows read. 5\u202f000 of 5\u202f000 photos ranked" in text_of(test)
    assert "stand at 0" in text_of(test)  # no view does not vanish from a logarithmic axis
