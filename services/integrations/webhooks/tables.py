"""Subscriptions, what is sent, how far each delivery is, and every attempt."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from services.integrations.tables import metadata
from shared.inbox.tables import INBOX_KEPT
from shared.partitions import Partitioned

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url_sealed", Text, nullable=False),
    Column("description", Text),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("event_types_since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False),
    Column("disabled_reason", Text),
    Column("secret_sealed", Text, nullable=False),
    Column("old_secret_sealed", Text),
    Column("old_secret_until", DateTime(timezone=True)),
    Column("failing_since", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
)

webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_webhook_messages_occurred_at", "occurred_at"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", ForeignKey("webhook_messages.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("last_status", SmallInteger),
    Column("last_failure", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    UniqueConstraint("webhook_id", "message_id"),
    Index(
        "ix_webhook_deliveries_due",
        "webhook_id",
        "due_at",
        postgresql_where=text("state IN ('pending', 'sending')"),
    ),
    Index("ix_webhook_deliveries_newest", text("created_at DESC"), text("id DESC")),
    Index(
        "ix_webhook_deliveries_missed",
        text("created_at DESC"),
        text("id DESC"),
        postgresql_where=text("state IN ('dead', 'cancelled')"),
    ),
    Index("ix_webhook_deliveries_message_id", "message_id"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column(
        "delivery_id", ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("number", Integer, primary_key=True),
    Column("trigger", Text, nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status", SmallInteger),
    Column("failure", Text),
    Column("answer_sealed", Text),
)

webhook_suppressions = Table(
    "webhook_suppressions",
    metadata,
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("events", BigInteger, nullable=False),
)

webhook_passed_over = Table(
    "webhook_passed_over",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("reason", Text, nullable=False),
    postgresql_partition_by="RANGE (message_id)",
)
"""Events that somebody wanted and that did not leave, with the reason; for the books only, so kept
as long as the inbox that they are compared with."""

PASSED_OVER_PARTITIONS = Partitioned("webhook_passed_over", "message_id", INBOX_KEPT)
