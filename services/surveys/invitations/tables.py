"""One row for every closed cycle of a ticket: its invitation, or why there is none."""

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import ARRAY

from services.surveys.tables import metadata

invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    Column("cycle_no", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("questionnaire", Text),
    Column("version_no", Integer),
    Column("customer_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("category_id", Uuid),
    Column("org_unit_id", Uuid),
    Column("org_path", ARRAY(Uuid), nullable=False),
    Column("priority", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Column("origin", Text, nullable=False),
    Column("token_hash", LargeBinary, unique=True),
    Column("token_sealed", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("send_at", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("failed_because", Text),
    Column("opened_at", DateTime(timezone=True)),
    Column("remind_at", DateTime(timezone=True)),
    Column("reminded_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("reopened_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("sequence", BigInteger, nullable=False),
    Column("closed_epoch", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("ticket_id", "cycle_no"),
    Index("ix_invitations_newest", text("closed_at DESC"), text("id DESC")),
    Index("ix_invitations_customer", "customer_id"),
    Index("ix_invitations_to_send", "send_at", postgresql_where=text("state = 'scheduled'")),
    Index(
        "ix_invitations_to_remind",
        "remind_at",
        postgresql_where=text("state = 'sent' AND reminded_at IS NULL"),
    ),
    Index("ix_invitations_to_expire", "expires_at", postgresql_where=text("state = 'sent'")),
)

reopened_cycles = Table(
    "reopened_cycles",
    metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("cycle_no", Integer, primary_key=True),
    Column("reopened_at", DateTime(timezone=True), nullable=False),
)
"""Marks for closings that are heard of after the reopening that followed them."""
