"""The queues of the edition without a broker: one table in the database of each consumer."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    false,
    func,
    text,
)

from shared.messaging import metadata

pending_messages = Table(
    "pending_message",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("deliveries", Integer, nullable=False, server_default=text("0")),
    Column("foreign_sender", Boolean, nullable=False, server_default=false()),
    Column("claimed", Boolean, nullable=False, server_default=false()),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_pending_message_due", "queue", "due_at"),
)
"""`deliveries` counts since the last planned attempt. A claimed row is due again when its claim
is too old; whoever starts to consume the queue takes claims back at once."""

unrouted_messages = Table(
    "unrouted_message",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("exchange", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Messages that nobody has bound; only the home database of the bus uses it."""
