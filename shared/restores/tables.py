"""When this service was set back, and which events of all services no longer hold."""

from sqlalchemy import ARRAY, Column, DateTime, Index, Integer, Table, Text, Uuid

from shared.messaging import metadata

restores = Table(
    "restore",
    metadata,
    Column("epoch", Integer, primary_key=True),
    Column("backup_at", DateTime(timezone=True), nullable=False),
    Column("restored_at", DateTime(timezone=True), nullable=False),
)
"""What is said after a restore belongs to a new epoch, and is newer than all that was said."""

void_spans = Table(
    "void_span",
    metadata,
    Column("statement_id", Uuid, primary_key=True),
    Column("service", Text, nullable=False),
    Column("before_epoch", Integer, nullable=False),
    Column("first", Uuid, nullable=False),
    Column("last", Uuid, nullable=False),
    Column("kept", ARRAY(Uuid), nullable=False),
    Index("ix_void_span_service", "service", "first"),
)
"""Of what a service said in a span before an epoch only what is `kept` holds."""
