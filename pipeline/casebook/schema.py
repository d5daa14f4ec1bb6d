"""The tables of the casebook. Those of cases are made from their logs, so that they can be searched.

`pipeline/casebook/migrations` makes them in a database, step by step; a test holds both together.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

VERSION = "0002"
"""The newest migration."""

METADATA = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="")


TAGS = Table(
    "tags",
    METADATA,
    Column("photo", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
    _text("note"),
    _text("sha256"),
    _text("release"),
    _text("dataset"),
    _text("at"),
)
"""What analysts noted about evaluated photos, see `pipeline.casebook.tags`."""

CASES = Table(
    "cases",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("name"),
    _text("description"),
    _text("tags"),
    _text("created"),
    _text("created_by"),
    Column("blind", Boolean, nullable=False, default=False),
    Column("archived", Boolean, nullable=False, default=False),
    Column("entries", Integer, nullable=False, default=0),
    _text("head"),
    _text("changed"),
)
"""A case; `tags` as a JSON list; `entries` and `head` of its log."""

PHOTOS = Table(
    "photos",
    METADATA,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _text("name"),
    _text("sha256"),
    Column("bytes", BigInteger, nullable=False, default=0),
    _text("source"),
    _text("at"),
    _text("who"),
    _text("error_code"),
    _text("error"),
    _text("verdict"),
    Column("p_edited", Float),
    Column("p_deepfake", Float),
    _text("release"),
    _text("dossier"),
    _text("thumbnail"),
    _text("overlay"),
    Column("width", Integer, nullable=False, default=0),
    Column("height", Integer, nullable=False, default=0),
    _text("format"),
    Column("phash", BigInteger),
    Column("thumb", LargeBinary),
    Column("notable", Integer, nullable=False, default=0),
    Column("deleted", Boolean, nullable=False, default=False),
    Index("photos_verdict", "case_id", "deleted", "verdict"),
    Index("photos_suspicion", "case_id", "deleted", "p_edited", "number"),
    Index("photos_sha256", "sha256"),
)
"""A photo with its last examination; `phash` signed, as databases keep 64 bits; `notable`: how many findings to see."""

PHOTO_TAGS = Table(
    "photo_tags",
    METADATA,
    Column("case_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tag", Text, primary_key=True),
    ForeignKeyConstraint(["case_id", "number"], ["photos.case_id", "photos.number"]),
    Index("photo_tags_tag", "tag"),
)

OPINIONS = Table(
    "opinions",
    METADATA,
    Column("case_id", Text, primary_key=True),
    Column("entry", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    _text("at"),
    _text("who"),
    _text("label"),
    _text("words"),
    _text("region"),
    Column("blind", Boolean, nullable=False, default=False),
    ForeignKeyConstraint(["case_id", "number"], ["photos.case_id", "photos.number"]),
    Index("opinions_photo", "case_id", "number"),
)
"""`region`: a JSON list of four numbers, or ""."""

MATCHES = Table(
    "matches",
    METADATA,
    Column("case_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("known", Text, primary_key=True),
    Column("how", Text, primary_key=True),
    _text("note"),
    ForeignKeyConstraint(["case_id", "number"], ["photos.case_id", "photos.number"]),
)

KNOWN = Table(
    "known_hashes",
    METADATA,
    Column("list", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    _text("note"),
    Index("known_value", "kind", "value"),
)
"""Known hashes, of all cases: `kind` is sha256, sha1, md5 or phash, `value` in lower-case hex digits."""

MEMBERS = Table(
    "members",
    METADATA,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    _text("role"),
)

LOG = Table(
    "log",
    METADATA,
    Column("case_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    _text("at"),
    _text("who"),
    _text("act"),
    _text("facts"),
    _text("before"),
    _text("sha256"),
    Column("photo", Integer),
    Index("log_photo", "case_id", "photo", "number"),
)
"""The entries of all cases' logs; `facts` as canonical JSON, `photo` the photo's number among them, for finding it."""
