"""Files, folders and zip archives as hostile or careless people hand them over."""

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import PhotoTooLarge, UnreadablePhoto, UnsafeArchive
from pipeline.intake import Item, Named, is_zip, named_in, unpack_file
from pipeline.intake import read_path as read_named

ODD_NAMES = [
    "quote'\".jpg",
    "line\nbreak.jpg",
    "emoji 😀.jpg",
    "<img src=x onerror=alert(1)>.jpg",
    "=cmd|'calc'!A0.jpg",
    "über ü.jpg",
    "-rf.jpg",
    "$(reboot).jpg",
    " .jpg",
]


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read_path(path: Path) -> list[Item]:
    """Return what a file that was named outright holds."""
    return list(read_named(Named(str(path))))


def paths_in(path: Path, recursive: bool) -> list[Path]:
    """Return what a path names and what is to be read."""
    return [Path(named.path) for named in named_in(str(path), recursive) if not named.left_out]


def taken(data: bytes, name: str = "a.zip") -> list[Item]:
    return list(unpack_file(name, data))


def outcome(item: Item) -> tuple[str, bytes, str]:
    return item.name, item.data, item.error.code if item.error else ""


def test_a_plain_file_is_itself():
    assert taken(b"some bytes", "x.jpg") == [Item("x.jpg", b"some bytes")]
    assert taken(b"", "x.jpg") == [Item("x.jpg", b"")]


def test_a_zip_gives_its_files_in_order_under_its_name():
    data = zipped({"b.jpg": b"B", "sub/a.jpg": b"A", "sub/": b""})
    assert [outcome(item) for item in taken(data)] == [("a.zip › b.jpg", b"B", ""), ("a.zip › sub/a.jpg", b"A", "")]


def test_a_zip_is_told_by_its_bytes_unless_it_is_named_like_a_picture():
    data = zipped({"x.jpg": b"X"})
    assert is_zip("anything", data) and is_zip("a.docx", data) and not is_zip("a.JPG", data)
    assert not is_zip("a.zip", b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "name", ["../../etc/x.jpg", "/etc/x.jpg", "C:\\x.jpg", "..\\x.jpg", "a/../../x.jpg", *ODD_NAMES]
)
def test_a_name_in_a_zip_leads_nowhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (item,) = taken(zipped({name: b"X"}))
    assert item.data == b"X" and item.error is None and item.name.startswith("a.zip › ")
    assert list(tmp_path.iterdir()) == [] and not (tmp_path.parent / "x.jpg").exists()


def encrypted(data: bytes) -> bytes:
    """Set the flag that says an entry is encrypted, in its own header and in the directory."""
    out = bytearray(data)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.index(magic) + offset
        out[at : at + 2] = struct.pack("<H", 1)
    return bytes(out)


def test_an_encrypted_entry_is_said_and_the_rest_goes_on():
    data = encrypted(zipped({"secret.jpg": b"S" * 50, "open.jpg": b"O"}))
    secret, plain = taken(data)
    assert isinstance(secret.error, UnsafeArchive) and "it is encrypted" in str(secret.error)
    assert outcome(plain) == ("a.zip › open.jpg", b"O", "")


def test_a_zip_in_a_zip_is_refused_and_the_rest_goes_on():
    first, second = taken(zipped({"inner.zip": zipped({"x.jpg": b"X"}), "y.jpg": b"Y"}))
    assert "inside a zip archive" in str(first.error) and second.data == b"Y"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_stopped_are_refused(method):
    (item,) = taken(zipped({"bomb.jpg": bytes(3_000_000)}, method))
    assert isinstance(item.error, UnsafeArchive) and "unusual method" in str(item.error)


@pytest.mark.parametrize("cut", [4, 30, 60, -1, -30])
def test_a_damaged_zip(cut):
    data = zipped({"a.jpg": os.urandom(300), "b.jpg": b"B"})
    (item,) = taken(data[:cut])
    assert isinstance(item.error, UnsafeArchive) and "damaged" in str(item.error) and item.name == "a.zip"


def test_a_damaged_entry_is_said_and_the_rest_goes_on():
    data = bytearray(zipped({"a.jpg": b"A" * 500, "b.jpg": b"B"}))
    data[data.index(b"a.jpg") + 8] ^= 0xFF
    first, second = taken(bytes(data))
    assert isinstance(first.error, UnsafeArchive) and second.data == b"B"


def test_an_empty_zip():
    (item,) = taken(zipped({}))
    assert "holds no files" in str(item.error)


def test_an_operating_systems_notes_are_left_out():
    entries = {"__MACOSX/._x.jpg": b"?", "a/.DS_Store": b"?", "Thumbs.db": b"?", "desktop.ini": b"?", "x.jpg": b"X"}
    *notes, photo = taken(zipped(entries))
    assert outcome(photo) == ("a.zip › x.jpg", b"X", "") and {item.left_out for item in notes} == {"system file"}


def test_a_document_that_is_a_zip_gives_its_pictures():
    items = taken(zipped({"[Content_Types].xml": b"<?xml?>", "word/media/image1.png": b"P"}), "letter.docx")
    assert outcome(items[1]) == ("letter.docx › word/media/image1.png", b"P", "") and len(items) == 2
    assert items[0].left_out == ".xml"


def test_a_zip_bomb_is_stopped_at_the_limit_of_a_file(setting):
    setting(max_megabytes=1)
    bomb, after = taken(zipped({"bomb.jpg": bytes(50_000_000), "after.jpg": b"A"}))
    assert isinstance(bomb.error, UnsafeArchive) and "more than 1 MB" in str(bomb.error) and bomb.data == b""
    assert after.data == b"A"


