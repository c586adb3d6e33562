"""tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSchema("desk"))
    op.execute(sa.schema.CreateSchema("events"))
    op.execute(sa.schema.CreateSchema("facts"))
    op.create_table(
        "category_copy",
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("category_id", name=op.f("pk_category_copy")),
    )
    op.create_table(
        "rebuilds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebuilds")),
        schema="desk",
    )
    op.create_index(
        "uq_rebuilds_one_waiting",
        "rebuilds",
        ["state"],
        unique=True,
        schema="desk",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "targets",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("metric", name=op.f("pk_targets")),
        schema="desk",
    )
    op.create_table(
        "event_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log")),
        schema="events",
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        "ix_event_log_position", "event_log", ["position"], unique=False, schema="events"
    )
    op.create_index(
        "ix_event_log_unfolded",
        "event_log",
        ["id"],
        unique=False,
        schema="events",
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_table(
        "contributions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributions")),
        schema="facts",
    )
    op.create_index(
        "ix_contributions_explain",
        "contributions",
        ["measure", "day", "id"],
        unique=False,
        schema="facts",
    )
    op.create_index(
        "ix_contributions_fact", "contributions", ["fact_id"], unique=False, schema="facts"
    )
    op.create_table(
        "figures",
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.Numeric(), nullable=False),
        sa.UniqueConstraint(
            "measure",
            "day",
            "org_unit_id",
            "channel",
            "category_id",
            "priority",
            "kind",
            "tier",
            "bucket",
            name="uq_figures_cell",
            postgresql_nulls_not_distinct=True,
        ),
        schema="facts",
    )
    op.create_index(
        "ix_figures_empty",
        "figures",
        ["measure"],
        unique=False,
        schema="facts",
        postgresql_where=sa.text("n = 0"),
    )
    op.create_table(
        "fold_position",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("one = 1", name=op.f("ck_fold_position_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_fold_position")),
        schema="facts",
    )
    op.create_table(
        "invitation_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("known", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_facts")),
        schema="facts",
    )
    op.create_table(
        "ticket_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("known", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_facts")),
        schema="facts",
    )
    op.create_index(
        "ix_ticket_facts_demo",
        "ticket_facts",
        ["origin"],
        unique=False,
        schema="facts",
        postgresql_where=sa.text("origin = 'demo'"),
    )
