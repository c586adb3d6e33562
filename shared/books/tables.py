"""Runs over the books, the differences that there are now, and up to where a book was sound."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.messaging import metadata

book_runs = Table(
    "book_run",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("night", Date),
    Column("whole", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Uuid),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("differences", Integer),
    Column("touched_at", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Index("uq_book_run_night", "night", unique=True, postgresql_where=text("night IS NOT NULL")),
    Index("ix_book_run_waiting", "id", postgresql_where=text("state = 'waiting'")),
    Index("ix_book_run_finished", "finished_at"),
)
"""`night` is the day of a nightly run: one a day, however many workers there are. `touched_at` is
when the worker that makes it was last heard of."""

book_differences = Table(
    "book_difference",
    metadata,
    Column("book", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("problem", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("runs", Integer, nullable=False),
    Column("told_at", DateTime(timezone=True)),
)
"""One that is mended goes with the next run; `runs` counts those that have found it."""

book_marks = Table(
    "book_mark",
    metadata,
    Column("book", Text, primary_key=True),
    Column("mark", Text, nullable=False),
)
"""Up to where each book was sound, in its own words."""
