"""The page of held-out figures: docs/figures.md is what the command writes, from what was measured."""

import json
import shutil
from itertools import pairwise

import pytest

from pipeline.errors import UnknownName
from pipeline.results.evaluation import HOME
from pipeline.results.figure import figure_at
from pipeline.settings import PROJECT
from pipeline.words.figures import say
from pipeline.words.figures_page import ReleaseFigures, collection_rows, figures_page, table

RELEASE, BESIDE = "2026.12-1", "2026.11-5"


@pytest.fixture(scope="module")
def page() -> str:
    return figures_page(RELEASE, BESIDE)


def test_the_page_in_docs_is_what_the_command_writes(page):
    stored = (PROJECT / "docs" / "figures.md").read_text(encoding="utf-8")
    assert stored == page + "\n", f"write it again: python -m pipeline figures {RELEASE} --markdown --beside {BESIDE}"


def test_its_figures_are_those_that_were_measured(page):
    release = ReleaseFigures.read(RELEASE, HOME)
    rows = collection_rows(release)
    recall = figure_at(release.metrics["test"], "edited", "dfdc", "recall")
    (dfdc,) = (row for row in rows if row[0] == "dfdc")
    assert recall and dfdc[-1] == say(recall, "%") and f"| {' | '.join(dfdc)} |" in page
    assert len(rows) > 4 and rows[0][0] == "all collections"


def test_every_table_is_whole(page):
    lines = page.splitlines()
    for above, line in pairwise(lines):
        if above.startswith("|") and line.startswith("|"):
            assert above.count("|") == line.count("|")
    heads = [line for line in lines if line.startswith("## ")]
    assert len(heads) == 7
    for head, below in zip(heads, page.split("\n## ")[1:], strict=True):
        assert "| --- |" in below, f"{head} has no table"


def test_a_release_alone_has_no_second_column():
    page = figures_page(RELEASE)
    assert BESIDE not in page and f"| kind | {RELEASE} |" in page


def test_a_name_cannot_part_a_cell():
    assert table(["a"], [["b | c"]])[2] == "| b ¦ c |"


def test_a_release_that_was_never_evaluated_is_refused():
    with pytest.raises(UnknownName):
        figures_page("2031.01-1")


def test_a_baseline_of_other_photos_alone_stands_with_their_revision(tmp_path):
    """One that was measured on the release's photos stands with these only."""
    home = tmp_path / "evaluations"
    (home / "baselines").mkdir(parents=True)
    (home / RELEASE).symlink_to(HOME / RELEASE)
    mine = ReleaseFigures.read(RELEASE, HOME).revisions["test"]
    for name, revisions in {"both": ("0000000000", mine), "other": ("0000000000", "1111111111")}.items():
        for day, revision in enumerate(revisions):
            folder = home / "baselines" / name / f"test@{revision}"
            shutil.copytree(next((HOME / "baselines" / "majority").glob("test@*")), folder)
            run = json.loads((folder / "run.json").read_text())
            run |= {"release": f"baselines/{name}", "revision": revision, "date": f"2026-11-2{day}"}
            (folder / "run.json").write_text(json.dumps(run))
    rows = [
        line.split(" | ")[:2] for line in figures_page(RELEASE, root=tmp_path).splitlines() if "| baselines" in line
    ]
    assert rows == [["| baselines/both", mine], ["| baselines/other", "1111111111"]]
