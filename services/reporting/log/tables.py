"""The event log: every event that was ever heard, once."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.reporting.tables import EVENTS, metadata
from shared.partitions import Partitioned

event_log = Table(
    "event_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("origin", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("void_by", Uuid),
    Index("ix_event_log_position", "position"),
    Index("ix_event_log_unfolded", "id", postgresql_where=text("position IS NULL")),
    schema=EVENTS,
    postgresql_partition_by="RANGE (id)",
)
"""`position` is the order in which the events were folded; what has none waits for it. `void_by` is
the statement by which the sender took an event back: it counts no more, and stays readable."""

LOG_PARTITIONS = Partitioned(f"{EVENTS}.event_log", "id", keep=None)
"""Kept for ever: a rebuild reads it from its first row on."""
