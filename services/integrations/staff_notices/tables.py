"""Notices to staff; their parameters are encrypted, whatever their senders put into them."""

from sqlalchemy import Column, DateTime, Index, Table, Text, Uuid, text

from services.integrations.tables import metadata

staff_notices = Table(
    "staff_notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("staff_id", Uuid, nullable=False),
    Column("template", Text, nullable=False),
    Column("parameters_sealed", Text, nullable=False),
    Column("reference_kind", Text, nullable=False),
    Column("reference_id", Uuid, nullable=False),
    Column("noticed_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Index("ix_staff_notices_newest", "staff_id", text("noticed_at DESC"), text("id DESC")),
)
