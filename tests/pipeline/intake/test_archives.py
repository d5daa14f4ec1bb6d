"""Zip archives as phones, exports and old programs write them: each entry is read, refused in words, or counted."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from raw_zip import Entry, raw_zip

from pipeline.errors import UnsafeArchive
from pipeline.intake import Account, Item, Named, is_zip, read_path, unpack_file

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20
OTHER = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 30
APPLE = b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(80)
UTF8 = 0x800


def taken(data: bytes, name: str = "a.zip") -> list[Item]:
    """Return what an archive gives, which is the same from memory, as the app has it, and from disk."""
    return list(unpack_file(name, data))


def names(items: list[Item]) -> list[str]:
    return [item.name.removeprefix("a.zip › ") for item in items if not (item.error or item.left_out)]


def left_out(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.name.removeprefix("a.zip › "), item.left_out) for item in items if item.left_out]


def test_a_header_whose_name_is_no_utf8():
    latin = "Müller.jpg".encode("cp1252")
    items = taken(raw_zip([Entry("Müller.jpg".encode(), PHOTO, latin, UTF8), Entry(b"other.jpg", OTHER)]))
    assert names(items) == ["Müller.jpg", "other.jpg"] and [item.data for item in items] == [PHOTO, OTHER]


@pytest.mark.parametrize(("raw", "shown"), [(b"", "(no name)"), (b"\0hopper.jpg", "\ufffdhopper.jpg")])
def test_an_entry_without_a_name(raw, shown):
    items = taken(raw_zip([Entry(raw, PHOTO), Entry(b"other.jpg", OTHER)]))
    assert names(items) == [shown, "other.jpg"] and [item.data for item in items] == [PHOTO, OTHER]
    assert items[0].raw_name == raw


def test_bytes_that_are_missing_in_the_middle_or_at_the_start():
    whole = raw_zip([Entry(b"hopper.jpg", PHOTO), Entry(b"other.jpg", OTHER)])
    for data, why in ((whole[:1000] + whole[1500:], "damaged"), (whole[100:], "a part of it is missing")):
        lost, kept = taken(data)
        assert isinstance(lost.error, UnsafeArchive) and why in str(lost.error) and "[Errno" not in str(lost.error)
        assert kept.data == OTHER and is_zip("a.zip", data)


@pytest.mark.parametrize(("flags", "method"), [(1, 99), (0, 99), (1, 0), (0x41, 8), (0x2001, 8)])
def test_encrypted_entries_are_called_so(flags, method):
    extra = struct.pack("<HHHBBBH", 0x9901, 7, 2, 0x41, 0x45, 3, 8)
    secret, plain = taken(raw_zip([Entry(b"a.jpg", PHOTO, None, flags, method, extra), Entry(b"b.jpg", OTHER)]))
    assert "it is encrypted: unpack it with its password" in str(secret.error) and plain.data == OTHER


@pytest.mark.parametrize("local", [b"DCIM\\hopper.jpg", b"", b"something else.jpg", "DCIM/h\N{BULLET}.jpg".encode()])
def test_a_name_that_differs_in_list_and_header(local):
    items = taken(raw_zip([Entry(b"DCIM/hopper.jpg", PHOTO, local), Entry(b"other.jpg", OTHER)]))
    assert names(items) == ["DCIM/hopper.jpg", "other.jpg"] and items[0].data == PHOTO


def test_a_listed_name_that_is_flagged_utf8_and_is_none():
    raw = "Müller.jpg".encode("cp1252")
    first, second = taken(raw_zip([Entry(raw, PHOTO, None, UTF8), Entry(b"other.jpg", OTHER)]))
    assert (first.name, first.data, first.raw_name) == ("a.zip › M\ufffdller.jpg", PHOTO, raw) and second.data == OTHER


def test_side_files_outside_their_folder_are_a_systems():
    entries = [b"DCIM/._hopper.jpg", b"DCIM/.ds_store", b"DCIM/@eaDir/hopper.jpg/SYNOINDEX_MEDIA_INFO",
               b"DCIM/.picasa.ini", b"DCIM\\Thumbs.db", b"__MACOSX/photos/._hopper.jpg"]  # fmt: skip
    items = taken(raw_zip([Entry(b"DCIM/hopper.jpg", PHOTO), *(Entry(name, APPLE) for name in entries)]))
    assert names(items) == ["DCIM/hopper.jpg"]
    assert left_out(items) == [(name.decode(), "system file") for name in entries]


def test_what_an_export_holds_besides_is_left_out_by_its_kind():
    items = taken(
        raw_zip(
            [
                Entry(b"2024/hopper.jpg", PHOTO),
                Entry(b"2024/hopper.jpg.supplemental-metadata.json", b'{"title": "hopper.jpg"}'),
                Entry(b"archive_browser.html", b"<!doctype html>"),
                Entry(b"VID_1.mp4", b"\0\0\0\x20ftypisom" + bytes(99)),
                Entry(b"_chat.txt", b"hello there"),
                Entry(b"PTT-1.opus", b"OggS" + bytes(50)),
                Entry(b"README", b"what this is"),
                Entry(b"data", b"\x93\x01\x02\x03"),
            ]
        )
    )
    assert names(items) == ["2024/hopper.jpg"]
    assert [kind for _, kind in left_out(items)] == [".json", ".html", "video", ".txt", ".opus", "text file",
                                                     "of an unknown kind"]  # fmt: skip


def test_a_photo_is_told_by_its_bytes_and_what_is_named_like_one_is_never_left_out():
    odd = [b"IMG.HIF", b"a.mpo", b"win.pjpeg", b"tweet.jpg_large", b"saved.jpg!large", b"copy.jpg.1", b"f0012345"]
    items = taken(raw_zip([*(Entry(name, PHOTO) for name in odd), Entry(b"note.jpg", b"no photo at all")]))
    assert names(items) == [*(name.decode() for name in odd), "note.jpg"]


def test_names_without_the_flag():
    utf8, shift_jis, gbk = "Fotos/Müller.jpg".encode(), "写真/顔.jpg".encode("cp932"), "照片/人脸.jpg".encode("gbk")
    first, second, third = taken(raw_zip([Entry(name, PHOTO) for name in (utf8, shift_jis, gbk)]))
    assert first.name == "a.zip › Fotos/Müller.jpg" and first.raw_name == b""
    assert second.raw_name == shift_jis and third.raw_name == gbk
    assert second.name == "a.zip › Ä╩É^/èτ.jpg"


def test_a_name_that_is_told_in_unicode_beside():
    raw = "Müller.jpg".encode("cp437")
    told = b"\1" + struct.pack("<I", zlib.crc32(raw)) + "Müller.jpg".encode()
    stale = b"\1" + struct.pack("<I", 7) + b"else.jpg"
    for field, kept in ((told, b""), (stale, raw)):
        (item,) = taken(raw_zip([Entry(raw, PHOTO, extra=struct.pack("<HH", 0x7075, len(field)) + field)]))
        assert item.name == "a.zip › Müller.jpg" and item.raw_name == kept


def test_a_link_is_left_out_as_one():
    items = taken(raw_zip([Entry(b"hopper.jpg", PHOTO), Entry(b"link.jpg", b"hopper.jpg", mode=0o120777)]))
    assert names(items) == ["hopper.jpg"] and left_out(items) == [("link.jpg", "link")]
    windows = Entry(b"no link.jpg", PHOTO, mode=0o120777, made=0x0014)
    assert names(taken(raw_zip([windows]))) == ["no link.jpg"], "only Unix says so in these bits"


ONE = [Entry(b"hopper.jpg", PHOTO)]


@pytest.mark.parametrize(
    "data",
    [
        raw_zip(ONE, b"MZ" + bytes(3000)),
        raw_zip(ONE, b"MZ" + bytes(3000), moved=True),
        raw_zip(ONE, b"#!/bin/sh\n" + bytes(100), moved=True),
        raw_zip(ONE, b"PK00"),
        raw_zip(ONE, suffix=bytes(30)),
        raw_zip(ONE, suffix=b"PK\5\6 no end record"),
        raw_zip(ONE, suffix=b"PK\5\6 no end record, though it is long enough to be one"),
    ],
    ids=["program", "program, moved", "script", "spanned marker", "junk behind", "a mark behind", "two marks"],
)
@pytest.mark.parametrize("name", ["a.zip", "a.exe", "a"])
def test_programs_that_unpack_themselves_are_the_same_in_both_front_ends(data, name, tmp_path):
    (tmp_path / name).write_bytes(data)
    for items in (taken(data, name), list(read_path(Named(str(tmp_path / name))))):
        assert [(Path(item.name).name, item.data) for item in items] == [(f"{name} › hopper.jpg", PHOTO)]


def test_a_photo_with_an_archive_behind_it_is_a_photo():
    assert taken(PHOTO + raw_zip(ONE), "x.bin") == [Item("x.bin", PHOTO + raw_zip(ONE))]


@pytest.mark.parametrize("data", [b"PK\7\x08" + raw_zip(ONE)[:200], raw_zip(ONE, disk=2)])
def test_a_part_of_a_split_archive_is_called_so(data, tmp_path):
    (tmp_path / "a.z01").write_bytes(data)
    for (item,) in (taken(data), list(read_path(Named(str(tmp_path / "a.z01"))))):
        assert "one part of a split archive: join" in str(item.error)


@pytest.mark.parametrize("method", [9, 12, 14, 93])
def test_unusual_methods_are_called_so(method):
    (item,) = taken(raw_zip([Entry(b"a.jpg", PHOTO, method=method)]))
    assert "unusual method" in str(item.error)


def test_archives_of_more_than_32_bits():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("hopper.jpg", "w", force_zip64=True) as file:
        file.write(PHOTO)
    data = buffer.getvalue()
    assert [item.data for item in taken(data)] == [PHOTO]
    at = data.rindex(b"PK\5\6")
    size, offset = struct.unpack("<II", data[at + 12 : at + 20])
    large = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, at, 1)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    for prefix in (b"", b"MZ" + bytes(500)):
        assert [item.data for item in taken(prefix + data[:at] + large + locator + end)] == [PHOTO]


def test_a_damaged_line_of_the_list_hides_no_other():
    data = bytearray(raw_zip([Entry(b"a.jpg", PHOTO), Entry(b"b.jpg", OTHER), Entry(b"c.jpg", PHOTO)]))
    at = data.index(b"PK\1\2")
    for place, value in ((at + 28, 200), (at + 30, 9), (at, 0)):
        changed = data.copy()
        changed[place] = value
        items = taken(bytes(changed))
        assert names(items) == ["b.jpg", "c.jpg"] and "list is damaged" in str(items[0].error)


def test_archives_in_archives_are_refused_and_letters_and_programs_are_left_out():
    inner = raw_zip(ONE)
    items = taken(raw_zip([Entry(name, inner) for name in (b"in.zip", b"in", b"a.docx", b"a.jar", b"a.apk")]))
    assert ["inside a zip archive: unpack it first" in str(item.error) for item in items[:2]] == [True, True]
    assert [kind for _, kind in left_out(items)] == [".docx", ".jar", ".apk"]


def test_other_archives_and_pictures_of_other_kinds_in_an_archive_are_not_left_out():
    seven, raw = b"7z\xbc\xaf\x27\x1c" + bytes(90), b"FUJIFILMCCD-RAW " + bytes(90)
    items = taken(
        raw_zip([Entry(b"more.7z", seven), Entry(b"DSC.RAF", raw), Entry(b"a.tar.gz", b"\x1f\x8b" + bytes(9))])
    )
    assert [item.left_out for item in items] == ["", "", ""] and [item.data for item in items[:2]] == [seven, raw]


def test_packed_nothings_are_stopped(setting):
    """Empty blocks unpack to no bytes: they must not cost time without end either."""
    setting(max_zip_megabytes=1, max_megabytes=1)
    empty = b"\0\0\0\xff\xff" * 600_000
    data = bytearray(raw_zip([Entry(f"{n}.jpg".encode(), empty) for n in range(3)]))
    for magic, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        at = -1
        while (at := data.find(magic, at + 1)) >= 0:
            data[at + offset] = 8
    items = taken(bytes(data))
    assert len(items) == 2 and all(item.error for item in items) and items[-1].count == 2


def test_entries_that_are_not_wanted_are_not_unpacked():
    data = raw_zip([Entry(b"a.jpg", PHOTO), Entry(b"a.jpg", OTHER), Entry(b"b.jpg", PHOTO)])
    have = ["a.zip › a.jpg"]

    def wanted(name: str) -> bool:
        return name not in have or bool(have.remove(name))

    first, second, third = unpack_file("a.zip", data, wanted=wanted)
    assert first.known and first.data == b"" and second.data == OTHER and third.data == PHOTO


def test_no_change_of_a_byte_raises_and_everything_ends():
    whole = raw_zip([Entry(b"a.jpg", PHOTO[:700], method=8), Entry(b"b.jpg", OTHER[:600])])
    chance, one = random.Random(7), 0
    for _ in range(4000):
        changed = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            changed[chance.randrange(len(changed))] = chance.choice((0, 1, 255, chance.randrange(256)))
        items, account = taken(bytes(changed)), Account()
        for item in items:
            account.receive(item)
        assert account.handed_over >= 1
        one += any(item.data in (PHOTO[:700], OTHER[:600]) for item in items)
    assert one > 2600


def test_one_changed_byte_costs_one_entry_at_most_but_for_the_end_records():
    whole = raw_zip([Entry(b"a.jpg", PHOTO[:300]), Entry(b"b.jpg", OTHER[:300])])
    end = whole.rindex(b"PK\5\6")
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        if not end <= place < end + 6:  # its mark, and the number of the part
            assert any(item.data in (PHOTO[:300], OTHER[:300]) for item in taken(bytes(changed))), place
