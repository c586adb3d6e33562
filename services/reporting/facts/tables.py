"""The facts: what is known of each thing, the rows that they add, and their sums."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.reporting.tables import FACTS, metadata

ticket_facts = Table(
    "ticket_facts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("origin", Text),
    Column("known", JSONB, nullable=False),
    Index("ix_ticket_facts_demo", "origin", postgresql_where=text("origin = 'demo'")),
    schema=FACTS,
)
"""`known` holds every event of the ticket, by subject, epoch and sequence; `origin` is null until
the ticket's beginning is known."""


def _facts(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("origin", Text),
        Column("known", JSONB, nullable=False),
        schema=FACTS,
    )


invitation_facts = _facts("invitation_facts")
loop_facts = _facts("loop_facts")
feedback_facts = _facts("feedback_facts")

contacts = Table(
    "contacts",
    metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("customer_id", Uuid, nullable=False),
    Column("category_id", Uuid),
    Column("top_category_id", Uuid),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    Index("ix_contacts_created", "customer_id", "created_at"),
    Index("ix_contacts_resolved", "customer_id", "resolved_at"),
    Index("ix_contacts_category", "category_id"),
    schema=FACTS,
)
"""What a ticket says to its customer's other tickets: whether they had solved his problem."""


def _place() -> tuple[Column[object], ...]:
    return (
        Column("org_unit_id", Uuid),
        Column("channel", Text, nullable=False),
        Column("category_id", Uuid),
        Column("priority", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("tier", Text, nullable=False),
    )


def _dimensions() -> tuple[Column[object], ...]:
    return (
        Column("measure", Text, nullable=False),
        Column("day", Date, nullable=False),
        *_place(),
        Column("bucket", SmallInteger, nullable=False),
    )


open_cases = Table(
    "open_cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    *_place(),
    Column("level", Integer, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("contact_due_at", DateTime(timezone=True), nullable=False),
    Column("result_due_at", DateTime(timezone=True), nullable=False),
    Column("contacted_at", DateTime(timezone=True)),
    Column("resulted_at", DateTime(timezone=True)),
    schema=FACTS,
)
"""The loop cases that have no verdict yet."""

contributions = Table(
    "contributions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("fact_id", Uuid, nullable=False),
    Column("ticket_id", Uuid),
    *_dimensions(),
    Column("value", BigInteger, nullable=False),
    Index("ix_contributions_fact", "fact_id"),
    Index("ix_contributions_explain", "measure", "day", "id"),
    schema=FACTS,
)
"""The rows that each fact adds now. The id is made of what the row says, so that a rebuild gives
the same ones; a feedback item may be about no ticket."""

figures = Table(
    "figures",
    metadata,
    *_dimensions(),
    Column("n", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("squares", Numeric, nullable=False),
    UniqueConstraint(
        "measure",
        "day",
        "org_unit_id",
        "channel",
        "category_id",
        "priority",
        "kind",
        "tier",
        "bucket",
        name="uq_figures_cell",
        postgresql_nulls_not_distinct=True,
    ),
    Index("ix_figures_empty", "measure", postgresql_where=text("n = 0")),
    schema=FACTS,
)
"""The contributions summed by cell. Squares of seconds leave what a bigint can hold."""

fold_position = Table(
    "fold_position",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("folded_at", DateTime(timezone=True), nullable=False),
    Column("last_event_at", DateTime(timezone=True)),
    CheckConstraint("one = 1", name="one_row"),
    schema=FACTS,
)
"""How much of the log these facts know."""

FACT_TABLES = (
    ticket_facts,
    invitation_facts,
    loop_facts,
    feedback_facts,
    contacts,
    open_cases,
    contributions,
    figures,
    fold_position,
)
