import csv
import io
import json

import pytest
from synthetic_run import HOSTILE, VERDICTS, add, face, heatmap, mixed_run

from dashboard.views.examine import export
from pipeline.errors import UnreadablePhoto
from pipeline.intake import Account, Item


def table(run):
    return list(csv.DictReader(io.StringIO(export.csv_table(run.results()).decode("utf-8-sig"))))


def test_json_lines_are_what_the_command_line_prints(tmp_path):
    run = mixed_run(tmp_path)
    run.add(Item("broken.jpg", error=UnreadablePhoto("It is broken.")))
    first, *_, last = [json.loads(line) for line in export.json_lines(run.results()).decode().splitlines()]
    assert first["path"] == "facetune.png" and first["verdict"] == "facetune"
    assert not {"kept", "index", "name"} & (set(first) | set(first["faces"][0]))
    assert last == {"path": "broken.jpg", "error": {"code": "unreadable_photo", "message": "It is broken."}}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(tmp_path, sign):
    run = mixed_run(tmp_path)
    add(run, f"{sign}cmd|' /C calc'!A0", [face(VERDICTS["real"], [heatmap(label="real", stage="edited")])])
    assert table(run)[-1]["path"].startswith(f"'{sign}cmd")


def test_the_csv_has_one_row_a_photo_with_numbers_as_numbers(tmp_path):
    rows = table(mixed_run(tmp_path))
    assert len(rows) == 6
    assert float(rows[0]["p_edited"]) == 0.93
    assert rows[4]["path"] == HOSTILE and rows[4]["reasons"] == "no_face"


def test_the_account_is_that_of_the_command_line(tmp_path):
    run = mixed_run(tmp_path)
    run.add(Item("a.json", left_out=".json"))
    kept = json.loads(export.summary(run.account(), run.id))
    assert kept["sentence"] == "7 handed over = 6 examined + 1 left out (.json × 1)"
    assert kept["complete"] is True and kept["run"] == run.id and Account.from_dict(kept) == run.account()
