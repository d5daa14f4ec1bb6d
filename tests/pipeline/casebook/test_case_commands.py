"""`case …` and `verify`, as others script against them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.__main__ import app, main
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.verify import verify_case
from pipeline.casebook.log import faults
from pipeline.casebook.people import Person

PROJECT = Path(__file__).resolve().parents[3]


def environment(home) -> dict[str, str]:
    return os.environ | {"TELLTALE_HOME": str(home), "TELLTALE_RELEASE": "quick", "TELLTALE_ANALYST": "ada"}


@pytest.fixture
def call(tmp_path, setting, monkeypatch, capsys):
    """Run the command line: (exit code, lines, errors). A process of its own would load all networks each time."""

    def run(*words: object, home: str = "home"):
        setting(home=tmp_path / home, release="quick", analyst="ada")
        monkeypatch.setattr("sys.argv", ["pipeline", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            main()
        captured = capsys.readouterr()
        return int(done.value.code or 0), captured.out.splitlines(), captured.err

    return run


@pytest.fixture
def evidence(tmp_path, sample):
    folder = tmp_path / "evidence"
    folder.mkdir()
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg"):
        (folder / name).write_bytes(sample(name))
    (folder / "=cut\u202e.jpg").write_bytes(sample("hopper_real.jpg")[:3000])
    (folder / "notes.txt").write_text("no photo")
    return folder


def test_a_case_from_its_making_to_a_second_installation(call, evidence, tmp_path):
    assert call("case", "list") == (0, [], "")
    code, (case_id,), _ = call("case", "new", "The matter", "--tag", "press")
    assert code == 0 and len(case_id) == 32
    assert call("case", "new", "the matter")[0] == 2
    code, lines, account = call("case", "add", "The matter", evidence)
    assert code == 1 and len(lines) == 3 and "1 left out" in account
    assert [line.split("\t")[2] for line in call("case", "add", case_id[:8], evidence)[1]] == [
        "is in the case already"
    ] * 3
    listed = json.loads(call("case", "list", "--json")[1][0])
    assert listed["name"] == "The matter" and sum(listed["photos"].values()) == 3
    photos = [json.loads(line) for line in call("case", "show", "The matter", "--json")[1]]
    assert [bool(photo.get("verdict")) for photo in photos] == [
        photo["name"] != "evidence/=cut\u202e.jpg" for photo in photos
    ]
    assert any("⟨U+202E⟩" in line for line in call("case", "show", "The matter")[1])
    archive = tmp_path / "out" / "case.zip"
    code, (line,), _ = call("case", "export", "The matter", "--out", archive)
    assert code == 0 and line.endswith(str(archive))
    code, lines, _ = call("verify", archive)
    assert code == 0 and lines[-1].endswith("0 do not, 0 could not be checked.")
    assert call("case", "import", archive, home="second")[0] == 0
    assert call("case", "import", archive, home="second")[0] == 2
    code, lines, _ = call("verify", "The matter", "--quiet", home="second")
    assert code == 0 and len(lines) == 1
    log = [json.loads(line) for line in call("case", "show", case_id, "--log", home="second")[1]]
    assert [entry["act"] for entry in log][-3:] == ["imported", "shared", "verified"]


def test_what_was_tampered_with_is_named_and_exits_1(call, evidence, tmp_path):
    call("case", "new", "m")
    call("case", "add", "m", evidence / "hopper_real.jpg")
    (original,) = [path for path in (tmp_path / "home" / "originals").rglob("*") if path.is_file()]
    original.write_bytes(original.read_bytes() + b" ")
    code, lines, _ = call("verify", "m", "--no-rerun")
    (named,) = [line for line in lines if line.startswith("DOES NOT HOLD")]
    assert code == 1 and "photo 1 (hopper_real.jpg): original" in named
    assert call("verify", "nobody's")[0] == 2


def test_a_kill_in_the_middle_loses_nothing_that_was_acknowledged(call, evidence, tmp_path, sample):
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(6):
        (folder / f"{n:02}.jpg").write_bytes(sample("hopper_real.jpg") + bytes([n]))
    call("case", "new", "m")
    command = [sys.executable, "-m", "pipeline", "case", "add", "m", str(folder)]
    acknowledged: set[str] = set()
    home = tmp_path / "home"
    for wait in (1, 2):
        running = subprocess.Popen(command, cwd=PROJECT, env=environment(home) | {"PYTHONUNBUFFERED": "1"},
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        assert running.stdout
        for _ in range(wait):
            acknowledged |= {line.split("\t")[1] for line in [running.stdout.readline()] if line.endswith("added\n")}
        time.sleep(0.01 * wait)
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
        case = Casebook(Person("ada"), home).open("m")
        assert list(faults(case.entries(), case.id)) == []
        assert acknowledged <= {photo.name for photo in case.record().photos}
    assert acknowledged and call("case", "add", "m", folder)[0] == 0
    case = Casebook(Person("ada"), home).open("m")
    assert sorted(photo.name for photo in case.record().photos) == [f"many/{n:02}.jpg" for n in range(6)]
    assert [check for check in verify_case(case, rerun=False) if not check.holds] == []


def test_photos_are_deleted_by_number_and_by_a_rule_of_retention(case, add):
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg", "coffee_no_face.jpg"):
        add(case, name)
    call = CliRunner().invoke
    assert call(app, ["case", "delete", case.id, "--reason", "why"]).exit_code == 2
    assert call(app, ["case", "delete", case.id, "2", "--reason", "asked for"]).output == "2\tdeleted\n"
    assert call(app, ["case", "delete", case.id, "--added-before", "2020-01-01", "--reason", "old"]).output == ""
    for no_day in (["--added-before", "yesterday"], ["--added-before", "2999"], ["1", "--added-before", "2999-01-01"]):
        assert call(app, ["case", "delete", case.id, *no_day, "--reason", "why"]).exit_code == 2
    assert [photo.number for photo in case.record().photos if photo.deleted is None] == [1, 3]
    assert call(app, ["case", "delete", case.id, "--added-before", "2999-01-01", "--reason", "old"]).exit_code == 0
    assert [photo.deleted for photo in case.record().photos] == ["old", "asked for", "old"]
