"""Imports, their files while they are read, what became of each line, and what rows said beyond."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.tickets.tables import metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("asked_by", Uuid),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("touched_at", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("finished_at", DateTime(timezone=True)),
    Column("encodings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("events_read", Boolean, nullable=False, server_default=text("false")),
    Column("done_up_to", BigInteger, nullable=False, server_default=text("0")),
    Column("created", Integer, nullable=False, server_default=text("0")),
    Column("unchanged", Integer, nullable=False, server_default=text("0")),
    Column("rejected", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text),
    Column("problem_file", Text),
    Column("problem_columns", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    UniqueConstraint("asked_by", "key", postgresql_nulls_not_distinct=True),
    Index("ix_imports_newest", text("asked_at DESC"), text("id DESC")),
    Index(
        "ix_imports_to_do",
        "asked_at",
        postgresql_where=text("state IN ('waiting', 'running')"),
    ),
)
"""`done_up_to` is the line, or of a log the ticket, after which the work goes on; `attempts` counts
the workers who took the import up since it last came further."""

import_pieces = Table(
    "import_pieces",
    metadata,
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("file", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", Text, nullable=False),
)
"""A file until it is read: it may name people in columns that nobody asked for."""

import_events = Table(
    "import_events",
    metadata,
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("ref", Text, nullable=False),
    Column("happening", Text, nullable=False),
    Column("org_unit", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_import_events_ref", "import_id", "ref", "at", "line"),
)

import_results = Table(
    "import_results",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("import_id", Uuid, ForeignKey("imports.id"), nullable=False),
    Column("file", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("ref", Text),
    Column("outcome", Text, nullable=False),
    Column("remark", Text),
    Column("column", Text),
    Column("first_line", BigInteger),
    Column("ticket_id", Uuid),
    Index("ix_import_results_page", "import_id", "id"),
    Index("ix_import_results_ref", "import_id", "ref"),
)

imported_tickets = Table(
    "imported_tickets",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id"), primary_key=True),
    Column("import_id", Uuid, ForeignKey("imports.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("assignee", Text),
    Column("impact", Text),
    Column("urgency", Text),
    Column("reopen_count", Integer),
    Column("reassignment_count", Integer),
    Column("within_limits", Boolean),
)
"""What the source said beyond a ticket; its assignee has no account here and is nobody's id."""
