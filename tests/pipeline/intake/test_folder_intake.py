"""Folders: nothing in them is passed over without a word."""

import os
from collections import Counter
from pathlib import Path

import pytest
from raw_zip import Entry, raw_zip

from pipeline.intake import Item, Named, named_in, read_path, unpack_file
from pipeline.intake import folders as module

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20
VIDEO = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(5000)
RAW = b"FUJIFILMCCD-RAW " + bytes(2000)


def put(folder, **files: bytes):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def found(path, recursive=False) -> list[Item]:
    return [item for named in named_in(str(path), recursive) for item in read_path(named)]


def kinds(items: list[Item]) -> Counter[str]:
    return Counter({item.left_out: 0 for item in items if item.left_out}) + Counter(
        kind for item in items if (kind := item.left_out) for _ in range(item.count)
    )


def test_photos_are_told_by_their_bytes_whatever_their_ending(tmp_path):
    odd = ["hopper", "IMG_0001.HIF", "a.mpo", "tweet.jpg_large", "saved.jpg!large", "copy.jpg.1", "win.pjpeg", "x.dng"]
    put(tmp_path, **dict.fromkeys(odd, PHOTO))
    assert {item.name: item.data for item in found(tmp_path)} == {str(tmp_path / name): PHOTO for name in odd}


def test_what_is_no_photo_and_not_named_like_one_is_left_out_by_its_kind(tmp_path):
    put(tmp_path, **{"a.jpg": PHOTO, "a.json": b'{"a": 1}', "b.JSON": b"{}", "clip.mov": VIDEO, "no ending": b"words",
                     "._a.jpg": b"\0\5\x16\7", ".DS_Store": b"\0\0\0\1Bud1", "Thumbs.db": b"\xd0\xcf",
                     "x.docx": raw_zip([]), "a.very-long-ending-indeed": b"\1\2\3", "empty.txt": b""})  # fmt: skip
    items = found(tmp_path)
    assert [item.data for item in items if not item.left_out] == [PHOTO]
    assert kinds(items) == {".json": 2, "video": 1, "text file": 1, "system file": 3, ".docx": 1, ".txt": 1,
                            "of an unknown kind": 1}  # fmt: skip
    assert not any(item.data or item.error for item in items if item.left_out)


def test_what_holds_the_photo_or_is_named_like_one_is_never_left_out(tmp_path):
    put(tmp_path, **{"DSC.raf": RAW, "clip.jpg": VIDEO, "empty.png": b"", "a.7z": b"7z\xbc\xaf\x27\x1c",
                     "a.zip": b"no zip", "b.zip": raw_zip([Entry(b"x.jpg", PHOTO)]),
                     "c": raw_zip([Entry(b"y.jpg", PHOTO)])})  # fmt: skip
    items = found(tmp_path)
    assert not any(item.left_out for item in items) and len(items) == 7
    assert [item.name.split("/")[-1] for item in items if item.data == PHOTO] == ["b.zip › x.jpg", "c › y.jpg"]


def test_a_file_that_was_named_outright_is_never_left_out(tmp_path):
    put(tmp_path, **{"notes.txt": b"words", "clip.mp4": VIDEO, "._a.jpg": b"\0\5\x16\7"})
    for name in ("notes.txt", "clip.mp4", "._a.jpg"):
        (item,) = found(tmp_path / name)
        assert not item.left_out and item.data == (tmp_path / name).read_bytes()


def test_one_rule_for_folders_uploaded_and_on_disk(tmp_path):
    files = {"a.jpg": PHOTO, "b.json": b"{}", "c.mp4": VIDEO, "d.docx": raw_zip([Entry(b"x.jpg", PHOTO)]),
             "e.zip": raw_zip([Entry(b"y.jpg", PHOTO), Entry(b"z.txt", b"text")]), "f.raf": RAW}  # fmt: skip
    put(tmp_path, **files)
    uploaded = [item for name, data in files.items() for item in unpack_file(name, data, outright=False)]
    assert [(item.name.split("/")[-1], item.data, item.left_out) for item in found(tmp_path)] == [
        (item.name, item.data, item.left_out) for item in uploaded
    ]
    (note,) = unpack_file("holiday/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg", PHOTO, outright=False)
    assert note.left_out == "system file"


def test_subfolders_are_counted_where_they_are_not_looked_into(tmp_path, monkeypatch):
    put(tmp_path, **{"top.jpg": PHOTO, "2024/deep.jpg": PHOTO, "2024/more/deeper.jpg": PHOTO, "2023/a.jpg": PHOTO})
    (tmp_path / "empty").mkdir()
    assert kinds(found(tmp_path)) == {"in subfolders": 3}
    assert [item.data for item in found(tmp_path, recursive=True)] == [PHOTO] * 4
    monkeypatch.setattr(module, "COUNTED", 1)
    assert kinds(found(tmp_path)) == {"in subfolders": 2}, "no folder is counted for ever"


