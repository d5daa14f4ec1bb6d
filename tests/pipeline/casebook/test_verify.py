import sqlite3
from contextlib import closing

import pytest

from pipeline.casebook.checks import verify_verdicts
from pipeline.casebook.checks.check import Check
from pipeline.casebook.checks.verify import verify_case
from pipeline.casebook.checks.verify_verdicts import OTHER_PROCESSOR, compare


@pytest.fixture
def full(case, add):
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg"):
        add(case, name)
    case.hold(1, "real", "nothing odd", (1.0, 2.5, 30.0, 40.0))
    case.tag(1, ["front page"])
    return case


def failing(case, rerun: bool = False) -> list[Check]:
    return [check for check in verify_case(case, rerun) if not check.holds]


def change(home, *statements: str) -> None:
    """Do what somebody with a database's tool can do, the guard of the log taken away."""
    with closing(sqlite3.connect(home / "casebook.sqlite")) as database, database:
        for statement in ("drop trigger log_no_update", "drop trigger log_no_delete", *statements):
            database.execute(statement)


def test_all_of_an_untouched_case_holds_and_verdicts_are_the_same_to_the_last_digit(full):
    checks = list(verify_case(full))
    assert [check for check in checks if not check.holds] == []
    verdicts = [check.says for check in checks if check.what.endswith("verdict")]
    assert verdicts == ["The same again, to the last digit."] * 2
    assert full.entries()[-1].facts == {"held": len(checks), "failed": 0, "not checked": 0, "rerun": True}


def test_a_changed_byte_of_any_file_that_is_kept_is_found_and_named(full, home):
    files = [path for folder in ("originals", "objects") for path in (home / folder).rglob("*") if path.is_file()]
    assert len(files) >= 10
    for path in files:
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        named = failing(full)
        assert named and all(path.name[:12] in check.says for check in named if "altered" in check.says), path
        path.unlink()
        assert any("no longer" in check.says for check in failing(full)), path
        path.write_bytes(data)
    assert failing(full) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update log set who = 'eve' where number = 3",
        "update log set at = '2020-01-01T00:00:00Z' where number = 3",
        "update log set facts = replace(facts, 'hopper', 'hoppex') where number = 2",
        "update log set facts = '{' where number = 2",
        "update log set facts = '[]' where number = 2",
        "update log set act = 'opened' where number = 2",
        "update log set sha256 = '" + "f" * 64 + "' where number = 2",
        "delete from log where number = 3",
        "delete from log where number = 1",
        "delete from log where number = (select max(number) from log)",
        "update photos set verdict = 'real' where number = 2",
        "update photos set p_edited = 0.01 where number = 2",
        "update photos set name = 'other.jpg' where number = 1",
        "update photos set deleted = 1 where number = 1",
        "update opinions set label = 'deepfake'",
        "update opinions set blind = not blind",
        "delete from opinions",
        "delete from photo_tags",
        "insert into photo_tags values ((select id from cases), 2, 'planted')",
        "update log set photo = 1 where number = 4",
        "update cases set description = 'another'",
        "update cases set head = '" + "f" * 64 + "'",
    ],
)
def test_any_change_by_hand_to_the_database_is_found(full, home, statement):
    assert failing(full) == []
    change(home, statement)
    assert failing(full), statement


def test_a_photo_without_its_entries_is_found(full, home):
    """Even where somebody takes entries off the end and writes the case's row to fit."""
    case_id = full.id
    change(
        home,
        "delete from log where number > 3",
        "update cases set entries = 3, head = (select sha256 from log where number = 3), "
        "changed = (select at from log where number = 3)",
    )
    assert any("does not tell of it" in check.says for check in failing(full)), case_id


def test_the_log_is_edited_by_no_slip(full, home):
    with closing(sqlite3.connect(home / "casebook.sqlite")) as database:
        for statement in ("update log set who = 'eve'", "delete from log"):
            with pytest.raises(sqlite3.DatabaseError, match="only added to"):
                database.execute(statement)


def test_another_verdict_of_the_same_release_is_found(full, monkeypatch):
    def other(before, after):
        return compare(before, after | {"verdict": "inconclusive"})

    monkeypatch.setattr(verify_verdicts, "compare", other)
    named = failing(full, rerun=True)
    assert [check.what.split(":")[1] for check in named] == [" verdict"] * 2
    assert "is 'inconclusive' when examined anew" in named[0].says


def record(p_edited: float, verdict: str = "real", box: float = 10.0, p_deepfake: float | None = None) -> dict:
    face = {"verdict": verdict, "p_edited": p_edited, "p_deepfake": p_deepfake, "box": [box, box, 99.0, 99.0]}
    return {"verdict": verdict, "faces": [face]}


def test_records_are_the_same_only_within_what_processors_differ_by():
    assert compare(record(0.2), record(0.2)) == (True, "The same again, to the last digit.")
    near, far = compare(record(0.2), record(0.2 + OTHER_PROCESSOR / 2)), compare(record(0.2), record(0.3))
    assert near[0] and "another kind of processor" in near[1] and not far[0] and "0.1000" in far[1]
    assert not compare(record(0.2), record(0.2, box=14.0))[0]
    assert not compare(record(0.2), record(0.2, "inconclusive"))[0]
    assert not compare(record(0.9, "deepfake", p_deepfake=0.9), record(0.9, "deepfake"))[0]
    assert not compare(record(0.2), record(0.2) | {"faces": []})[0]
