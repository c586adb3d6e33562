"""Feedback items with everything that was done about them; words are masked here or sealed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.feedback.tables import metadata

items = Table(
    "items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_ref", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("customer_id", Uuid),
    Column("ticket_id", Uuid),
    Column("cycle_no", Integer, nullable=False),
    Column("response_id", Uuid),
    Column("category_id", Uuid),
    Column("org_unit_id", Uuid),
    Column("org_path", ARRAY(Uuid), nullable=False),
    Column("language", Text, nullable=False),
    Column("text_masked", Text),
    Column("satisfaction", SmallInteger),
    Column("nps", SmallInteger),
    Column("low", Boolean, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("safety", Boolean, nullable=False),
    Column("sentiment", Text),
    Column("importance", Text, nullable=False),
    Column("importance_reasons", ARRAY(Text), nullable=False),
    Column("weighed_by_person", Boolean, nullable=False),
    Column("owner_id", Uuid),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("classified_at", DateTime(timezone=True)),
    Column("response_due_at", DateTime(timezone=True), nullable=False),
    Column("replied_at", DateTime(timezone=True)),
    Column("response_overdue_at", DateTime(timezone=True)),
    Column("result_due_at", DateTime(timezone=True), nullable=False),
    Column("resulted_at", DateTime(timezone=True)),
    Column("result_overdue_at", DateTime(timezone=True)),
    Column("verification", Text),
    Column("closed_at", DateTime(timezone=True)),
    Column("archive_no", Text, unique=True),
    Column("kept_until", Date),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("origin", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("step_count", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    UniqueConstraint("source", "source_ref"),
    Index("ix_items_newest", text("received_at DESC"), text("id DESC")),
    Index("ix_items_customer", "customer_id", text("received_at DESC")),
    Index("ix_items_ticket", "ticket_id"),
    Index("ix_items_owner", "owner_id", postgresql_where=text("closed_at IS NULL")),
    Index(
        "ix_items_archive",
        text("closed_at DESC"),
        text("id DESC"),
        postgresql_where=text("closed_at IS NOT NULL"),
    ),
    Index(
        "ix_items_response_due",
        "response_due_at",
        postgresql_where=text("replied_at IS NULL AND response_overdue_at IS NULL"),
    ),
    Index(
        "ix_items_result_due",
        "result_due_at",
        postgresql_where=text("resulted_at IS NULL AND result_overdue_at IS NULL"),
    ),
)
"""`replied_at` and `resulted_at` are the first of their kind: they stop the clocks.

`*_overdue_at` say when a breach was told.
"""

item_originals = Table(
    "item_originals",
    metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text_sealed", Text, nullable=False),
)
"""The words as they were written, by version of the record; read through a door of their own."""

item_versions = Table(
    "item_versions",
    metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("record", JSONB, nullable=False),
    Column("text_masked", Text),
    Column("author_kind", Text, nullable=False),
    Column("author_id", Uuid),
    Column("reason_masked", Text),
    Column("made_at", DateTime(timezone=True), nullable=False),
)
"""What the record said from `made_at` on, whole; `record` holds codes, ids and numbers."""

item_steps = Table(
    "item_steps",
    metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("owner_id", Uuid),
    Column("note_sealed", Text),
    Column("detail", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)

item_replies = Table(
    "item_replies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), nullable=False, index=True),
    Column("text_sealed", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("author_id", Uuid),
    Column("replied_at", DateTime(timezone=True), nullable=False),
    Column("notification_id", Uuid, unique=True),
    Column("delivery", Text, nullable=False),
    Column("delivered_by", Text),
    Column("delivered_at", DateTime(timezone=True)),
    Column("failed_because", Text),
)

item_proposals = Table(
    "item_proposals",
    metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("category", Text),
    Column("sentiment", Text),
    Column("department", Uuid),
    Column("matched", ARRAY(Text), nullable=False),
    Column("decided_at", DateTime(timezone=True), index=True),
    Column("decided_category", Text),
    Column("decided_sentiment", Text),
    Column("decided_department", Uuid),
)
"""What the classifier proposed on arrival, and what a person said last."""

item_search = Table(
    "item_search",
    metadata,
    Column("item_id", Uuid, ForeignKey("items.id"), primary_key=True),
    Column("words", Text, nullable=False),
    Column("grams", ARRAY(Text), nullable=False),
    Index("ix_item_search_grams", "grams", postgresql_using="gin"),
)
"""The masked words of archived items, and their pairs of characters."""

keywords = Table(
    "keywords",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("target", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Index(
        "uq_keywords_live",
        "target",
        "word",
        unique=True,
        postgresql_where=text("valid_to IS NULL"),
    ),
)

importance_rules = Table(
    "importance_rules",
    metadata,
    Column("reason", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""Rules that were switched; those that are not here are in force."""

archive_years = Table(
    "archive_years",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

customer_grades = Table(
    "customer_grades",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("grade", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

resurveys = Table(
    "resurveys",
    metadata,
    Column("response_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False, index=True),
    Column("satisfied", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
"""Answers about tickets, as they stand: a later one proves an item of the same ticket settled."""

recovered_roots = Table(
    "recovered_roots",
    metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("root_ticket_id", Uuid, nullable=False, index=True),
)
"""Recovery tickets and the tickets that they recover: the answer about one judges the other."""
