"""The outbox: messages that were committed with the change that they tell of."""

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.messaging import metadata
from shared.partitions import Partitioned

outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("recipient", Text),
    Column("subject", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("origin", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Uuid),
    Column("traceparent", Text),
    Column("data", JSONB),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("published_at", DateTime(timezone=True)),
    Column("waits_from", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_outbox_due", "due_at", postgresql_where=text("published_at IS NULL")),
    postgresql_partition_by="RANGE (id)",
)

OUTBOX_KEPT = timedelta(days=14)
"""Long enough to replay what a service lost in a long weekend, and to find a fault's cause."""

OUTBOX_PARTITIONS = Partitioned("outbox", "id", OUTBOX_KEPT, finished="published_at IS NOT NULL")
