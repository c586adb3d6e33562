"""Tallies of what the log holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(sa.schema.CreateSchema("books"))
    op.create_table(
        "tallies",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("said", postgresql.INT8MULTIRANGE(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "sound",
            sa.Boolean(),
            sa.Computed(
                "lower(said) = 1 AND said = int8multirange(int8range(1, upper(said)))"
                " AND events < upper(said)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("source", "epoch", "subject", name=op.f("pk_tallies")),
        schema="books",
    )
    op.create_index(
        "ix_tallies_unsound",
        "tallies",
        ["source", "epoch"],
        unique=False,
        schema="books",
        postgresql_where=sa.text("NOT sound"),
    )
    op.create_table(
        "tally_position",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_tally_position_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_tally_position")),
        schema="books",
    )
