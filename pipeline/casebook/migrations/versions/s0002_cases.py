"""Cases, their photos, opinions and logs."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def upgrade() -> None:
    """Make the tables."""
    _make_cases()
    _make_photos()
    _make_beside_photos()
    op.create_table(
        "known_hashes",
        *map(_key, ("list", "kind", "value")),
        _text("note"),
    )
    op.create_index("known_value", "known_hashes", ["kind", "value"])
    op.create_table(
        "log",
        _key("case_id"),
        sa.Column("number", sa.Integer, primary_key=True),
        *map(_text, ("at", "who", "act", "facts", "before", "sha256")),
        sa.Column("photo", sa.Integer),
    )
    op.create_index("log_photo", "log", ["case_id", "photo", "number"])
    _guard_log()


def _make_cases() -> None:
    op.create_table(
        "cases",
        _key("id"),
        *map(_text, ("name", "description", "tags", "created", "created_by")),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        *map(_text, ("head", "changed")),
    )
    op.create_table(
        "members",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
        _key("person"),
        _text("role"),
    )


def _make_photos() -> None:
    op.create_table(
        "photos",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        *map(_text, ("name", "sha256")),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        *map(_text, ("source", "at", "who", "error_code", "error", "verdict")),
        sa.Column("p_edited", sa.Float),
        sa.Column("p_deepfake", sa.Float),
        *map(_text, ("release", "dossier", "thumbnail", "overlay")),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        _text("format"),
        sa.Column("phash", sa.BigInteger),
        sa.Column("thumb", sa.LargeBinary),
        sa.Column("notable", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
    )
    op.create_index("photos_verdict", "photos", ["case_id", "deleted", "verdict"])
    op.create_index("photos_suspicion", "photos", ["case_id", "deleted", "p_edited", "number"])
    op.create_index("photos_sha256", "photos", ["sha256"])


def _make_beside_photos() -> None:
    def of_photo() -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["case_id", "number"], ["photos.case_id", "photos.number"])

    op.create_table(
        "photo_tags",
        _key("case_id"),
        sa.Column("number", sa.Integer, primary_key=True),
        _key("tag"),
        of_photo(),
    )
    op.create_index("photo_tags_tag", "photo_tags", ["tag"])
    op.create_table(
        "opinions",
        _key("case_id"),
        sa.Column("entry", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        *map(_text, ("at", "who", "label", "words", "region")),
        sa.Column("blind", sa.Boolean, nullable=False),
        of_photo(),
    )
    op.create_index("opinions_photo", "opinions", ["case_id", "number"])
    op.create_table(
        "matches",
        _key("case_id"),
        sa.Column("number", sa.Integer, primary_key=True),
        *map(_key, ("known", "how")),
        _text("note"),
        of_photo(),
    )


def _guard_log() -> None:
    """Let the database itself refuse to change or remove an entry: no slip of a program, or of a hand, edits the log.

    Whoever may write the file can still do so, and `verify` then says it.
    """
    refusal = "the log of a case is only added to"
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"create trigger log_no_{act} before {act} on log begin select raise(abort, '{refusal}'); end")
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function log_refuses() returns trigger language plpgsql as "
            f"$$ begin raise exception '{refusal}'; end $$"
        )
        op.execute("create trigger log_guard before update or delete on log execute function log_refuses()")
