import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from pipeline.casebook import engine, migrations
from pipeline.casebook.engine import Database, database_url
from pipeline.casebook.schema import METADATA, VERSION
from pipeline.casebook.tags import Tag, Tags
from pipeline.errors import BadSetting, DamagedDatabase, NewerCasebook, Unwritable

OLDER = """create table tags (
    photo text not null, tag text not null, note text not null, sha256 text not null, release text not null,
    dataset text not null, at text not null, primary key (photo, tag)
) without rowid"""


@pytest.fixture
def database(tmp_path):
    return Database(database_url(tmp_path))


def test_the_steps_lead_to_the_tables_that_the_code_knows(database):
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    assert ScriptDirectory.from_config(config).get_current_head() == VERSION


def test_a_casebook_of_before_cases_keeps_its_tags(tmp_path):
    path = tmp_path / "casebook.sqlite"
    with closing(sqlite3.connect(path)) as older, older:
        older.execute(OLDER)
        older.execute("insert into tags values ('p', 'interesting', 'a note', 'ab', 'r', 'd', '2026-01-01T00:00:00Z')")
    tags = Tags(Database(database_url(tmp_path)))
    before = Tag("p", "interesting", "a note", "ab", "r", "d", "2026-01-01T00:00:00Z")
    assert tags.all() == [before]
    kept = tags.put(Tag("q", "fixed"))
    assert tags.all() == [kept, before]


def test_a_newer_casebook_is_refused_and_left_as_it_is(tmp_path, database):
    with database.writing() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    before = (tmp_path / "casebook.sqlite").read_bytes()
    newer = Database(database_url(tmp_path))
    for use in (newer.reading, newer.writing):
        with pytest.raises(NewerCasebook, match="newer version"), use():
            pass
    assert (tmp_path / "casebook.sqlite").read_bytes() == before


def test_what_fails_in_the_middle_is_not_kept(database):
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(text("insert into tags values ('p', 't', '', '', '', '', '')"))
        raise ZeroDivisionError
    assert Tags(database).all() == []


def test_one_that_only_may_be_read_says_so(database):
    with database.writing() as connection:
        connection.execute(text("pragma query_only = on"))
    with pytest.raises(Unwritable, match="cannot be written"), database.writing() as connection:
        connection.execute(text("insert into tags values ('p', 't', '', '', '', '', '')"))
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x", "sqlite:///"])
def test_an_address_that_is_none_is_said(url):
    """Not a database in memory either: nothing would be kept, which nobody means."""
    with pytest.raises(BadSetting, match="TELLTALE_DATABASE"):
        Database(url)


def test_a_server_that_is_not_there_is_said(monkeypatch):
    database = Database("postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(DamagedDatabase) as raised, database.reading():
        pass
    assert "secret" not in str(raised.value)


def test_a_writer_that_holds_it_for_too_long_is_said(tmp_path, database, monkeypatch):
    with database.writing():
        pass
    database.close()
    monkeypatch.setattr(engine.files, "PATIENCE", 0.2)
    path = tmp_path / "casebook.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with database.reading():
            pass
        with pytest.raises(DamagedDatabase, match="held by another session"), database.writing():
            pass