def test_what_a_zip_says_of_its_sizes_is_not_believed(setting):
    setting(max_megabytes=1)
    data = bytearray(zipped({"bomb.jpg": bytes(5_000_000)}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    (item,) = taken(bytes(data))
    assert item.error is not None or len(item.data) <= 1_000_000


def test_many_bombs_cost_no_more_than_the_limit_of_an_archive(setting):
    setting(max_megabytes=2, max_zip_megabytes=5)
    items = taken(zipped({f"{number}.jpg": bytes(3_000_000) for number in range(10)}))
    assert len(items) == 4 and all(isinstance(item.error, UnsafeArchive) for item in items)
    assert "7 files after the first 3 were not looked at" in str(items[-1].error) and items[-1].name == "a.zip"
    assert items[-1].count == 7


def test_small_files_are_taken_up_to_the_limit_and_the_rest_is_said(setting):
    setting(max_megabytes=2, max_zip_megabytes=3)
    items = taken(zipped({f"{number}.jpg": bytes(1_000_000) for number in range(5)}))
    assert [len(item.data) for item in items] == [1_000_000] * 3 + [0]
    assert "2 files after the first 3 were not looked at" in str(items[-1].error)


def test_too_many_files_are_said(setting):
    setting(max_zip_files=3)
    items = taken(zipped({f"{number}.jpg": b"x" for number in range(5)}))
    assert [bool(item.error) for item in items] == [False] * 3 + [True]
    assert "2 files after the first 3 were not looked at" in str(items[-1].error)


def test_paths_in_a_folder(tmp_path):
    for name in ("b.JPG", "a.png", "notes.txt", "c.zip", "sub/d.heic", "sub/deeper/e.webp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.jpg").mkdir()
    found = [str(path.relative_to(tmp_path)) for path in paths_in(tmp_path, False)]
    assert found == ["a.png", "b.JPG", "c.zip", "notes.txt"], "what it is is told when it is read"
    deep = [str(path.relative_to(tmp_path)) for path in paths_in(tmp_path, True)]
    assert deep == ["a.png", "b.JPG", "c.zip", "notes.txt", "sub/d.heic", "sub/deeper/e.webp"]
    assert paths_in(tmp_path / "notes.txt", False) == [tmp_path / "notes.txt"]
    assert paths_in(tmp_path / "none", True) == [tmp_path / "none"]


def test_a_path_that_is_no_path_never_raises(tmp_path):
    for path in (tmp_path / ("x" * 5000), tmp_path / "none" / "a.jpg", tmp_path / "loop.jpg"):
        if path.name == "loop.jpg":
            path.symlink_to(path)
        (item,) = [item for named in named_in(str(path), True) for item in read_named(named)]
        assert isinstance(item.error, UnreadablePhoto) and "could not be opened" in str(item.error)


def test_a_missing_file_and_a_folder(tmp_path):
    (missing,) = read_path(tmp_path / "none.jpg")
    (folder,) = read_path(tmp_path)
    assert "No such file" in str(missing.error) and "Is a directory" in str(folder.error)
    assert missing.error.code == folder.error.code == "unreadable_photo"


def test_a_folder_that_may_not_be_listed_is_said(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(b"x")

    def denied(path: str) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(os, "scandir", denied)
    (item,) = [item for named in named_in(str(tmp_path), True) for item in read_named(named)]
    assert isinstance(item.error, UnreadablePhoto) and "The folder could not be opened: denied" in str(item.error)


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    (item,) = read_path(path)
    assert "Permission denied" in str(item.error)


def test_a_file_that_is_too_large(tmp_path, setting):
    setting(max_megabytes=1)
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(1_000_001))
    (item,) = read_path(path)
    assert isinstance(item.error, PhotoTooLarge) and item.data == b""
    path.write_bytes(bytes(1_000_000))
    (item,) = read_path(path)
    assert item.error is None and len(item.data) == 1_000_000


def test_a_device_without_end_is_read_no_further_than_the_limit(setting):
    setting(max_megabytes=1)
    (item,) = read_path(Path("/dev/zero"))
    assert isinstance(item.error, PhotoTooLarge)


def test_a_zip_may_be_larger_than_a_photo(tmp_path, setting):
    setting(max_megabytes=1)
    path = tmp_path / "a.ZIP"
    path.write_bytes(zipped({f"{number}.jpg": os.urandom(600_000) for number in range(3)}))
    assert [len(item.data) for item in read_path(path)] == [600_000] * 3


def test_a_file_that_is_only_named_zip(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"\xff\xd8\xff no zip")
    (item,) = read_path(path)
    assert item == Item(str(path), path.read_bytes())


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_on_disk(name, tmp_path):
    (tmp_path / name).write_bytes(b"x")
    assert paths_in(tmp_path, False) == [tmp_path / name]
    (item,) = read_path(tmp_path / name)
    assert item == Item(str(tmp_path / name), b"x")


def test_a_name_that_is_no_utf8_can_be_printed(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    path.write_bytes(b"x")
    (item,) = [item for named in named_in(str(tmp_path), False) for item in read_named(named)]
    assert item.data == b"x" and item.name.encode("utf-8").endswith(rb"caf\xe9.jpg")
    assert item.raw_name == os.fsencode(path)


def test_an_error_keeps_no_bytes_alive(setting, tmp_path):
    """A refused file of 200 MB would stay in memory for as long as its error is kept."""
    setting(max_megabytes=1)
    (tmp_path / "large.jpg").write_bytes(bytes(1_500_000))
    (bomb,), (large,) = taken(zipped({"bomb.jpg": bytes(3_000_000)})), read_path(tmp_path / "large.jpg")
    for problem in (bomb.error, large.error):
        assert problem.__traceback__ is problem.__cause__ is problem.__context__ is None and str(problem)
