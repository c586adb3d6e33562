"""Notices to people; what they say is encrypted."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid, text

from services.integrations.tables import metadata

notifications = Table(
    "notifications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, nullable=False),
    Column("template", Text, nullable=False),
    Column("parameters_sealed", Text, nullable=False),
    Column("reference_kind", Text, nullable=False),
    Column("reference_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("channel", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("origin", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Uuid),
    Column("traceparent", Text),
    Index(
        "ix_notifications_due",
        "due_at",
        postgresql_where=text("state IN ('waiting_contact', 'pending', 'sending')"),
    ),
    Index("ix_notifications_customer", "customer_id"),
    Index("ix_notifications_newest", text("requested_at DESC"), text("id DESC")),
)
