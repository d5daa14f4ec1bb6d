import json
from pathlib import Path

import pytest
from made_up_evaluation import write_evaluation

from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import read_metrics
from pipeline.results.figure import Figure, figure_at
from pipeline.results.index import (
    COLUMNS,
    KEY_FIGURES,
    EvaluationFolder,
    beside,
    folders,
    in_order_of_release,
    newest,
)


def test_of_each_release_the_newest_evaluation_stands(tmp_path):
    write_evaluation(tmp_path, 60, "r1", date="2026-01-01")
    again = write_evaluation(tmp_path / "other", 60, "r1", date="2026-03-01")
    again.rename(tmp_path / "r1" / "test@9999999999")
    write_evaluation(tmp_path, 60, "r2", date="2026-02-01")
    write_evaluation(tmp_path, 60, "r2", "unseen", date="2026-02-02")
    found = newest(folders(home=tmp_path), "test")
    assert [(one.run["release"], one.path.name) for one in found] == [
        ("r2", "test@0123456789"),
        ("r1", "test@9999999999"),
    ]


def test_key_figures_are_read_as_they_were_written(tmp_path):
    path = write_evaluation(tmp_path, 200, "r1")
    found = folders(home=tmp_path)
    table = beside(found, [read_metrics(path)])
    written = json.loads((path / "metrics.json").read_text())
    row = table[table.measure == "both stages: macro-F1"].iloc[0]
    assert row.value == written["joint"]["collections"]["macro-F1"]["value"]
    assert (row.release, row.date, row.n) == ("r1", "2026-11-22", written["joint"]["collections"]["macro-F1"]["n"])
    assert len(table) == len(KEY_FIGURES) and tuple(table) == COLUMNS


def test_what_was_not_measured_is_not_a_number(tmp_path):
    write_evaluation(tmp_path, 60, "r1")
    table = beside(
        folders(home=tmp_path),
        [{"joint": {"collections": {"macro-F1": {"value": None, "low": None, "high": None, "n": 3}}}}],
    )
    assert table.value.isna().all() and table.n.isna().all()
    assert beside([], []).empty


@pytest.mark.parametrize("text", [None, "{", "[1]"])
def test_damaged_figures_are_named(tmp_path, text):
    if text is not None:
        (tmp_path / "metrics.json").write_text(text)
    with pytest.raises(BadEvaluation, match=r"metrics\.json"):
        read_metrics(tmp_path)


def test_a_figure_is_found_only_where_one_stands():
    metrics = {"edited": {"collections": {"AUC": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 3}}, "note": "x"}}
    assert figure_at(metrics, "edited", "collections", "AUC") == Figure(0.5, 0.4, 0.6, 3)
    assert figure_at(metrics, "edited", "collections", "AP") is None
    assert figure_at(metrics, "edited", "note", "AUC") is None
    assert figure_at(metrics, "joint") is None


def test_releases_come_in_their_own_order_whenever_they_were_measured():
    names = ["2026.12-1", "own-2", "2026.11-10", "2026.11-9", "own", "2026.12-1"]
    ordered = in_order_of_release(
        [EvaluationFolder(Path(str(place)), {"release": name}) for place, name in enumerate(names)]
    )
    assert [one.run["release"] for one in ordered] == [
        "own",
        "own-2",
        "2026.11-9",
        "2026.11-10",
        "2026.12-1",
        "2026.12-1",
    ]
    assert [one.path.name for one in ordered][-2:] == ["0", "5"], "alike ones stay in their order"
