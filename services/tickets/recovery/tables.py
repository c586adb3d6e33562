"""Which ticket and cycle handles which loop case."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Table, Uuid

from services.tickets.tables import metadata

recovery_cases = Table(
    "recovery_cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id"), nullable=False),
    Column("root_ticket_id", Uuid, ForeignKey("tickets.id"), nullable=False),
    Column("cycle_no", Integer, nullable=False),
    Column("noted", Boolean, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
)
