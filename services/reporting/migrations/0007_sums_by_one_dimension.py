"""sums by one dimension."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "narrow_figures",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.Numeric(), nullable=False),
        sa.Column("empty", sa.Boolean(), sa.Computed("n = 0", persisted=True), nullable=False),
        sa.UniqueConstraint(
            "form",
            "dimension",
            "measure",
            "day",
            "org_unit_id",
            "channel",
            "category_id",
            "priority",
            "kind",
            "tier",
            "bucket",
            name="uq_narrow_figures_cell",
            postgresql_nulls_not_distinct=True,
        ),
        schema="facts",
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_narrow_figures_empty",
        "narrow_figures",
        ["form"],
        unique=False,
        schema="facts",
        postgresql_where=sa.text("empty"),
    )
    op.add_column(
        "fold_position", sa.Column("summed", sa.BigInteger(), nullable=True), schema="facts"
    )
