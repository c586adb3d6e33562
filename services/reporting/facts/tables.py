"""The facts: what is known of tickets and invitations, the rows that they add, and their sums."""

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

invitation_facts = Table(
    "invitation_facts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("origin", Text),
    Column("known", JSONB, nullable=False),
    schema=FACTS,
)


def _dimensions() -> tuple[Column[object], ...]:
    return (
        Column("measure", Text, nullable=False),
        Column("day", Date, nullable=False),
        Column("org_unit_id", Uuid),
        Column("channel", Text, nullable=False),
        Column("category_id", Uuid),
        Column("priority", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("tier", Text, nullable=False),
        Column("bucket", SmallInteger, nullable=False),
    )


contributions = Table(
    "contributions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("fact_id", Uuid, nullable=False),
    Column("ticket_id", Uuid, nullable=False),
    *_dimensions(),
    Column("value", BigInteger, nullable=False),
    Index("ix_contributions_fact", "fact_id"),
    Index("ix_contributions_explain", "measure", "day", "id"),
    schema=FACTS,
)
"""The rows that each fact adds now. The id is made of what the row says, so that a rebuild gives
the same ones."""

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

FACT_TABLES = (ticket_facts, invitation_facts, contributions, figures, fold_position)
