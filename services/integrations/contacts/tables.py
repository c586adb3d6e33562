"""Where customers can be reached; encrypted."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text, Uuid

from services.integrations.tables import metadata

contacts = Table(
    "contacts",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
