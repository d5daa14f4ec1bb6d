"""`prepare`: collections in, one manifest out; bad files are told, bad collections refused, nothing leaks."""

import errno
from dataclasses import replace
from functools import partial
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.datasets import Dataset, Record
from pipeline.errors import BadDataset, DiskFull, LeakyManifest, UnknownName
from pipeline.manifest import prepare as module
from pipeline.manifest.file_facts import FileFacts
from pipeline.manifest.prepare import prepare, sources_of
from pipeline.manifest.seen import VALIDATED, with_seen
from pipeline.manifest.splits import DONOR_ELSEWHERE
from pipeline.manifest.table import COLUMNS, read_manifest
from tests.pipeline.manifest.pictures import collection, jpeg, scene, written


@pytest.fixture
def collections(monkeypatch):
    """Make data sets of records on the spot: `collections(name=[Record(…), …])`."""
    known = {}

    def put(**records):
        for name, made in records.items():
            known[name] = Dataset(name, "1", "CC0", "none", "made here", {}, lambda _folder, made=made: iter(made))
        monkeypatch.setattr(module, "dataset", known.__getitem__)

    return put


@pytest.fixture
def photos(tmp_path):
    """Twenty real, twelve deepfake and ten facetune photos, each its own group."""
    made = []
    for number in range(42):
        label = "real" if number < 20 else "deepfake" if number < 32 else "facetune"
        path = written(tmp_path / "photos" / f"{number:02}.jpg", scene(number))
        made.append(Record(path, label, "any", "here", f"g{number:02}"))
    return made


def run(tmp_path, *names, **options):
    return prepare([(name, tmp_path) for name in names], tmp_path / "out", workers=1, **options)


def test_the_manifest_has_a_row_a_photo_with_its_facts(collections, photos, tmp_path):
    collections(one=photos)
    made = run(tmp_path, "one").table
    read = read_manifest(tmp_path / "out")
    assert list(read) == list(COLUMNS) and len(read) == 42
    pd.testing.assert_frame_equal(read, made, check_dtype=False)
    assert (read.jpeg_quality == 90).all() and (read.width == 96).all() and read.sha256.is_unique
    assert (read.dataset == "one").all() and (read.original_bytes == -1).all()
    assert read[read.balanced].groupby("split").label.value_counts().unstack().eval("real == deepfake + facetune").all()
    said = (tmp_path / "out" / "summary.md").read_text()
    assert "42 photos can be used of 42" in said and "Every file could be read" in said


def test_bad_files_are_quarantined_listed_and_left_where_they_are(collections, photos, tmp_path):
    photos[3].path.write_bytes(b"")
    photos[4].path.write_bytes(b"<html>")
    photos[5].path.unlink()
    collections(one=photos)
    table = run(tmp_path, "one").table
    bad = table[table.quarantine != ""]
    assert bad.index.tolist() == [3, 4, 5] and bad.quarantine.str.startswith("unreadable_photo").all()
    assert not bad.balanced.any() and (bad.left_out == "quarantined").all()
    listed = pd.read_csv(tmp_path / "out" / "quarantine.csv")
    assert listed.path.tolist() == [str(photo.path) for photo in photos[3:6]]
    assert photos[3].path.read_bytes() == b"" and photos[4].path.read_bytes() == b"<html>"


def test_two_sources_that_share_a_photo_share_a_group_and_use_it_once(collections, photos, tmp_path):
    copy = written(tmp_path / "more" / "copy.jpg", scene(7))
    again = Record(written(tmp_path / "more" / "again.jpg", scene(8), 40), "real", "any", "there", "other")
    collections(one=photos, two=[Record(copy, "real", "any", "there", "another"), again])
    table = run(tmp_path, "one", "two").table
    assert table.group[42] == table.group[7] and table.split[42] == table.split[7]
    assert table.left_out[42] == f"the same bytes as {photos[7].path}" and not table.balanced[42]
    assert table.group[43] == table.group[8] and table.left_out[43] != "quarantined"
    said = (tmp_path / "out" / "summary.md").read_text()
    assert (
        "1 pairs of files with the same bytes, 1 pairs of near duplicates; 2 of these pairs lie in two sources" in said
    )


def test_a_photo_is_used_though_a_copy_of_it_in_quarantine_comes_first(collections, photos, tmp_path):
    unfit = replace(photos[40], pair="p", mask="pair")
    copy, again = (written(tmp_path / "more" / f"{name}.jpg", scene(40)) for name in ("copy", "again"))
    others = [Record(path, "facetune", "any", "there", "another") for path in (copy, again)]
    collections(one=[*photos[:40], unfit, photos[41]], two=others)
    table = run(tmp_path, "one", "two").table
    assert table.left_out[40] == "quarantined" and table.sha256[[40, 42, 43]].nunique() == 1
    assert not table.left_out[42].startswith("the same bytes") and table.left_out[43] == f"the same bytes as {copy}"


