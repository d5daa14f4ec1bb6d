"""A CSV of photos: what its columns say, and what is wrong with them, by line."""

import pytest

from pipeline.datasets import dataset
from pipeline.datasets.table import OPTIONAL, REQUIRED, ignored_columns
from pipeline.errors import BadDataset


def read(index):
    return list(dataset("table").records(index))


def test_all_columns(put, write_table, tmp_path):
    put(tmp_path, "a/1.jpg", "m/1.png")
    line = ("a/1.jpg", "DeepFake", "face swap", "web", "ann", "Validation", "1111", "hard", "p", "m/1.png")
    (record,) = read(write_table(tmp_path / "x.csv", REQUIRED + OPTIONAL, line))
    assert record.path == tmp_path / "a/1.jpg" and record.mask == str(tmp_path / "m/1.png")
    assert (record.label, record.kind, record.source, record.split) == ("deepfake", "face swap", "web", "val")
    assert (record.regions, record.difficulty, record.pair, record.group) == ("1111", "hard", "x-p", "table-ann")


def test_only_what_is_required(put, write_table, tmp_path):
    put(tmp_path, "1.jpg", "2.jpg")
    real, edited = read(write_table(tmp_path / "mine.csv", REQUIRED, ("1.jpg", "real"), ("2.jpg", "facetune")))
    assert (real.kind, real.regions, real.source) == ("camera", "0000", "mine")
    assert (edited.kind, edited.regions, edited.split, edited.mask) == ("unspecified", "", "", "")
    assert real.group != edited.group


def test_a_table_as_spreadsheets_save_it(put, tmp_path):
    put(tmp_path, "1.jpg", "2.jpg")
    text = '\ufeffPath , LABEL\r\n"1.jpg",real\r\n\r\n,\r\n2.jpg, facetune \r\n'
    (tmp_path / "x.csv").write_text(text, encoding="utf-8", newline="")
    assert [record.label for record in read(tmp_path / "x.csv")] == ["real", "facetune"]


def test_other_columns_are_told(put, write_table, tmp_path):
    put(tmp_path, "1.jpg")
    index = write_table(tmp_path / "x.csv", ("path", "camera", "label", "remark"), ("1.jpg", "", "real", "nice"))
    assert ignored_columns(index) == ["camera", "remark"] and len(read(index)) == 1


def test_a_misspelt_column(put, write_table, tmp_path):
    put(tmp_path, "1.jpg")
    index = write_table(tmp_path / "x.csv", ("path", "label", "regoins"), ("1.jpg", "real", ""))
    with pytest.raises(BadDataset, match=r"'regoins'\. Did you mean 'regions'"):
        read(index)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"label": "fake"}, "line 4: label is 'fake'; it must be one of: real, deepfake, facetune"),
        ({"label": ""}, "line 4: label is ''"),
        ({"path": ""}, "line 4: path is empty"),
        ({"path": "notes.txt"}, "line 4: path is 'notes.txt', which is not named as a picture"),
        ({"split": "later"}, "line 4: split is 'later'; it must be one of: nothing, train"),
        ({"regions": "12"}, "line 4: regions is '12'"),
        ({"label": "real", "regions": "1000"}, "line 4: regions is '1000', but the photo is real"),
        ({"label": "real", "mask": "m.png"}, "line 4: there is a mask, but the photo is real"),
        ({"mask": "pair"}, "line 4: mask is \"pair\", but the column pair"),
        ({"path": "gone.jpg"}, r"names 2 files and 1 are absent, first .*gone\.jpg \(line 4\)"),
        ({"mask": "gone.png"}, r"names 3 files and 1 are absent, first .*gone\.png \(line 4\)"),
    ],
)  # fmt: skip
def test_a_line_that_does_not_fit(cells, said, put, write_table, tmp_path):
    put(tmp_path, "1.jpg", "two\nlines.jpg", "m.png", "notes.txt")
    header = REQUIRED + OPTIONAL
    first = {"path": "two\nlines.jpg", "label": "real"}  # takes lines 2 and 3
    second = {"path": "1.jpg", "label": "facetune"} | cells
    lines = ([line.get(column, "") for column in header] for line in (first, second))
    with pytest.raises(BadDataset, match=said):
        next(dataset("table").records(write_table(tmp_path / "x.csv", header, *lines)))


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(BadDataset, match="takes a CSV file"):
        read(tmp_path)


def test_two_columns_of_one_name(put, write_table, tmp_path):
    index = write_table(tmp_path / "x.csv", ("path", "label", "Path"), ("1.jpg", "real", "2.jpg"))
    with pytest.raises(BadDataset, match="two columns 'path'"):
        read(index)
