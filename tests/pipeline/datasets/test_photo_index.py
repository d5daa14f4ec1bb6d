import hashlib
import os
import sqlite3

import pytest

from pipeline.datasets import photo_index
from pipeline.datasets.photo_index import Photos, Search, data_folder, name_data_folder
from pipeline.errors import BadDataset, DamagedDatabase


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def written(folder, **files):
    for name, data in files.items():
        path = folder / name.replace("_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".jpg").write_bytes(data)
    return folder


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path / "data", a_one=b"one", a_same=b"one", b_two=b"two")


@pytest.fixture
def index(tmp_path):
    return tmp_path / "home" / "photos.sqlite"


@pytest.fixture
def found(folder, index):
    made = Photos(index, folder)
    made.look()
    return made


def hashed(monkeypatch):
    """Record which files are hashed for the index from here on."""
    names, real = [], photo_index._hash_file
    monkeypatch.setattr(photo_index, "_hash_file", lambda path: names.append(path.name) or real(path))
    return names


def test_a_photo_is_found_by_its_bytes(found, folder):
    copy = found.read(sha256(b"two"))
    assert (copy.state, copy.path, copy.data) == ("here", folder / "b" / "two.jpg", b"two")
    assert found.read(sha256(b"one")).data == b"one"
    assert found.hashes() == {sha256(b"one"), sha256(b"two")}


def test_what_is_not_there_is_missing(found):
    copy = found.read(sha256(b"three"))
    assert (copy.state, copy.path, copy.data) == ("missing", None, b"")


def test_each_file_is_hashed_once(found, folder, index, monkeypatch):
    names = hashed(monkeypatch)
    Photos(index, folder).look()
    assert names == []
    written(folder, b_three=b"three")
    Photos(index, folder).look()
    assert names == ["three.jpg"]


def test_a_changed_file_is_hashed_again_and_said_to_have_changed(found, folder):
    (folder / "b" / "two.jpg").write_bytes(b"other")
    for _ in range(2):
        copy = found.read(sha256(b"two"))
        assert (copy.state, copy.path, copy.data) == ("changed", folder / "b" / "two.jpg", b"")
    assert found.read(sha256(b"other")).data == b"other"


def test_a_change_is_still_said_after_another_look(found, folder, index):
    (folder / "b" / "two.jpg").write_bytes(b"other")
    found.look()
    assert Photos(index, folder).read(sha256(b"two")).state == "changed"
    (folder / "b" / "two.jpg").write_bytes(b"two")
    found.look()
    assert found.read(sha256(b"two")).state == "here"


def test_of_two_copies_the_unchanged_one_is_read(found, folder):
    (folder / "a" / "one.jpg").write_bytes(b"other")
    copy = found.read(sha256(b"one"))
    assert (copy.state, copy.path) == ("here", folder / "a" / "same.jpg")


def test_bytes_that_changed_behind_the_stamp_are_never_shown(found, folder):
    path = folder / "b" / "two.jpg"
    stamp = path.stat()
    path.write_bytes(b"owt")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    copy = found.read(sha256(b"two"))
    assert copy.state == "changed" and copy.data == b""


def test_a_file_that_is_gone_is_missing(found, folder):
    (folder / "b" / "two.jpg").unlink()
    assert found.read(sha256(b"two")).state == "missing"
    found.look()
    assert found.hashes() == {sha256(b"one")}


def test_stamps_change_with_the_file_and_are_none_for_what_is_not_known(found, folder):
    known = [sha256(b"one"), sha256(b"two"), sha256(b"three")]
    before = found.stamps(known)
    assert set(before) == set(known[:2])
    (folder / "b" / "two.jpg").write_bytes(b"other")
    after = found.stamps(known)
    assert after[known[0]] == before[known[0]] and after[known[1]] != before[known[1]]


def test_only_what_lies_in_the_named_folder_counts(tmp_path, index):
    inside, beside = written(tmp_path / "data", one=b"one"), written(tmp_path / "data2", two=b"two")
    for folder in (inside, beside):
        Photos(index, folder).look()
    assert Photos(index, inside).hashes() == {sha256(b"one")}
    assert Photos(index, inside).read(sha256(b"two")).state == "missing"
    assert Photos(index, beside).hashes() == {sha256(b"two")}


def test_names_that_are_no_text_are_found_too(tmp_path, index):
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / os.fsdecode(b"\xff\xfe.jpg")
    path.write_bytes(b"odd")
    made = Photos(index, folder)
    made.look()
    assert made.read(sha256(b"odd")).path == path


def test_what_cannot_be_read_is_passed_over(folder, index):
    (folder / "a" / "broken.jpg").symlink_to(folder / "nowhere.jpg")
    made = Photos(index, folder)
    made.look()
    assert made.hashes() == {sha256(b"one"), sha256(b"two")}


def test_progress_is_told_for_every_file(folder, index):
    told = []
    Photos(index, folder).look(lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_killed_look_keeps_what_it_wrote(folder, index, monkeypatch):
    monkeypatch.setattr(photo_index, "BATCH", 1)

    def killed(done, total):
        if done == 2:
            raise KeyboardInterrupt

    made = Photos(index, folder)
    with pytest.raises(KeyboardInterrupt):
        made.look(killed)
    names = hashed(monkeypatch)
    made.look()
    assert names == ["two.jpg"]


def test_a_folder_that_is_gone_is_said_and_nothing_is_forgotten(found, folder, index, tmp_path):
    folder.rename(tmp_path / "moved")
    with pytest.raises(BadDataset, match="data"):
        found.look()
    (tmp_path / "moved").rename(folder)
    assert found.read(sha256(b"two")).state == "here"


def test_a_damaged_index_is_named(folder, index):
    index.parent.mkdir()
    index.write_bytes(b"no database at all" * 100)
    with pytest.raises(DamagedDatabase, match=r"photos\.sqlite"):
        Photos(index, folder).look()


def test_an_index_of_another_form_is_said(folder, index):
    index.parent.mkdir()
    with sqlite3.connect(index) as database:
        database.execute("create table files (path text)")
    with pytest.raises(DamagedDatabase, match=r"photos\.sqlite"):
        Photos(index, folder).look()


def test_the_search_goes_on_behind_and_tells_how_it_ended(folder, index):
    search = Search(Photos(index, folder))
    assert not search.running and search.looks == 0
    search.start()
    search.wait(30)
    assert (search.done, search.total, search.looks, search.problem) == (3, 3, 1, None)
    search.start()
    search.wait(30)
    assert search.looks == 2


def test_a_search_that_fails_says_why(tmp_path, index):
    search = Search(Photos(index, tmp_path / "nowhere"))
    search.start()
    search.wait(30)
    assert isinstance(search.problem, BadDataset) and search.looks == 1


def test_a_folder_is_named_kept_and_taken_back(home, tmp_path):
    assert data_folder() is None
    name_data_folder(f"  {tmp_path} ")
    assert data_folder() == tmp_path
    with pytest.raises(BadDataset, match="no folder"):
        name_data_folder(str(tmp_path / "nowhere"))
    assert data_folder() == tmp_path
    name_data_folder("")
    assert data_folder() is None


def test_the_environment_wins_over_the_folder_named_here(home, setting, tmp_path):
    name_data_folder(str(tmp_path))
    (tmp_path / "other").mkdir()
    setting(data=tmp_path / "other")
    assert data_folder() == tmp_path / "other"