def test_what_published_weights_saw_is_found_again_in_edits_and_in_what_is_held_out(
    collections, photos, tmp_path, monkeypatch
):
    trained, validated = (FileFacts.of(photos[number].path).sha256[:16] for number in (3, 9))
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "some.photos").write_text(trained)
    (tmp_path / "cards" / "some.validation").write_text(validated)
    monkeypatch.setattr(module, "with_seen", partial(with_seen, root=tmp_path))
    edits = [
        Record(written(tmp_path / "edits" / f"{seed}.jpg", scene(seed)), "facetune", "any", "forge-here", f"e{seed}",
               pair=f"forge-{prefix}", split="test") for seed, prefix in ((100, trained), (101, "f" * 16))
    ]  # fmt: skip
    twin = Record(written(tmp_path / "twin.jpg", scene(9), 60), "real", "any", "held", "twin", held_out=True)
    stranger = Record(written(tmp_path / "stranger.jpg", scene(102)), "real", "any", "held", "other", held_out=True)
    collections(one=photos, two=[*edits, twin, stranger])
    table = run(tmp_path, "one", "two").table
    assert table.split[[3, 9, 42, 43, 45]].tolist() == ["train", "val", "train", "test", "unseen"]
    assert table.quarantine[44] == VALIDATED and (table.quarantine.drop(44) == "").all()


def test_the_same_bytes_with_two_labels_are_no_evidence_of_either(collections, photos, tmp_path):
    copy = written(tmp_path / "more" / "copy.jpg", scene(7))
    collections(one=photos, two=[Record(copy, "facetune", "any", "there", "another")])
    table = run(tmp_path, "one", "two").table
    assert table.quarantine[[7, 42]].tolist() == ["two_labels: the same bytes are labelled in two ways (here: real, there: facetune)"] * 2  # fmt: skip  # noqa: E501


def test_a_file_that_its_collection_does_not_tell_of_is_quarantined(collections, photos, tmp_path):
    """As where a run of the forge was killed while it made its pictures anew."""
    as_told = replace(photos[3], told_sha256=FileFacts.of(photos[3].path).sha256)
    collections(one=[*photos[:3], as_told, replace(photos[4], told_sha256="0" * 64), *photos[5:]])
    table = run(tmp_path, "one").table
    assert table.quarantine[4].startswith("other_bytes: ") and table.quarantine[4].endswith("run forge again")
    assert (table.quarantine.drop(4) == "").all()


@pytest.mark.parametrize(("side", "good"), [(96, True), (48, False)])
def test_a_masks_size(side, good, collections, photos, tmp_path):
    Image.new("L", (side, side)).save(tmp_path / "mask.png")
    odd = Record(photos[40].path, "facetune", "any", "here", "g40", mask=str(tmp_path / "mask.png"))
    collections(one=[*photos[:40], odd, photos[41]])
    table = run(tmp_path, "one").table
    assert (table.quarantine[40] == "") == good
    assert good or table.quarantine[40] == "bad_mask: the mask is (48, 48), the photo (96, 96) pixels"


def test_a_mask_is_found_from_any_folder(collections, photos, tmp_path, monkeypatch):
    Image.new("L", (96, 96)).save(tmp_path / "mask.png")
    monkeypatch.chdir(tmp_path)
    collections(one=[*photos[:40], replace(photos[40], mask="mask.png"), photos[41]])
    table = run(tmp_path, "one").table
    assert table["mask"][40:].tolist() == [str(tmp_path / "mask.png"), ""] and table.quarantine[40] == ""


def test_a_mask_that_is_no_picture_and_a_pair_without_its_original(collections, photos, tmp_path):
    (tmp_path / "mask.png").write_bytes(b"no")
    odd = Record(photos[40].path, "facetune", "any", "here", "g40", mask=str(tmp_path / "mask.png"))
    alone = Record(photos[41].path, "facetune", "any", "here", "g41", pair="p", mask="pair")
    collections(one=[*photos[:40], odd, alone])
    assert run(tmp_path, "one").table.quarantine[40:].str.startswith("bad_mask").all()


def test_an_empty_collection_and_one_without_a_readable_file(collections, photos, tmp_path):
    collections(one=[])
    with pytest.raises(BadDataset, match="one: there are no photos in"):
        run(tmp_path, "one")
    photos[0].path.write_bytes(b"")
    collections(one=photos[:1])
    with pytest.raises(BadDataset, match="None of the files can be used; the first says: unreadable_photo"):
        run(tmp_path, "one")


