"""Books that are compared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "book_difference",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("book", "key", name=op.f("pk_book_difference")),
        sa.UniqueConstraint("id", name=op.f("uq_book_difference_id")),
    )
    op.create_table(
        "book_mark",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book", name=op.f("pk_book_mark")),
    )
    op.create_table(
        "book_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("differences", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_run")),
    )
    op.create_index("ix_book_run_finished", "book_run", ["finished_at"], unique=False)
    op.create_index(
        "ix_book_run_waiting",
        "book_run",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_book_run_night",
        "book_run",
        ["night"],
        unique=True,
        postgresql_where=sa.text("night IS NOT NULL"),
    )
