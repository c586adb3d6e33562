"""What is said about a ticket: customer's words, public replies, internal notes."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Table, Text, Uuid

from services.tickets.tables import metadata

ticket_messages = Table(
    "ticket_messages",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("author_kind", Text, nullable=False),
    Column("author_id", Uuid),
    Column("visibility", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False),
)
