"""The facts: what is known of each thing, the rows that they add, and their sums."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
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


def _place(*, whole: bool = True) -> tuple[Column[object], ...]:
    return (
        Column("org_unit_id", Uuid),
        Column("channel", Text, nullable=not whole),
        Column("category_id", Uuid),
        Column("priority", Text, nullable=not whole),
        Column("kind", Text, nullable=not whole),
        Column("tier", Text, nullable=not whole),
    )


def _dimensions(*, whole: bool = True) -> tuple[Column[object], ...]:
    return (
        Column("measure", Text, nullable=False),
        Column("day", Date, nullable=False),
        *_place(whole=whole),
        Column("bucket", SmallInteger, nullable=False),
    )


def _sums() -> tuple[Column[object], ...]:
    return (
        Column("n", BigInteger, nullable=False),
        Column("total", BigInteger, nullable=False),
        Column("squares", Numeric, nullable=False),
    )


DIMENSIONS = tuple(column.name for column in _place())


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
    *_sums(),
    UniqueConstraint(
        "measure",
        "day",
        *DIMENSIONS,
        "bucket",
        name="uq_figures_cell",
        postgresql_nulls_not_distinct=True,
    ),
    Index("ix_figures_empty", "measure", postgresql_where=text("n = 0")),
    schema=FACTS,
)
"""The contributions summed by cell. Squares of seconds leave what a bigint can hold."""

narrow_figures = Table(
    "narrow_figures",
    metadata,
    Column("form", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    *_dimensions(whole=False),
    *_sums(),
    Column("empty", Boolean, Computed("n = 0", persisted=True), nullable=False),
    UniqueConstraint(
        "form",
        "dimension",
        "measure",
        "day",
        *DIMENSIONS,
        "bucket",
        name="uq_narrow_figures_cell",
        postgresql_nulls_not_distinct=True,
    ),
    Index("ix_narrow_figures_empty", "form", postgresql_where=text("empty")),
    schema=FACTS,
    postgresql_with={"fillfactor": 70},
)
"""The same sums by one dimension at a time, and by none (an empty `dimension`): others are null.

A few of these cells change with every batch, so there is room for their next version beside them,
and no index holds a column that changes (`empty` hardly does).
"""

fold_position = Table(
    "fold_position",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("folded_at", DateTime(timezone=True), nullable=False),
    Column("last_event_at", DateTime(timezone=True)),
    Column("summed", BigInteger),
    CheckConstraint("one = 1", name="one_row"),
    schema=FACTS,
)
"""How much of the log these facts know, and up to where `narrow_figures` were kept along: a release
that has none leaves them behind."""

FACT_TABLES = (
    ticket_facts,
    invitation_facts,
    loop_facts,
    feedback_facts,
    contacts,
    open_cases,
    contributions,
    figures,
    narrow_figures,
    fold_position,
)
