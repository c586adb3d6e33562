"""Runs over the books are leased."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("book_run", sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "book_run",
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