def test_own_splits_that_leak_are_refused_and_the_older_manifest_stays(collections, photos, tmp_path):
    collections(one=photos)
    run(tmp_path, "one")
    before = (tmp_path / "out" / "manifest.parquet").read_bytes()
    twin = Record(written(tmp_path / "twin.jpg", scene(7), 60), "real", "any", "here", "twin", split="test")
    torn = [Record(p.path, p.label, p.kind, p.source, p.group, split="train") for p in photos]
    collections(one=[*torn, twin])
    with pytest.raises(LeakyManifest, match="--resplit"):
        run(tmp_path, "one")
    assert (tmp_path / "out" / "manifest.parquet").read_bytes() == before
    table = run(tmp_path, "one", resplit=True).table
    assert table.split[7] == table.split[42]


def test_a_full_disk_is_told_and_leaves_the_older_manifest(collections, photos, tmp_path, monkeypatch):
    collections(one=photos)
    run(tmp_path, "one")
    before = (tmp_path / "out" / "manifest.parquet").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(DiskFull, match=r"disk is full.*What was written before is valid"):
        run(tmp_path, "one")
    assert (tmp_path / "out" / "manifest.parquet").read_bytes() == before
    assert not list((tmp_path / "out").glob("*.part"))


def test_another_trouble_with_the_disk_is_no_full_disk(collections, photos, tmp_path, monkeypatch):
    collections(one=photos)

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", broken)
    with pytest.raises(OSError, match="Input/output"):
        run(tmp_path, "one")


def test_the_seed_and_the_folds(collections, photos, tmp_path):
    collections(one=photos)
    first, second = run(tmp_path, "one").table, run(tmp_path, "one", seed=2).table
    assert not first.split.equals(second.split)
    assert set(run(tmp_path, "one", folds=3).table.split) == {"fold0", "fold1", "fold2"}


def test_no_manifest_and_one_of_another_version(tmp_path):
    with pytest.raises(BadDataset, match=r"no manifest\.parquet in .*python -m pipeline prepare"):
        read_manifest(tmp_path)
    pd.DataFrame({"path": ["a"]}).to_parquet(tmp_path / "manifest.parquet")
    with pytest.raises(BadDataset, match="of another version"):
        read_manifest(tmp_path)


def test_what_the_command_line_names(tmp_path):
    folder = collection(tmp_path / "set", {"real": 2, "facetune": 2})
    assert sources_of([f"folders={folder}"]) == [("folders", folder)]
    assert sources_of([str(folder)]) == [("folders", folder)]
    with pytest.raises(BadDataset, match="There is nothing at"):
        sources_of(["folders=/no/such/folder"])
    with pytest.raises(UnknownName, match="ciplab"):
        sources_of([f"ciplob={folder}"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadDataset, match=r"no known layout.*folders"):
        sources_of([str(tmp_path / "empty")])


def test_the_command_line_with_two_processes(tmp_path):
    folder = collection(tmp_path / "set", {"real": 12, "facetune": 6, "deepfake": 6})
    (folder / "real" / "broken.jpg").write_bytes(jpeg(scene(1))[:500])
    done = CliRunner().invoke(app, ["prepare", str(folder), "--out", str(tmp_path / "out"), "--workers", "2"])
    assert done.exit_code == 0, done.output
    assert "24 photos can be used of 25" in done.output and "broken.jpg: unreadable_photo" in done.output
    table = read_manifest(tmp_path / "out")
    assert table.label.value_counts().to_dict() == {"real": 13, "facetune": 6, "deepfake": 6}
    assert np.isin(table.split, ["train", "val", "test"]).all()


def test_an_edit_with_a_part_of_a_photo_in_another_split_is_set_aside(collections, tmp_path):
    made = []
    for number in range(40):
        path = written(tmp_path / "photos" / f"{number:02}.jpg", scene(number))
        edit = written(tmp_path / "photos" / f"{number:02}-edit.jpg", scene(100 + number))
        own, donor = (sha256(f"{which}".encode()).hexdigest()[:16] for which in (number, (number + 1) % 40))
        shared = {"source": "forge-here", "group": f"g{number:02}", "pair": f"forge-{own}"}
        made.append(Record(path, "real", "camera", **shared))
        made.append(Record(edit, "deepfake", "face swap", donor=donor if number < 39 else "f" * 16, **shared))
    collections(one=made)
    for options in ({}, {"resplit": True}, {"folds": 4}):
        table = run(tmp_path, "one", **options).table
        split = dict(zip(table.pair[table.label == "real"], table.split[table.label == "real"], strict=True))
        aside = table[table.quarantine != ""]
        assert set(aside.quarantine) == {DONOR_ELSEWHERE} and (aside.label == "deepfake").all()
        for number, row in enumerate(table[table.label == "deepfake"].itertuples()):
            lender = f"forge-{sha256(f'{(number + 1) % 40}'.encode()).hexdigest()[:16]}"
            elsewhere = number < 39 and split[lender] != row.split
            assert (row.quarantine != "") == elsewhere, "of a donor that is not there nothing is known"
        assert 0 < len(aside) < 39
