"""Every dataset that is found by scanning keeps the same promises; small folders stand in for the collections."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.datasets import FACTS, LABELS, SPLITS, Dataset, dataset, datasets, recognise
from pipeline.datasets.files import is_picture_name
from pipeline.errors import BadDataset, UnknownName

ALL = sorted(datasets())
TESTED_ELSEWHERE = {"forged"}
"""Datasets whose folder is the work of another part, and is tested with it."""
BUILT = [name for name in ALL if name not in TESTED_ELSEWHERE]


@pytest.fixture(params=BUILT)
def built(request, layouts, tmp_path) -> tuple[Dataset, Path]:
    """A dataset and its small folder."""
    return dataset(request.param), layouts[request.param](tmp_path / "home")


def test_datasets_are_found_by_scanning(layouts):
    assert set(layouts) == set(BUILT), "each dataset has a small folder of its layout in conftest.py"


@pytest.mark.parametrize("name", ALL)
def test_a_dataset_declares_everything(name):
    one = datasets()[name]
    assert one.name == name
    assert all(isinstance(text, str) and text for text in (one.revision, one.licence, one.citation, one.obtain))
    assert one.labels, "the collection's words and what they mean"
    for word, meaning in one.labels.items():
        label, _, kind = meaning.partition(": ")
        assert word and label in LABELS and kind


@pytest.mark.parametrize("name", ALL)
def test_an_empty_folder_is_refused_before_the_first_record(name, tmp_path):
    with pytest.raises(BadDataset, match=str(tmp_path)):
        next(iter(dataset(name).records(tmp_path)))


@pytest.mark.parametrize("name", ALL)
def test_no_folder_is_refused(name, tmp_path):
    with pytest.raises(BadDataset):
        next(iter(dataset(name).records(tmp_path / "absent")))


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_recognised_in_an_empty_folder(name, tmp_path):
    assert not dataset(name).looks_like(tmp_path) and not dataset(name).looks_like(tmp_path / "absent")


def test_records_fit_the_contract(built):
    one, home = built
    found = list(one.records(home))
    assert found
    for record in found:
        assert record.path.is_file() and is_picture_name(record.path)
        assert record.label in LABELS and record.kind and record.source and record.group
        assert record.regions == "" or (len(record.regions) == 4 and set(record.regions) <= {"0", "1"})
        assert record.label != "real" or (record.regions == "0000" and not record.mask)
        assert record.split in ("", *SPLITS)
        assert record.mask in ("", "pair") or Path(record.mask).is_file()
        assert record.mask != "pair" or record.pair
        assert set(record.facts) <= set(FACTS) and all(type(fact) is int for fact in record.facts.values())
    assert len({record.path for record in found}) == len(found)


def test_records_come_one_at_a_time_in_a_stable_order(built):
    one, home = built
    assert isinstance(one.records(home), Iterator)
    assert list(one.records(home)) == list(one.records(home))


def test_a_layout_is_recognised(built):
    one, home = built
    assert recognise(home) == one.name


def test_a_collection_without_one_of_its_folders_is_refused(built):
    one, home = built
    last = list(one.records(home))[-1].path.parent
    for path in [path for path in last.iterdir() if is_picture_name(path)]:
        path.unlink()
    with pytest.raises(BadDataset):
        next(iter(one.records(home)))


def test_what_unpacking_leaves_behind_is_passed_over(built, put):
    one, home = built
    before = list(one.records(home))
    for folder in {record.path.parent for record in before}:
        put(folder, "._1.jpg", ".hidden.png", "__MACOSX/1.jpg", ".cache/1.jpg", "Thumbs.db")
    assert list(one.records(home)) == before


def test_a_dataset_of_another_name():
    with pytest.raises(UnknownName, match="ciplab"):
        dataset("ciplabb")


def test_two_that_claim_a_folder_leave_it_unrecognised(layouts, tmp_path):
    home = layouts["ciplab_kaggle"](tmp_path)
    layouts["deepfake_and_real"](tmp_path)
    assert dataset("ciplab_kaggle").looks_like(home) and dataset("deepfake_and_real").looks_like(home)
    assert recognise(home) is None


def test_a_plain_real_and_fake_is_nobodys_in_particular(put, tmp_path):
    put(tmp_path, "real/real_1.jpg", "fake/fake_1.jpg")
    assert recognise(tmp_path) == "folders"


def test_what_is_no_collection_is_not_recognised(put, tmp_path):
    put(tmp_path, "holiday/1.jpg", "letters/2.txt", "one.jpg")
    (tmp_path / "notes.csv").write_bytes(b"\xff\xfe\x00a,b")
    assert recognise(tmp_path) is recognise(tmp_path / "one.jpg") is recognise(tmp_path / "notes.csv") is None
