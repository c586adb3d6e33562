"""What partners send."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "inbound_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scheme", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets_sealed", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_sources")),
        sa.UniqueConstraint("slug", name=op.f("uq_inbound_sources_slug")),
    )
    op.create_index(
        "ix_inbound_sources_newest",
        "inbound_sources",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "inbound_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_key", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("pointer", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_index", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["inbound_sources.id"], name=op.f("fk_inbound_deliveries_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_deliveries")),
        sa.UniqueConstraint(
            "source_id", "delivery_key", name=op.f("uq_inbound_deliveries_source_id_delivery_key")
        ),
    )
    op.create_index(
        "ix_inbound_deliveries_bodies",
        "inbound_deliveries",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("body_sealed IS NOT NULL"),
    )
    op.create_index(
        "ix_inbound_deliveries_customer_id",
        "inbound_deliveries",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_inbound_deliveries_customer_index",
        "inbound_deliveries",
        ["customer_index"],
        unique=False,
        postgresql_where=sa.text("customer_index IS NOT NULL"),
    )
    op.create_index(
        "ix_inbound_deliveries_due",
        "inbound_deliveries",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_index(
        "ix_inbound_deliveries_newest",
        "inbound_deliveries",
        [sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "inbound_refusals",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_on", sa.Date(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["inbound_sources.id"], name=op.f("fk_inbound_refusals_source_id")
        ),
        sa.PrimaryKeyConstraint(
            "source_id", "reason", "refused_on", name=op.f("pk_inbound_refusals")
        ),
    )
