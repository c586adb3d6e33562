"""Snapshots that were asked for, and how far each has come."""

from sqlalchemy import ARRAY, Column, DateTime, Index, Integer, Table, Text, Uuid, text

from shared.messaging import metadata

snapshots = Table(
    "snapshot",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("since", DateTime(timezone=True)),
    Column("state", Text, nullable=False),
    Column("position", Text),
    Column("sent", Integer, nullable=False, server_default=text("0")),
    Column("asked_by", Uuid),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Index("ix_snapshot_newest", text("asked_at DESC"), text("id DESC")),
    Index("ix_snapshot_running", "id", postgresql_where=text("state = 'running'")),
)
"""`position` is where the next part begins, in the words of what is said again."""
