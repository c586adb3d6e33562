"""What the log was counted to hold of each subject: made again from it at any time."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE

from services.reporting.tables import BOOKS, metadata

tallies = Table(
    "tallies",
    metadata,
    Column("source", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("said", INT8MULTIRANGE, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False),
    Column(
        "sound",
        Boolean,
        Computed(
            "lower(said) = 1 AND said = int8multirange(int8range(1, upper(said)))"
            " AND events < upper(said)",
            persisted=True,
        ),
        nullable=False,
    ),
    Index("ix_tallies_unsound", "source", "epoch", postgresql_where=text("NOT sound")),
    Index("ix_tallies_subject", "source", "subject", "epoch"),
    schema=BOOKS,
)
"""`said` is the set of sequences that the log holds of a subject, so that counting one twice
changes nothing; `events` counts those that no snapshot said again. After a restore each subject is
looked for in the older epochs: by the key, which has the epoch first, that reads all of them."""

tally_position = Table(
    "tally_position",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("begun_by", Uuid),
    CheckConstraint("one = 1", name="one_row"),
    schema=BOOKS,
)
"""Up to where in the log the tallies count, and which run had them begun anew."""
