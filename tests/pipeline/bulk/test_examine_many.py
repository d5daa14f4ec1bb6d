"""`examine` without networks: every file accounted for, rows kept whatever happens, and what was begun gone on with."""

import csv
import io
import json
import os
import resource
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from models.release import read_release
from pipeline.__main__ import app, main
from pipeline.bulk import examine
from pipeline.bulk.lines import Results, earlier_rows
from pipeline.errors import CutShort, NotResumable, Unexpected, UnreadablePhoto
from pipeline.examination import Examination
from pipeline.examining.loaded import Cascade
from pipeline.photo import Photo
from pipeline.reading.refusals import ON_REQUEST
from pipeline.records import failure


class Networks:
    """Stand in for the networks: note what they see, and meet a fault in photos of one colour."""

    def __init__(self) -> None:
        self.release = read_release()
        self.seen: list[str] = []
        self.faulty: tuple[int, int, int] | None = None
        self.fault: BaseException = ZeroDivisionError("division by zero")

    def examine(self, photo: Photo, cascade: Cascade, heatmaps: bool) -> Examination:
        if self.faulty and tuple(photo.rgb[0, 0]) == self.faulty:
            raise self.fault
        self.seen.append(photo.sha256)
        return Examination(photo, (), self.release)

    def examine_many(self, photos: list[Photo], cascade: Cascade, heatmaps: bool) -> list[Examination]:
        return [self.examine(photo, cascade, heatmaps) for photo in photos]


@pytest.fixture(autouse=True)
def networks(monkeypatch) -> Networks:
    stand_in = Networks()
    monkeypatch.setattr(examine, "load_cascade", lambda release: Cascade(stand_in.release, {}, {}))
    monkeypatch.setattr(examine, "examine", stand_in.examine)
    monkeypatch.setattr(examine, "examine_many", stand_in.examine_many)
    return stand_in


