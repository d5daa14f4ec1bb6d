"""`python -m pipeline examine`: others script against it, so its output is held to the letter."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from models.errors import UnknownName
from pipeline.__main__ import app, main
from pipeline.bulk.examine import _read
from pipeline.intake import Item
from pipeline.records import COLUMNS, defuse, flat, public

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "sample_data"
ODD_NAMES = ["a 'quote\".jpg", "line\nbreak.jpg", "emoji 😀.jpg", "<b>bold<b>.jpg", "=1+1.jpg", "-x.jpg", "übermut.jpg"]

KEYS = ["path", "sha256", "verdict", "p_edited", "p_deepfake", "probabilities", "reasons", "faces", "release",
        "format", "width", "height", "bytes", "notes", "faces_left_out", "faces_unjudged", "faces_seen_from", "frame",
        "partial", "marks", "faces_account", "ms"]  # fmt: skip
FACE_KEYS = ["box", "size", "verdict", "p_edited", "p_deepfake", "probabilities", "reasons", "regions"]

HOPPER, COLLINS, COFFEE = (
    str(SAMPLES / name) for name in ("hopper_real.jpg", "collins_real.jpg", "coffee_no_face.jpg")
)


@pytest.fixture(autouse=True)
def quick(cascade, setting):
    """Judge by the quick release, loaded once for all commands."""
    setting(release=cascade.release.name)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["examine", *map(str, arguments)])


def records(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_a_photo_with_these_keys(cascade):
    result = run(HOPPER, COFFEE)
    face, none = records(result)
    assert result.exit_code == 0 and list(face) == list(none) == KEYS
    assert face["path"] == HOPPER and len(face["sha256"]) == 64 and face["release"] == cascade.release.name
    assert face["verdict"] in ("real", "deepfake", "facetune", "inconclusive") and 0 <= face["p_edited"] <= 1
    assert set(face["probabilities"]) == {"real", "deepfake", "facetune"} and isinstance(face["ms"], int)
    (found,) = face["faces"]
    assert list(found) == FACE_KEYS and len(found["box"]) == 4
    assert (found["verdict"], found["p_edited"]) == (face["verdict"], face["p_edited"])
    assert (face["width"], face["height"], face["format"], face["notes"]) == (512, 600, "JPEG", [])
    assert (none["verdict"], none["reasons"], none["faces"]) == ("inconclusive", ["no_face"], [])


def test_a_probability_that_was_not_computed_is_null():
    for record in records(run(HOPPER, COLLINS, COFFEE)):
        ran = record["p_deepfake"] is not None
        joint = record["probabilities"]
        assert (joint["deepfake"] is not None) == (joint["facetune"] is not None) == ran
        if ran:
            assert sum(joint.values()) == pytest.approx(1, abs=3e-6)
        elif record["faces"]:
            assert joint["real"] == pytest.approx(1 - record["p_edited"], abs=2e-6)


def test_a_failing_photo_is_an_object_with_a_code_and_the_rest_goes_on(tmp_path):
    bad = {"empty.jpg": b"", "page.jpg": b"<html></html>", "cut.jpg": Path(HOPPER).read_bytes()[:9000]}
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    result = run(tmp_path / "none.jpg", HOPPER, *(tmp_path / name for name in bad), COFFEE)
    found = records(result)
    assert result.exit_code == 1 and ["error" in record for record in found] == [True, False, True, True, True, False]
    for record in found:
        if "error" in record:
            cut = ["cut_short"] if record["path"].endswith("cut.jpg") else []
            assert list(record) == ["path", "error"] and list(record["error"]) == ["code", "message", *cut]
            assert record["error"]["code"] == "unreadable_photo" and record["error"]["message"].endswith(".")
    assert len({record["error"]["message"] for record in found if "error" in record}) == 4, "each its own message"


def test_input_order_and_the_same_file_twice():
    paths = [COFFEE, HOPPER, COLLINS, HOPPER, *[COFFEE] * 9, COLLINS]
    found = records(run(*paths))
    assert [record["path"] for record in found] == paths

    def without_time(record: dict) -> dict:
        return {key: value for key, value in record.items() if key != "ms"}

    assert without_time(found[1]) == without_time(found[3]) and without_time(found[2]) == without_time(found[-1])


def test_a_photo_with_several_faces_has_the_verdict_of_the_most_suspicious(tmp_path):
    both = Image.new("RGB", (1024, 600))
    both.paste(Image.open(HOPPER), (0, 0))
    both.paste(Image.open(COLLINS), (512, 0))
    both.save(tmp_path / "both.png")
    (record,) = records(run(tmp_path / "both.png"))
    assert len(record["faces"]) == 2
    rank = {"real": 0, "inconclusive": 1, "facetune": 2, "deepfake": 2}
    worst = max(record["faces"], key=lambda face: (rank[face["verdict"]], face["p_edited"]))
    assert all(record[key] == worst[key] for key in ("verdict", "p_edited", "p_deepfake", "probabilities", "reasons"))


@pytest.mark.parametrize("form", ["jsonl", "csv", "table"])
def test_odd_names(form, tmp_path):
    for name in ODD_NAMES:
        (tmp_path / name).write_bytes(b"no photo")
    result = run(tmp_path, "--format", form)
    assert result.exit_code == 1
    expected = [str(path) for path in sorted(tmp_path / name for name in ODD_NAMES)]
    if form == "jsonl":
        assert [record["path"] for record in records(result)] == expected
    elif form == "csv":
        assert [row["path"] for row in csv.DictReader(io.StringIO(result.stdout, newline=""))] == expected
    else:
        lines = result.stdout.splitlines()
        assert len(lines) == 1 + len(ODD_NAMES) and all(line.startswith("error") for line in lines[1:])
        assert "line�break" in result.stdout


def test_a_name_that_is_no_utf8_stops_nothing(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")).write_bytes(b"no photo")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "examine", str(tmp_path), COFFEE],
        cwd=PROJECT, capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    first, second = (json.loads(line) for line in done.stdout.decode("utf-8").splitlines())
    assert done.returncode == 1 and first["path"].endswith(r"caf\xe9.jpg") and second["verdict"] == "inconclusive"
    assert b"Traceback" not in done.stderr and b"{" not in done.stderr


def test_csv():
    result = run(HOPPER, COFFEE, "none.jpg", "--format", "csv")
    face, none, error = csv.DictReader(io.StringIO(result.stdout, newline=""))
    assert tuple(face) == COLUMNS and result.exit_code == 1
    assert face["path"] == HOPPER and float(face["p_edited"]) <= 1 and face["faces"] == "1" and face["error_code"] == ""
    assert none["reasons"] == "no_face" and none["p_edited"] == "" and none["faces"] == "0"
    assert error["error_code"] == "unreadable_photo" and "No such file" in error["error_message"] and error["ms"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start, tmp_path, monkeypatch):
    assert defuse(start + "cmd") == "'" + start + "cmd"
    monkeypatch.chdir(tmp_path)
    Path(start + "1+1.jpg").write_bytes(b"no photo")
    row = flat({"path": start + "1+1.jpg", "error": {"code": start, "message": start + "x"}})
    assert all(value == "" or not str(value).startswith(start) for value in row.values())


def test_what_needs_no_defusing_stays_as_it_is():
    assert [defuse(value) for value in ("a=b", "", 0.5, -0.5, None)] == ["a=b", "", 0.5, -0.5, None]


def test_table():
    result = run(HOPPER, COFFEE, "none.jpg", "--format", "table")
    head, face, none, error = result.stdout.splitlines()
    assert head.split() == ["verdict", "p_edited", "p_deepfake", "faces", "path"] and result.exit_code == 1
    assert HOPPER in face and "inconclusive" in none and "(no_face)" in none and "–" in none and "No such file" in error


def test_heatmaps_are_written_under_the_photos_hash(tmp_path, cascade):
    odd = tmp_path / "..;rm -rf.jpg"
    odd.write_bytes(Path(HOPPER).read_bytes())
    result = run(odd, COFFEE, "--heatmaps", tmp_path / "new" / "maps")
    face, _ = records(result)
    (path,) = (tmp_path / "new" / "maps").iterdir()
    assert path.name.startswith(face["sha256"][:16] + "-face1-") and path.suffix == ".png"
    with Image.open(path) as image:
        assert image.size == (512, 600) and f"{cascade.release.edited.heatmap} of " in image.text["Description"]
    assert result.exit_code == 0


def test_folders(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("b.jpg", "a.png", "deep/c.webp"):
        Image.new("RGB", (30, 30)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no photo")
    assert [Path(record["path"]).name for record in records(run(tmp_path))] == ["a.png", "b.jpg"]
    assert [Path(record["path"]).name for record in records(run(tmp_path, "--recursive"))] == [
        "a.png",
        "b.jpg",
        "c.webp",
    ]


def test_a_zip_with_hostile_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(COFFEE, "../../evil.jpg")
        archive.writestr("notes.txt", "no photo")
    result = run(tmp_path / "a.zip")
    (photo,) = records(result)
    assert photo["path"] == f"{tmp_path / 'a.zip'} › ../../evil.jpg" and photo["reasons"] == ["no_face"]
    assert not (tmp_path.parent.parent / "evil.jpg").exists() and result.exit_code == 0
    assert result.stderr.splitlines()[-1] == "2 handed over = 1 examined + 1 left out (.txt × 1)"


def test_results_to_a_file(tmp_path):
    result = run(COFFEE, "--out", tmp_path / "new" / "results.jsonl")
    assert result.stdout == "" and result.exit_code == 0
    assert json.loads((tmp_path / "new" / "results.jsonl").read_text(encoding="utf-8"))["path"] == COFFEE


def test_more_photos_than_are_held_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.bulk.examine.TOGETHER_BYTES", 3000)
    for number in range(20):
        Image.new("RGB", (30, 30), (number, 0, 0)).save(tmp_path / f"{number:02}.png")
    assert [Path(record["path"]).stem for record in records(run(tmp_path))] == [f"{n:02}" for n in range(20)]


def code_of(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["pipeline", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("examine",),
        ("examine", HOPPER, "--format", "xml"),
        ("examine", HOPPER, "--no-such-option"),
        ("examine", HOPPER, "--release", "nothing"),
        ("examine", HOPPER, "--heatmaps", __file__),
        ("examine", HOPPER, "--out", str(PROJECT)),
        ("nothing",),
        ("figures", "nothing"),
    ],
)
def test_bad_usage_exits_2(arguments, monkeypatch, capsys):
    assert code_of(monkeypatch, *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err and "Traceback" not in captured.err


def test_a_folder_without_photos_exits_2(tmp_path, monkeypatch, capsys):
    assert code_of(monkeypatch, "examine", tmp_path) == 2
    assert "no photos in what was named" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_named_and_exits_2(tmp_path, monkeypatch, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(Path(COFFEE).read_bytes())
    (tmp_path / "file").write_text("no folder")
    assert code_of(monkeypatch, "forge", tmp_path / "in", "--out", tmp_path / "file" / "out") == 2
    captured = capsys.readouterr()
    assert f"error: {tmp_path}/file" in captured.err and "Not a directory" in captured.err


def test_a_setting_that_cannot_be_used_exits_2(monkeypatch, capsys, setting):
    setting(max_faces="many")
    assert code_of(monkeypatch, "examine", HOPPER) == 2
    assert "TELLTALE_MAX_FACES" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("examine", COFFEE), ("--help",), ("examine", "--help"), ("evaluate", "--help")])
def test_exit_0(arguments, monkeypatch, capsys):
    assert code_of(monkeypatch, *arguments) == 0
    assert capsys.readouterr().out


def test_exit_1_where_some_failed(monkeypatch, capsys):
    assert code_of(monkeypatch, "examine", COFFEE, "none.jpg") == 1
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_an_unknown_release_is_answered_with_the_nearest(cascade):
    result = run(HOPPER, "--release", cascade.release.name + "0")
    assert isinstance(result.exception, UnknownName) and cascade.release.name in str(result.exception)


def test_a_runs_record_becomes_the_command_lines():
    kept = {"index": 3, "name": "a.jpg", "sha256": "0", "verdict": "real", "release_sha256": "1", "ms": 5,
            "faces": [{"box": [1], "kept": {}}]}  # fmt: skip
    assert public(kept) == {"path": "a.jpg", "sha256": "0", "verdict": "real", "ms": 5, "faces": [{"box": [1]}]}
    failed = {"index": 3, "name": "a.jpg", "sha256": "0", "bytes": 1, "error": {"code": "c", "message": "m"}}
    assert public(failed) == {"path": "a.jpg", "error": {"code": "c", "message": "m"}}


def test_a_file_that_could_not_be_read_is_let_go_of():
    read = _read(Item("page.jpg", b"<html>" + bytes(1_000_000)))
    assert read.size == 0 and read.item.name == "page.jpg" and "a web page" in str(read.error)
    assert read.error.__traceback__ is read.error.__cause__ is None
