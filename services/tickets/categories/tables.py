"""What requests are about."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text, Uuid, text

from services.tickets.tables import metadata

categories = Table(
    "categories",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid, ForeignKey("categories.id")),
    Column("code", Text, nullable=False, unique=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("sequence", BigInteger, nullable=False, server_default=text("1")),
)