def png(red: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (24, 24), (red, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def photos(tmp_path) -> Path:
    """Twenty photos, the names of some of them with what CSV quotes."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}{chr(10) + chr(34) + '=,' if number % 3 == 0 else ''}.png").write_bytes(png(number))
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["examine", *map(str, arguments)])


def records(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def account(result: Result) -> str:
    return result.stderr.splitlines()[-1]


def test_everything_handed_over_is_accounted_for_in_the_last_line_and_beside_the_results(photos, tmp_path):
    (photos / "a.json").write_bytes(b"{}")
    (photos / "b.json").write_bytes(b"{}")
    (photos / "page.jpg").write_bytes(b"<html>")
    (photos / "deep").mkdir()
    (photos / "deep" / "c.png").write_bytes(png(99))
    with zipfile.ZipFile(photos / "z.zip", "w") as archive:
        archive.writestr("x.png", png(100))
        archive.writestr("x.png.json", "{}")
    result = run(photos, "--out", tmp_path / "r.jsonl")
    said = ("26 handed over = 21 examined + 1 refused (not a photo that is read × 1) + 4 left out "
            "(.json × 3, in subfolders × 1: --recursive)")  # fmt: skip
    assert (account(result), result.exit_code, result.stdout) == (said, 1, "")
    kept = json.loads((tmp_path / "r.jsonl.summary.json").read_text(encoding="utf-8"))
    assert kept | {"started": "", "ended": "", "arguments": {}} == {
        "handed_over": 26, "examined": 21, "refused": {"unreadable_photo": 1},
        "left_out": {".json": 3, "in subfolders": 1}, "sentence": said, "release": read_release().name,
        "complete": True, "started": "", "ended": "", "arguments": {}}  # fmt: skip
    assert kept["started"] <= kept["ended"] and kept["arguments"]["paths"] == [str(photos)]
    assert kept["arguments"]["recursive"] is False and kept["arguments"]["out"] == str(tmp_path / "r.jsonl")
    assert len(records((tmp_path / "r.jsonl").read_text(encoding="utf-8"))) == 22, "the rows are photos, no summary"


def test_what_is_left_out_is_no_failure(photos, tmp_path):
    (photos / "notes.txt").write_bytes(b"notes")
    result = run(photos, "--summary", tmp_path / "s.json")
    assert result.exit_code == 0 and account(result) == "21 handed over = 20 examined + 1 left out (.txt × 1)"
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["complete"] is True
    assert list(tmp_path.glob("*.summary.json")) == []


def test_nothing_to_do_is_said_with_what_was_left_out(tmp_path):
    (tmp_path / "in").mkdir()
    assert account(run(tmp_path / "in")) == "0 handed over = 0 examined"
    (tmp_path / "in" / "notes.txt").write_bytes(b"notes")
    result = run(tmp_path / "in", "--out", tmp_path / "r.jsonl")
    error, last = result.stderr.splitlines()[-2:]
    assert result.exit_code == 2 and error == "error: there are no photos in what was named"
    assert last == "1 handed over = 0 examined + 1 left out (.txt × 1)" and not (tmp_path / "r.jsonl").exists()
    (tmp_path / "in" / "deep").mkdir()
    (tmp_path / "in" / "deep" / "a.png").write_bytes(png(1))
    assert "no photos in what was named; try --recursive" in run(tmp_path / "in").stderr


def test_addresses_and_other_archives_are_named_for_what_they_are(tmp_path):
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100))
    (tmp_path / "a.png").write_bytes(png(1))
    result = run("https://example.org/a.jpg", "-", tmp_path / "a.7z", tmp_path / "a.png")
    address, standard_input, seven, photo = records(result.stdout)
    assert "Addresses are not fetched: save the photo and name the file" in address["error"]["message"]
    assert address["path"] == "https://example.org/a.jpg" and result.exit_code == 1 and "error" not in photo
    assert "Standard input is not read" in standard_input["error"]["message"]
    assert "a 7z archive" in seven["error"]["message"] and "Unpack it, or pack it as zip" in seven["error"]["message"]


def test_bytes_of_a_name_that_was_guessed_are_in_the_record(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("?aXXXX.png", png(1))
    data = (tmp_path / "a.zip").read_bytes().replace(b"?aXXXX.png", "写真顔".encode("cp932") + b".png")
    (tmp_path / "a.zip").write_bytes(data)
    (record,) = records(run(tmp_path / "a.zip").stdout)
    assert list(record)[:2] == ["path", "name_bytes"]
    assert bytes.fromhex(record["name_bytes"]).decode("cp932") == "写真顔.png"


def rows(path: Path, form: str) -> list[str]:
    text = path.read_bytes().decode("utf-8-sig")
    if form == "csv":
        return [row["path"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    return [record["path"] for record in records(text)]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("cut", [0, 1, 2, 3, 200, 700, 3000])
def test_a_killed_call_goes_on_where_it_was(form, cut, photos, tmp_path, networks):
    (photos / "page.jpg").write_bytes(b"<html>")
    (photos / "a.json").write_bytes(b"{}")
    out, again = tmp_path / "r", ("--format", form, "--resume", "--out", tmp_path / "r")
    whole = run(photos, *again)
    expected, size = rows(out, form), out.stat().st_size
    assert len(networks.seen) == 20 and whole.exit_code == 1
    out.write_bytes(out.read_bytes()[: size - min(cut, size)])
    networks.seen.clear()
    result = run(photos, *again)
    assert rows(out, form) == expected and result.exit_code == 1 and account(result) == account(whole)
    assert len(networks.seen) < 20 and (cut or not networks.seen)
    assert (
        account(whole)
        == "22 handed over = 20 examined + 1 refused (not a photo that is read × 1) + 1 left out (.json × 1)"
    )
    networks.seen.clear()
    run(photos, *again)
    assert rows(out, form) == expected and not networks.seen, "once done, nothing is done again"


def test_of_the_same_file_twice_one_row_stands_for_one(tmp_path, networks):
    for number in range(2):
        (tmp_path / f"{number}.png").write_bytes(png(number))
    paths, out = [tmp_path / f"{number}.png" for number in (0, 1, 0, 0)], tmp_path / "r.jsonl"
    run(*paths, "--out", out)
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:3]))
    networks.seen.clear()
    assert run(*paths, "--out", out, "--resume").exit_code == 0
    assert rows(out, "jsonl") == [str(path) for path in paths] and len(networks.seen) == 1


@pytest.mark.parametrize("kept", range(5))
def test_an_archive_is_gone_on_with_in_its_middle(kept, tmp_path, networks, setting):
    setting(max_zip_files=3)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(7):
            archive.writestr(f"{number}.png", png(number))
    out = tmp_path / "r.jsonl"
    whole = run(tmp_path / "a.zip", "--out", out)
    assert account(whole) == "7 handed over = 3 examined + 4 refused (not unpacked × 4)"
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:kept]))
    networks.seen.clear()
    result = run(tmp_path / "a.zip", "--out", out, "--resume")
    assert [json.loads(line)["path"] for line in lines] == rows(out, "jsonl") and len(networks.seen) == max(0, 3 - kept)
    assert account(result) == account(whole)


def test_rows_of_files_that_are_gone_stay_and_count(photos, tmp_path):
    out = tmp_path / "r.jsonl"
    run(photos, "--out", out)
    min(photos.iterdir()).unlink()
    result = run(photos, "--out", out, "--resume")
    said = "19 handed over = 19 examined; 1 earlier row tells of files that were not named now"
    assert len(rows(out, "jsonl")) == 20 and account(result) == said


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("jsonl", b"photo one\n", "no file of results: line 1"),
        ("jsonl", b'{"path": "a"}\n[1]\n', "no file of results: line 2"),
        ("jsonl", b'{"path": "a", "release": "2001.01-1"}\n', "results of release 2001.01-1"),
        ("csv", b"path,verdict\r\na,b\r\n", "other columns"),
    ],
)
def test_what_is_no_file_of_ours_is_left_as_it_is(form, content, said, photos, tmp_path, monkeypatch, capsys):
    (tmp_path / "r").write_bytes(content)
    arguments = ["examine", str(photos), "--out", str(tmp_path / "r"), "--resume", "--format", form]
    monkeypatch.setattr(sys, "argv", ["pipeline", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2 and said in capsys.readouterr().err and (tmp_path / "r").read_bytes() == content


def test_what_is_behind_the_whole_rows_is_one_cut_row_or_stays(photos, tmp_path):
    for path in photos.glob("*\n*"):
        path.rename(photos / f"{path.name[:2]}.png")  # else a quote that is never closed ends at another
    for form in ("jsonl", "csv"):
        run(photos, "--format", form, "--out", tmp_path / form)
    table, lines = (tmp_path / "csv").read_bytes(), (tmp_path / "jsonl").read_bytes()
    at = table.index(b"\r\n", len(table) // 2) + 2
    spoilt = {
        "a quote somewhere": ("csv", table[:at] + b'"' + table[at:]),
        "never ends": ("csv", table[:at] + b'"' + b"a\n" * 600_000),
        "no row that was cut short": ("jsonl", b"[" + lines.replace(b"\n", b",")[:-1] + b"]"),
        "its last line is no row": ("csv", b"notes of mine"),
        "that never ends": ("jsonl", lines + b'{"path": "' + b"a" * (1 << 20)),
        "line 21 is none": ("jsonl", lines + b"[" * 100_000 + b"\n"),
    }
    for said, (form, content) in spoilt.items():
        (tmp_path / "r").write_bytes(content)
        result = run(photos, "--format", form, "--resume", "--out", tmp_path / "r")
        assert isinstance(result.exception, NotResumable) and said in str(result.exception)
        assert (tmp_path / "r").read_bytes() == content
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(NotResumable, match="Nothing was changed"):
            earlier_rows(path, "jsonl", "")


def test_a_row_cut_within_a_name_of_several_lines_is_done_again(tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "b\n\n\n,\n.png").write_bytes(png(2))
    out, paths = tmp_path / "r.csv", sorted(tmp_path.glob("*.png"))
    run(*paths, "--format", "csv", "--out", out)
    whole = out.read_bytes()
    for cut in range(whole.index(b"\r\n", whole.index(b"a.png")) + 2, len(whole), 7):
        out.write_bytes(whole[:cut])
        assert run(*paths, "--format", "csv", "--out", out, "--resume").exit_code == 0
        assert rows(out, "csv") == [str(path) for path in paths]


def test_rows_that_were_not_asked_for_are_told(tmp_path):
    (tmp_path / "r.jsonl").write_text('{"path": "a"}\n{"path": "b"}\n{"path": "a"}\n')
    earlier = earlier_rows(tmp_path / "r.jsonl", "jsonl", "")
    assert not earlier.lacks("a") and earlier.lacks("c") and earlier.code("a") == "" and earlier.unasked == 2


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_may_be_cured_by_now_is_done_again_and_its_old_row_goes(form, tmp_path):
    out, release = tmp_path / "r", read_release().name
    errors = {"=gone": UnreadablePhoto("The file could not be opened: No such file."), "fault": Unexpected("a fault"),
              "cut": CutShort(f"A part is missing. {ON_REQUEST}"), "page": UnreadablePhoto("It is a web page."),
              "other": Unexpected("a fault")}  # fmt: skip
    with Results(out, form) as results:
        for name, error in errors.items():
            results.write({"path": name, "error": failure(error)})
    before = out.read_bytes()
    for partial in (False, True):
        earlier = earlier_rows(out, form, release, partial)
        again = [name for name in ("=gone", "fault", "cut", "page") if earlier.lacks(name)]
        assert again == ["=gone", "fault", *["cut"] * partial] and earlier.code("page") == "unreadable_photo"
        assert earlier.unasked == 1 + (not partial) and earlier.size == len(before) and out.read_bytes() == before
    with Results(out, form, earlier.size) as results:
        for name in again:
            results.write({"path": name, "error": failure(errors["page"])})
    out.chmod(0o640)
    earlier.drop_redone()
    kept = [name.removeprefix("'") for name in rows(out, form)]
    assert kept == ["page", "other", *again] and out.stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.glob("*.part")) and earlier_rows(out, form, release, True).lacks("other")


def test_older_results_are_gone_once_a_call_begins(photos, tmp_path, networks):
    out = tmp_path / "r.jsonl"
    run(photos, "--out", out)
    networks.faulty, networks.fault = (0, 0, 0), KeyboardInterrupt()
    run(photos, "--out", out)
    assert out.read_bytes() == b"" and json.loads((tmp_path / "r.jsonl.summary.json").read_text())["examined"] == 0


def test_an_archive_whose_entries_cannot_be_unpacked_is_gone_on_with_as_a_whole(tmp_path, networks, setting):
    setting(max_zip_megabytes=1, max_megabytes=1)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.png", bytes(400_000))
        archive.writestr("photo.png", png(1))
    data = bytearray((tmp_path / "a.zip").read_bytes())
    for number in range(5):
        data[data.rindex(f"{number}.png".encode()) - 46 + 8] |= 1  # encrypted
    (tmp_path / "a.zip").write_bytes(data)
    out = tmp_path / "r.jsonl"
    whole, lines = run(tmp_path / "a.zip", "--out", out), out.read_text().splitlines(keepends=True)
    assert account(whole) == "6 handed over = 1 examined + 5 refused (not unpacked × 5)"
    for kept in range(7):
        out.write_text("".join(lines[:kept]))
        assert account(run(tmp_path / "a.zip", "--out", out, "--resume")) == account(whole)
        assert rows(out, "jsonl") == [json.loads(line)["path"] for line in lines]


@pytest.mark.parametrize("arguments", [["--resume"], ["--resume", "--out", "x", "--format", "table"]])
def test_resume_needs_a_file_that_can_be_gone_on_with(arguments, photos):
    result = run(photos, *arguments)
    assert result.exit_code == 2 and "--resume" in result.stderr


def test_a_fault_in_one_photo_is_its_own_row(photos, networks):
    networks.faulty = (5, 0, 0)
    result = run(photos)
    found = records(result.stdout)
    assert len(found) == 20 and result.exit_code == 1
    (failed,) = [record for record in found if "error" in record]
    assert failed["path"].endswith("05.png") and failed["error"]["code"] == "internal_error"
    assert "05.png could not be examined" in failed["error"]["message"]
    assert "ZeroDivisionError" in failed["error"]["message"]
    assert result.stderr.count("Traceback (most recent call last)") == 1
    assert account(result) == "20 handed over = 19 examined + 1 refused (a fault of the program × 1)"


def test_a_fault_while_reading_stays_with_its_file(photos, monkeypatch):
    read, opened = Photo.read, examine.read_path

    def faulty(data: bytes, partial: bool = False) -> Photo:
        if data == png(7):
            raise KeyError("a decoder's fault")
        return read(data, partial)

    def broken(named, wanted):
        yield from opened(named, wanted)
        if named.path.endswith("08.png"):
            raise RuntimeError("behind the photo")

    monkeypatch.setattr(Photo, "read", faulty)
    monkeypatch.setattr(examine, "read_path", broken)
    result = run(photos)
    found = records(result.stdout)
    failed = [Path(record["path"]).name for record in found if "error" in record]
    assert len(found) == 21 and failed == ["07.png", "08.png"] and result.stderr.count("Traceback") == 2


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(3)])
def test_what_ends_the_program_ends_it_and_keeps_the_rows(stop, photos, tmp_path, networks):
    networks.faulty, networks.fault = (18, 0, 0), stop
    result = run(photos, "--out", tmp_path / "r.jsonl")
    assert result.exit_code in (3, 130) and len(rows(tmp_path / "r.jsonl", "jsonl")) == 16
    assert "20 handed over = 16 examined + 4 not examined yet" in result.stderr
    kept = json.loads((tmp_path / "r.jsonl.summary.json").read_text())
    assert kept["complete"] is False and kept["examined"] == 16
    networks.faulty = None
    assert run(photos, "--out", tmp_path / "r.jsonl", "--resume").exit_code == 0
    assert len(rows(tmp_path / "r.jsonl", "jsonl")) == 20


def test_a_full_disk_keeps_the_rows_so_far(photos, tmp_path):
    out = tmp_path / "r.csv"
    whole = run(photos, "--format", "csv", "--out", out)
    complete, limits = out.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    out.unlink()
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(complete) - 150, limits[1]))
    try:
        result = run(photos, "--format", "csv", "--out", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert result.exit_code == 2 and f"no room for {out}" in result.stderr and "--resume" in result.stderr
    assert "Traceback" not in result.stderr and account(result).endswith("not examined yet")
    kept = rows(out, "csv")
    assert 0 < len(kept) < 20 and out.read_bytes().endswith(b"\r\n"), "no part of a row"
    again = run(photos, "--format", "csv", "--out", out, "--resume")
    assert len(rows(out, "csv")) == 20 and account(again) == account(whole)


def test_a_device_that_is_full_and_places_that_cannot_be_written(photos, tmp_path):
    result = run(photos, "--out", "/dev/full", "--summary", tmp_path / "s.json")
    assert result.exit_code == 2 and "no room for /dev/full" in result.stderr
    assert run(photos, "--out", "/dev/null").exit_code == 0 and not Path("/dev/null.summary.json").exists()
    (tmp_path / "file").write_bytes(b"")
    result = run(photos, "--out", tmp_path / "file" / "r.jsonl")
    assert result.exit_code and "cannot be written" in str(result.exception)


def test_a_csv_file_begins_with_the_mark_that_spreadsheets_want_and_the_screen_does_not(photos, tmp_path):
    run(photos, "--format", "csv", "--out", tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbfpath,sha256,")
    assert run(photos, "--format", "csv").stdout.startswith("path,sha256,")
    run(photos, "--out", tmp_path / "r.jsonl")
    assert (tmp_path / "r.jsonl").read_bytes().startswith(b"{")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_names_that_the_terminal_cannot_show_are_escaped(form, encoding, tmp_path, monkeypatch):
    for name in ("Müller.png", "写真 📷.png", "-rf.png", "100% [1] {a}.png"):
        (tmp_path / name).write_bytes(png(1))
    screen, errors = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", errors)
    monkeypatch.setattr(sys, "argv", ["pipeline", "examine", str(tmp_path), "--format", form])
    with pytest.raises(SystemExit) as caught:
        main()
    shown = screen.buffer.getvalue().decode(encoding)
    assert caught.value.code == 0 and len(shown.splitlines()) == 4 + (form != "jsonl")
    assert (r"\u5199\u771f" in shown) == (encoding != "utf-8") and ("Müller" in shown) == (encoding != "ascii")


def test_what_is_left_of_a_cut_photo_is_examined_on_request(sample, tmp_path, networks):
    data = sample("hopper_real.jpg")
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) * 7 // 10])
    result = run(tmp_path / "cut.jpg")
    (refused,) = records(result.stdout)
    assert result.exit_code == 1 and refused["error"]["cut_short"] is True and networks.seen == []
    result = run(tmp_path / "cut.jpg", "--partial")
    (record,) = records(result.stdout)
    assert result.exit_code == 0 and record["partial"] is True and "cut_short" in record["reasons"]


def test_groups_of_what_is_left_out_do_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(examine, "GROUP", 10)
    for number in range(45):
        (tmp_path / f"{number:02}.json").write_bytes(b"{}")
    (tmp_path / "z.png").write_bytes(png(1))
    assert account(run(tmp_path)) == "46 handed over = 1 examined + 45 left out (.json × 45)"
