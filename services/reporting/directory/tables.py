"""Our own copy of the categories' names; units and staff lie in the copy that all services have."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Integer, Table, Text, Uuid, text

from services.reporting.tables import metadata

category_copy = Table(
    "category_copy",
    metadata,
    Column("category_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("path", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
