"""Rebuilds that were asked for, and what became of them."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text, Uuid, text

from services.reporting.tables import DESK, metadata

rebuilds = Table(
    "rebuilds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("asked_by", Uuid),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("position", BigInteger),
    Index(
        "uq_rebuilds_one_waiting",
        "state",
        unique=True,
        postgresql_where=text("state = 'waiting'"),
    ),
    schema=DESK,
)
"""At most one waits: whoever asks while it does is given that one."""
