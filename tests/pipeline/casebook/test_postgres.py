"""The casebook in PostgreSQL: a real server that the test starts, where Debian's postgresql is installed."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.verify import verify_case
from pipeline.casebook.engine import Database, database_url
from pipeline.casebook.log import faults
from pipeline.casebook.people import Person
from pipeline.casebook.schema import METADATA
from pipeline.casebook.search import SORTS, PhotoQuery, choices, search
from pipeline.casebook.tags import Tag, Tags
from pipeline.errors import DamagedDatabase, EditedMeanwhile

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
AS_SERVER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
"""PostgreSQL refuses to run as root."""

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="Debian's postgresql is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return the folder of a server's socket; it listens on no network."""
    programs = PROGRAMS[-1].parent
    folder = Path(
        subprocess.run(["mktemp", "-d", "/tmp/pg-XXXXXX"], capture_output=True, text=True, check=True).stdout.strip()
    )
    if AS_SERVER:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    run = {"check": True, "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    subprocess.run([*AS_SERVER, programs / "initdb", "-D", data, "-U", "telltale", "--auth=trust", "-E", "UTF8"], **run)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    control = [*AS_SERVER, programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log"]
    subprocess.run([*control, "start"], **run)
    try:
        yield folder
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **(run | {"check": False}))
        subprocess.run([*AS_SERVER, "rm", "-rf", folder], check=False)


@pytest.fixture
def url(server, setting, tmp_path):
    """The address of an empty database, named by one setting."""
    name = f"t{os.urandom(6).hex()}"
    programs = PROGRAMS[-1].parent
    subprocess.run([programs / "createdb", "-h", server, "-U", "telltale", name], check=True)
    address = f"postgresql+psycopg://telltale@/{name}?host={server}"
    setting(database=address, home=tmp_path / "home")
    return address


@pytest.fixture
def book(url) -> Casebook:
    assert database_url() == url
    return Casebook(Person("ada"))


def test_the_steps_lead_to_the_same_tables(book):
    with book.keeping.database.reading() as connection:
        assert connection.dialect.name == "postgresql"
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_case_lives_there_and_all_of_it_holds(book, add, home):
    case = book.create("The matter \U0001f600 %", "d", ["press"])
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg"):
        add(case, name)
    case.hold(1, "real", "why", (1.0, 2.0, 30.0, 40.0))
    case.tag(2, ["front page"])
    case.share("bob", "viewer")
    assert [check for check in verify_case(case, rerun=False) if not check.holds] == []
    assert book.cases()[0].total == 2 and book.open("the matter \U0001f600 %").id == case.id
    for sort in SORTS:
        assert search(book, PhotoQuery(sort=sort)).total == 2
    assert search(book, PhotoQuery(text="SWAP")).rows[0].tags == ("front page",)
    assert search(book, PhotoQuery(text="%")).total == 0 and choices(book).tags == ("front page",)
    assert not (home / "casebook.sqlite").exists()
    case.delete(1, "why")
    assert [check for check in verify_case(case, rerun=False) if not check.holds] == []


def test_tags_of_evaluated_photos_live_there_too(book):
    tags = Tags(book.keeping.database)
    kept = tags.put(Tag("p", "interesting", "a"))
    assert tags.put(Tag("p", "interesting", "b", at=kept.at)) == tags.all()[0] and tags.remove("p", "interesting")


def test_many_write_at_once_and_the_chain_holds(book):
    case = book.create("busy")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Casebook(Person(f"p{n}")).open(case.id).describe(description=str(n)), range(40)))
    entries = case.entries()
    assert len(entries) == 41 and list(faults(entries, case.id)) == []
    with pytest.raises(EditedMeanwhile):
        case.describe(description="late", seen=3)


def test_many_begin_at_once_and_the_tables_are_made_once(url):
    code = "from pipeline.casebook.casebook import Casebook; import sys; Casebook().create(sys.argv[1])"
    project = Path(__file__).resolve().parents[3]
    begun = [subprocess.Popen([sys.executable, "-c", code, f"c{n}"], cwd=project, env=os.environ) for n in range(3)]
    assert [process.wait() for process in begun] == [0] * 3
    assert len(Casebook().cases()) == 3


@pytest.mark.parametrize("statement", ["update log set who = 'eve'", "delete from log"])
def test_the_log_is_edited_by_no_slip(book, statement):
    book.create("m")
    with pytest.raises(DamagedDatabase, match="only added to"), book.keeping.database.writing() as connection:
        connection.execute(text(statement))


def test_a_change_by_hand_is_found(book, add):
    case = book.create("m")
    add(case, "hopper_real.jpg")
    with book.keeping.database.writing() as connection:
        connection.execute(text("alter table log disable trigger log_guard"))
        connection.execute(text("update log set who = 'eve' where number = 2"))
    assert any("Entry 2" in check.says for check in verify_case(case, rerun=False))


def test_a_server_that_went_away_and_came_back_is_used_again(book, url):
    case = book.create("m")
    with Database(url).writing() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    case.describe(description="still here")
    assert case.record().description == "still here"
