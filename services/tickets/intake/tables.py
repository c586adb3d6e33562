"""Who the customers of partners are here; a partner's own id is kept as a blind index only.

Some partners use phone numbers as ids.
"""

from sqlalchemy import Boolean, Column, DateTime, LargeBinary, Table, Text, Uuid, text

from services.tickets.tables import metadata

external_customers = Table(
    "external_customers",
    metadata,
    Column("source", Text, primary_key=True),
    Column("external_index", LargeBinary, primary_key=True),
    Column("customer_id", Uuid, nullable=False, unique=True),
    Column("occurred_at", DateTime(timezone=True)),
    Column("delivery_id", Uuid),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
)
