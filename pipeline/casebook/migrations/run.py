"""`upgrade`: bring a database to the newest form."""

from pathlib import Path

from alembic.command import upgrade as run_steps
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from pipeline.errors import NewerCasebook


def upgrade(connection: Connection, place: str) -> None:
    """Run what steps are missing, in the transaction that is open; what is kept stays.

    Args:
        connection: to the database, in a transaction that writes.
        place: where it is, for saying.

    Raises:
        NewerCasebook: it is of a form that no step here leads to.
    """
    if connection.dialect.name == "postgresql":  # two may come at once: the second waits, and finds it done
        connection.execute(text("select pg_advisory_xact_lock(7311)"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        run_steps(config, "head")
    except CommandError as problem:
        raise NewerCasebook(f"The casebook at {place} is of a form that is not known here: {problem}.") from problem
