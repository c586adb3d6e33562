"""Messages that could not be handled, as rows that a person can list, replay or discard."""

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from shared.messaging import metadata

dead_letters = Table(
    "dead_letter",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("message_id", Uuid, nullable=False),
    Column("queue", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("1")),
    Column("first_failed_at", DateTime(timezone=True), nullable=False),
    Column("last_failed_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("settled_by", Uuid),
    Column("settled_because", Text),
    UniqueConstraint("message_id", "queue"),
    Index("ix_dead_letter_latest", text("last_failed_at DESC"), text("id DESC")),
    Index("ix_dead_letter_replaying", "id", postgresql_where=text("state = 'replaying'")),
)
