"""Walking folders and tables: in order, past loops and leftovers, with any name, without holding what was read."""

import os
import tracemalloc
from itertools import islice

import pytest

from pipeline.datasets import dataset
from pipeline.datasets.files import pictures
from pipeline.errors import BadDataset
from pipeline.photo import SUFFIXES

STRANGE = ('it"s "quoted", a.jpg', "two\nlines.png", "😀 смех.webp", "comma,semi;.JPG", "-rf.jpg", " blank .jpg")


def names(folder):
    return [path.relative_to(folder).as_posix() for path in pictures(folder)]


def test_pictures_are_sorted_and_told_by_their_suffix(put, tmp_path):
    put(tmp_path, "b.jpg", "a/2.PNG", "a/1.jpeg", "c.txt", "c.jpg.part", "a.jpg", "jpg", *(f"z/x{s}" for s in SUFFIXES))
    assert names(tmp_path) == sorted(names(tmp_path), key=lambda name: name.split("/"))
    assert names(tmp_path)[:4] == ["a/1.jpeg", "a/2.PNG", "a.jpg", "b.jpg"] and len(names(tmp_path)) == 4 + len(
        SUFFIXES
    )
    assert {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".avif", ".gif"} <= set(SUFFIXES)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".JPE", ".Jfif", ".HEIF"])
def test_whatever_can_be_read_is_found(suffix, put, tmp_path):
    put(tmp_path, f"real/1{suffix}", "fake/1.jpg")
    assert f"1{suffix}" in {record.path.name for record in dataset("folders").records(tmp_path)}


def test_links_are_followed_but_not_in_circles(put, tmp_path):
    put(tmp_path, "all/real/1.jpg", "all/fake/2.jpg", "elsewhere/3.jpg")
    real = tmp_path / "all" / "real"
    (real / "up").symlink_to(tmp_path / "all")
    (real / "self").symlink_to(real)
    (real / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(real)
    assert names(real) == ["1.jpg", "more/3.jpg"], "a link to what holds it would bring the other class in"


def test_a_link_to_nothing_is_left_to_whoever_reads_it(put, tmp_path):
    put(tmp_path, "1.jpg")
    (tmp_path / "2.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "3.jpg").symlink_to(tmp_path / "3.jpg")
    os.mkfifo(tmp_path / "4.jpg")  # reading it would wait for ever
    assert names(tmp_path) == ["1.jpg", "2.jpg", "3.jpg"]


def test_a_name_that_is_no_text(put, tmp_path):
    put(tmp_path, "real/1.jpg")
    try:
        (tmp_path / "real" / os.fsdecode(b"\xff.jpg")).touch()
    except OSError:
        pytest.skip("this file system has no such names")
    found = list(dataset("folders").records(tmp_path))
    assert len(found) == 2 and found[1].path.is_file()
    assert all(record.group.encode() for record in found), "groups are text that can be written"


def test_a_folder_that_cannot_be_read(put, tmp_path):
    put(tmp_path, "1.jpg")
    for path in (tmp_path / "1.jpg", tmp_path / "absent"):
        with pytest.raises(BadDataset, match="cannot be read as a folder"):
            names(path)


def test_any_name_works_in_a_folder(put, tmp_path):
    put(tmp_path, *(f"real/{name}" for name in STRANGE), "fake/1.jpg")
    found = [record for record in dataset("folders").records(tmp_path) if record.label == "real"]
    assert {record.path.name for record in found} == set(STRANGE) and all(record.path.is_file() for record in found)
    assert len({record.group for record in found}) == len(STRANGE)


def test_any_name_works_in_a_table(put, write_table, tmp_path):
    kept = [name for name in STRANGE if name == name.strip()]
    put(tmp_path, *kept)
    index = write_table(tmp_path / "photos.csv", ("path", "label"), *((name, "real") for name in kept))
    assert [record.path.name for record in dataset("table").records(index)] == kept


def test_a_long_table_is_not_held(put, write_table, tmp_path):
    put(tmp_path, "one.jpg")
    index = write_table(tmp_path / "photos.csv", ("path", "label"), *(("one.jpg", "real") for _ in range(4000)))
    next(dataset("table").records(index))
    tracemalloc.start()
    count = sum(1 for _ in dataset("table").records(index))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4000 and peak < 200_000


def test_a_large_folder_is_held_by_name_only(put, tmp_path):
    put(tmp_path, *(f"real/{n}.jpg" for n in range(3000)), "fake/1.jpg")
    next(dataset("folders").records(tmp_path))  # what is imported or remembered on the first call is no matter here
    tracemalloc.start()
    count = sum(1 for _ in dataset("folders").records(tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3001 and peak / count < 400, "bytes a photo"


def test_records_come_before_all_files_were_seen(put, tmp_path):
    put(tmp_path, "real/1.jpg", "real/z/2.jpg", "fake/1.jpg")
    found = dataset("folders").records(tmp_path)
    first = list(islice(found, 2))
    put(tmp_path, "real/z/3.jpg")
    assert [record.path.name for record in [*first, *found]] == ["1.jpg", "1.jpg", "2.jpg", "3.jpg"]
