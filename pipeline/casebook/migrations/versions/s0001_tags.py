"""The tags of evaluated photos, as versions before cases made them without Alembic: what is there stays."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def upgrade() -> None:
    """Make the table where there is none."""
    columns = [sa.Column(name, sa.Text, nullable=False) for name in ("note", "sha256", "release", "dataset", "at")]
    keys = [sa.Column(name, sa.Text, primary_key=True) for name in ("photo", "tag")]
    op.create_table("tags", *keys, *columns, if_not_exists=True)
