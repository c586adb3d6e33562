"""The chain over the audit trail: a link for each line, a seal over each batch of links."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from shared.messaging import metadata

audit_links = Table(
    "audit_link",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", Uuid, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("entry_id"),
)
"""Beside the lines, not in them: a line is written once, without waiting for the one before it."""

audit_seals = Table(
    "audit_seal",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("alg", Text, nullable=False),
    Column("kid", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
)
"""`position` and `hash` of the last link that it covers; `mac` needs a key no database has."""
