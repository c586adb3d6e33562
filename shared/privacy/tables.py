"""Who was erased: a tombstone in every service, so that nothing late brings the person back."""

from sqlalchemy import Column, DateTime, Table, Uuid

from shared.messaging import metadata

erased_customers = Table(
    "erased_customer",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("request_id", Uuid, nullable=False),
    Column("erased_at", DateTime(timezone=True), nullable=False),
)
"""Kept for ever: a partner may send the same record again years later."""
