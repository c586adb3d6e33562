"""The organisation: units as a tree, and the people who work in them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from services.tickets.tables import metadata

org_units = Table(
    "org_units",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", ARRAY(Uuid), nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("sequence", BigInteger, nullable=False, server_default=text("1")),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("org_unit_ids", ARRAY(Uuid), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("sequence", BigInteger, nullable=False, server_default=text("1")),
)
