"""What lies in a run's folder beside its own file: lines that grow, arrays by revision, and what damage says."""

import json

import numpy as np
import pytest

from pipeline.casebook.json_lines import append_line, read_lines
from pipeline.casebook.kept_arrays import KeptArrays
from pipeline.casebook.runs import Runs
from pipeline.errors import DamagedRun


def test_a_line_that_a_kill_cut_short_gives_way_to_the_next(tmp_path):
    path = tmp_path / "results.jsonl"
    assert read_lines(path) == []
    append_line(path, {"name": "ä"})
    with path.open("ab") as file:
        file.write(b'{"name": "cut')
    assert read_lines(path) == [{"name": "ä"}]
    append_line(path, {"name": "b"})
    assert read_lines(path) == [{"name": "ä"}, {"name": "b"}] and path.read_bytes().count(b"\n") == 2


def test_each_examination_of_a_photo_keeps_its_arrays(tmp_path, hopper):
    kept = KeptArrays(tmp_path / "kept")
    assert kept.thumbnail(3) is None
    assert [kept.write(3, {"map": np.full(2, number)}, hopper) for number in range(2)] == [0, 1]
    assert [kept.read(3, revision)["map"].tolist() for revision in range(2)] == [[0, 0], [1, 1]]
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["3-1.npz", "3.jpg", "3.npz"]
    assert kept.thumbnail(3) == tmp_path / "kept" / "3.jpg"


@pytest.mark.parametrize("text, reason", [("{", "no valid JSON"), ("[]", "holds no run"), ('{"id": "x"}', "created")])
def test_a_run_whose_file_is_damaged_says_so(tmp_path, text, reason):
    run = Runs(tmp_path).create("some release")
    (tmp_path / "runs" / run.id / "run.json").write_text(text)
    with pytest.raises(DamagedRun, match=reason):
        Runs(tmp_path).open(run.id)


def test_a_damaged_note_of_taking_in_says_so(tmp_path):
    run = Runs(tmp_path).create("some release")
    run.begin_taking(4)
    assert run.taking == 4
    (tmp_path / "runs" / run.id / "taking.json").write_text(json.dumps([4]))
    with pytest.raises(DamagedRun, match=r"taking\.json"):
        _ = run.taking
