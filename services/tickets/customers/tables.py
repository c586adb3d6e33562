"""Customers; their names and addresses are encrypted, and found by blind indexes."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from services.tickets.tables import metadata

customers = Table(
    "customers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name_sealed", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Index("ix_customers_newest", text("created_at DESC"), text("id DESC")),
)

contact_identities = Table(
    "contact_identities",
    metadata,
    Column("customer_id", Uuid, ForeignKey("customers.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value_sealed", Text, nullable=False),
    Column("index_full", LargeBinary, nullable=False),
    Column("index_ending", LargeBinary),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("ix_contact_identities_full", "index_full"),
    Index("ix_contact_identities_ending", "index_ending"),
)
