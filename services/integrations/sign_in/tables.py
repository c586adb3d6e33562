"""Accounts of our people; only a hash of the password is kept."""

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid, text

from services.integrations.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("staff_id", Uuid, nullable=False, unique=True),
    Column("failed_attempts", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("password_changed_at", DateTime(timezone=True), nullable=False),
)
