"""Requests about one person's data, and what each service answered; what was found is sealed."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid, text

from services.integrations.tables import metadata

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_by", Uuid),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Index("ix_privacy_requests_newest", text("requested_at DESC"), text("id DESC")),
    Index(
        "uq_privacy_requests_one_erasure",
        "customer_id",
        unique=True,
        postgresql_where=text("type = 'erase'"),
    ),
)
"""`expires_at` is when what was found is taken away; an erasure has nothing to take away."""

privacy_answers = Table(
    "privacy_answers",
    metadata,
    Column("request_id", Uuid, ForeignKey("privacy_requests.id"), primary_key=True),
    Column("service", Text, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("found_sealed", Text),
    Column("answered_at", DateTime(timezone=True), nullable=False),
)
"""`rows` counts what was erased, or the records that were found."""
