import pytest
from synthetic_run import HOSTILE, mixed_run

from dashboard.kit.rows import SORTS, Filter, filter_rows, rows_of
from pipeline.errors import UnreadablePhoto
from pipeline.intake import Item


@pytest.fixture
def rows(tmp_path):
    run = mixed_run(tmp_path)
    run.add(Item("broken.jpg", error=UnreadablePhoto("It is broken.")))
    return rows_of(run.results())


def names(rows, wanted=None, sort="Most suspicious first"):
    return [row.name for row in filter_rows(rows, wanted or Filter(), sort)]


def test_the_most_suspicious_come_first_and_errors_are_not_among_them(rows):
    assert names(rows) == [
        "deepfake.png",
        "facetune.png",
        "facetune again.png",
        "inconclusive.png",
        HOSTILE,
        "real.png",
    ]


def test_every_order_keeps_every_row(rows):
    for sort in SORTS:
        assert len(names(rows, sort=sort)) == 6


def test_by_probability_a_photo_without_a_face_comes_last(rows):
    assert names(rows, sort="Probability of editing, highest first")[-1] == HOSTILE


def test_filters_by_verdict_probability_and_name(rows):
    assert names(rows, Filter(("real",))) == ["real.png"]
    assert names(rows, Filter(least=0.95)) == ["deepfake.png"]
    assert names(rows, Filter(text="AGAIN")) == ["facetune again.png"]


def test_the_same_file_again_names_the_first(rows):
    assert {row.name: row.same_as for row in rows if row.same_as} == {"facetune again.png": "facetune.png"}


def test_an_error_keeps_its_code_and_message(rows):
    (failed,) = [row for row in rows if row.error]
    assert failed.error == {"code": "unreadable_photo", "message": "It is broken."}
    assert failed.p_edited is None


def test_an_older_record_of_a_photo_half_examined_is_not_plainly_without_indication(tmp_path):
    (record,) = (each for each in mixed_run(tmp_path).results() if each["name"] == "real.png")
    (row,) = rows_of([record | {"faces_left_out": 7, "reasons": ["too_many_faces"]}])
    assert row.verdict.label == "inconclusive" and "too_many_faces" in row.verdict.reasons
