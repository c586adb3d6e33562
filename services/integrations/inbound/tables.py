"""Sources that may send, what they sent, and what was turned away; secrets and bodies sealed."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.integrations.tables import metadata

inbound_sources = Table(
    "inbound_sources",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scheme", JSONB, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("secrets_sealed", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("ix_inbound_sources_newest", text("created_at DESC"), text("id DESC")),
)

inbound_deliveries = Table(
    "inbound_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source_id", Uuid, ForeignKey("inbound_sources.id"), nullable=False),
    Column("delivery_key", Text, nullable=False),
    Column("body_sealed", Text),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text),
    Column("pointer", Text),
    Column("field", Text),
    Column("record", Text),
    Column("result", Text),
    Column("record_id", Uuid),
    Column("customer_id", Uuid),
    Column("customer_index", LargeBinary),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("traceparent", Text),
    UniqueConstraint("source_id", "delivery_key"),
    Index("ix_inbound_deliveries_newest", text("received_at DESC"), text("id DESC")),
    Index("ix_inbound_deliveries_due", "received_at", postgresql_where=text("state = 'received'")),
    Index(
        "ix_inbound_deliveries_bodies",
        "received_at",
        postgresql_where=text("body_sealed IS NOT NULL"),
    ),
    Index(
        "ix_inbound_deliveries_customer_id",
        "customer_id",
        postgresql_where=text("customer_id IS NOT NULL"),
    ),
    Index(
        "ix_inbound_deliveries_customer_index",
        "customer_index",
        postgresql_where=text("customer_index IS NOT NULL"),
    ),
)

inbound_refusals = Table(
    "inbound_refusals",
    metadata,
    Column("source_id", Uuid, ForeignKey("inbound_sources.id"), primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("refused_on", Date, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
)
