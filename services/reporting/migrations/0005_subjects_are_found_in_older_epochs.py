"""Subjects are found in older epochs."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # not concurrently: only a run over the books writes this table, and it waits that second
    op.create_index("ix_tallies_subject", "tallies", ["source", "subject", "epoch"], schema="books")
