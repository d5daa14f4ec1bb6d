import csv
import io
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Timer

import pytest

from pipeline.casebook.engine import Database
from pipeline.casebook.tags import COLUMNS, LONGEST, TAGS, Tag, Tags, by_photo, csv_table
from pipeline.errors import DamagedDatabase, UnknownName
from pipeline.storage import database

ONE = Tag("0123456789abcdef", "interesting", "a note", "ab" * 32, "2026.01-1", "test")


def tags_in(path) -> Tags:
    return Tags(Database(f"sqlite:///{path}"))


@pytest.fixture
def tags(tmp_path):
    return tags_in(tmp_path / "home" / "casebook.sqlite")


def test_without_a_database_there_is_no_tag_and_none_is_made(tags, tmp_path):
    assert tags.all() == []
    assert not (tmp_path / "home").exists()


def test_a_tag_is_kept_with_its_time_in_utc(tags):
    kept = tags.put(ONE)
    assert tags.all() == [kept] and replace(kept, at="") == ONE
    assert kept.at.endswith("Z") and len(kept.at) == 20


def test_the_same_tag_again_takes_the_place_of_the_first(tags):
    tags.put(ONE)
    tags.put(replace(ONE, note="  another  "))
    tags.put(replace(ONE, tag="fixed"))
    assert {(tag.tag, tag.note) for tag in tags.all()} == {("interesting", "another"), ("fixed", "a note")}


def test_a_tag_that_was_taken_away_can_be_put_back_as_it_was(tags):
    kept = tags.put(ONE)
    assert tags.remove(ONE.photo, "fixed") is None
    removed = tags.remove(ONE.photo, "interesting")
    assert removed == kept and tags.all() == []
    assert tags.put(removed) == kept and tags.all() == [kept]


def test_an_unknown_tag_is_refused(tags):
    with pytest.raises(UnknownName, match="tag"):
        tags.put(replace(ONE, tag="nonsense"))
    assert tags.all() == []


def test_a_long_note_is_cut_and_markup_stays_text(tags):
    tags.put(replace(ONE, note="x" * (LONGEST + 5)))
    tags.put(replace(ONE, tag="fixed", note="'); drop table tags; --"))
    assert {len(tag.note) for tag in tags.all()} == {LONGEST, 23}


def test_two_sessions_write_at_once_and_nothing_is_lost(tags, tmp_path):
    other = tags_in(tmp_path / "home" / "casebook.sqlite")

    def put(number):
        (tags if number % 2 else other).put(replace(ONE, photo=f"{number:016x}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(60)))
    assert len(tags.all()) == len(other.all()) == 60


def test_a_database_that_another_session_is_only_beginning_is_waited_for(tmp_path):
    """SQLite gives up at once there: the file cannot be turned to write-ahead mode while it is written."""
    path = tmp_path / "casebook.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin immediate")
        leaving = Timer(0.3, other.execute, ("rollback",))
        leaving.start()
        tags_in(path).put(ONE)
        leaving.join()
    assert len(tags_in(path).all()) == 1


def test_a_database_that_stays_locked_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    path = tmp_path / "casebook.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(DamagedDatabase, match=r"another session.*database is locked.*try again"):
            tags_in(path).put(ONE)


def test_a_damaged_database_is_named_and_left_alone(tmp_path):
    path = tmp_path / "casebook.sqlite"
    path.write_bytes(b"no database at all, and long enough to be read as one" * 40)
    before = path.read_bytes()
    with pytest.raises(DamagedDatabase, match=r"casebook\.sqlite"):
        tags_in(path).all()
    with pytest.raises(DamagedDatabase, match=r"casebook\.sqlite"):
        tags_in(path).put(ONE)
    assert path.read_bytes() == before


def test_a_folder_in_the_database_s_place_is_said(tmp_path):
    (tmp_path / "casebook.sqlite").mkdir()
    with pytest.raises(DamagedDatabase, match=r"casebook\.sqlite"):
        tags_in(tmp_path / "casebook.sqlite").put(ONE)


def test_tags_are_told_by_photo_in_their_own_order():
    found = by_photo([replace(ONE, tag=tag) for tag in reversed(TAGS)] + [replace(ONE, photo="other")])
    assert list(found[ONE.photo]) == list(TAGS) and list(found["other"]) == ["interesting"]


def test_the_table_can_be_read_back_and_runs_nowhere():
    text = csv_table([replace(ONE, note='=HYPERLINK("x")'), replace(ONE, note='with "quotes", and\nlines')])
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["note"] == '\'=HYPERLINK("x")' and rows[1]["note"] == 'with "quotes", and\nlines'
