"""What the figures should reach."""

from sqlalchemy import Column, DateTime, Double, Integer, Table, Text, Uuid

from services.reporting.tables import DESK, metadata

targets = Table(
    "targets",
    metadata,
    Column("metric", Text, primary_key=True),
    Column("value", Double, nullable=False),
    Column("version", Integer, nullable=False),
    Column("set_by", Uuid),
    Column("set_at", DateTime(timezone=True), nullable=False),
    schema=DESK,
)
"""In the metric's unit: points, percent, tickets or seconds."""