@pytest.mark.parametrize("recursive", [False, True])
def test_a_systems_folders_are_counted_and_not_looked_into(recursive, tmp_path):
    put(tmp_path, **{"a.jpg": PHOTO, "@eaDir/a.jpg/SYNO.jpg": PHOTO, "__MACOSX/._a.jpg": b"", "__MACOSX/._b.jpg": b""})
    assert kinds(found(tmp_path, recursive)) == {"system file": 3}
    assert [item.data for item in found(tmp_path / "@eaDir" / "a.jpg")] == [PHOTO], "unless they are named"


def test_links(tmp_path):
    put(tmp_path, **{"real.png": PHOTO, "in/to-photo.jpg": PHOTO})
    folder = tmp_path / "in"
    (folder / "link.jpg").symlink_to("../real.png")
    (folder / "broken.jpg").symlink_to("nowhere.jpg")
    (folder / "loop").symlink_to(".")
    (folder / "itself.jpg").symlink_to("itself.jpg")
    for recursive in (False, True):
        items = found(folder, recursive)
        assert (
            kinds(items) == {"broken link": 2, "link": 1} and [item.data for item in items if item.data] == [PHOTO] * 2
        )


def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert kinds(found(tmp_path)) == {"device or pipe": 1}
    (outright,) = found(tmp_path / "pipe.jpg")
    assert "a device or a pipe and no file" in str(outright.error) and not outright.left_out


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="only Linux makes files up")
def test_files_that_the_system_makes_up_are_not_waited_for(tmp_path):
    (tmp_path / "log").symlink_to("/proc/kmsg")
    (tmp_path / "cpus.jpg").symlink_to("/sys/devices/system/cpu/online")
    assert kinds(found(tmp_path)) == {"device or pipe": 2}
    for path in ("/proc/kmsg", tmp_path / "log", "/dev/tty", "/dev/kmsg"):
        (item,) = found(path)
        assert item.error and not item.data


def test_what_a_shell_hands_over_is_read():
    reads, writes = os.pipe()
    os.write(writes, PHOTO)
    os.close(writes)
    (item,) = found(f"/dev/fd/{reads}")
    os.close(reads)
    assert item.data == PHOTO


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """A photo in a folder that lies deeper than calls may; what clears up after tests calls itself for each folder."""
    monkeypatch.chdir(tmp_path)
    for _ in range(1100):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.jpg").write_bytes(PHOTO)
    yield tmp_path
    Path("a.jpg").unlink()
    for _ in range(1100):
        os.chdir("..")
        Path("d").rmdir()


def test_a_folder_deeper_than_calls_may_go(deep):
    assert [item.data for item in found(deep, recursive=True)] == [PHOTO]
    assert kinds(found(deep)) == {"in subfolders": 1}


def test_an_unreadable_subfolder_is_said(tmp_path, monkeypatch):
    put(tmp_path, **{"a.jpg": PHOTO, "locked/b.jpg": PHOTO})
    scandir = os.scandir

    def denied(path):
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(module.os, "scandir", denied)
    photo, locked = found(tmp_path, recursive=True)
    assert photo.data == PHOTO and "The folder could not be opened: Permission denied" in str(locked.error)


def test_no_more_than_the_beginning_is_read_of_what_is_left_out(tmp_path, setting):
    setting(max_megabytes=1)
    with (tmp_path / "long.mp4").open("wb") as file:
        file.write(VIDEO)
        file.truncate(5 << 30)
    (item,) = found(tmp_path)
    assert item.left_out == "video"
    (outright,) = found(tmp_path / "long.mp4")
    assert "a video" in str(outright.error) and "frame" in str(outright.error), "its size is not what is wrong with it"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://example.org/a.jpg", "Addresses are not fetched: save the photo and name the file."),
        ("HTTP://example.org", "Addresses are not fetched"),
        ("www.example.org/a.jpg", "Addresses are not fetched"),
        ("data:image/png;base64,AAAA", "Addresses are not fetched"),
        ("-", "Standard input is not read"),
    ],
)
def test_addresses_and_standard_input_are_named(address, said):
    (item,) = found(address)
    assert said in str(item.error) and item.name == address


def test_a_file_that_is_called_like_an_address_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, **{"www.example.org.jpg": PHOTO})
    assert [item.data for item in found("www.example.org.jpg")] == [PHOTO]


def test_what_is_not_wanted_is_not_read(tmp_path):
    put(tmp_path, **{"a.jpg": PHOTO, "b.json": b"{}"})
    items = [item for named in named_in(str(tmp_path), False) for item in read_path(named, lambda name: False)]
    assert [(item.known, item.left_out) for item in items] == [(True, ""), (False, ".json")]
    (missing,) = read_path(Named(str(tmp_path / "none.jpg")), lambda name: False)
    assert missing.known and missing.error is None
