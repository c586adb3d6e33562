"""How an answer stood before it was restated; words are never kept here."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.surveys.tables import metadata

former_answers = Table(
    "former_answers",
    metadata,
    Column("response_id", Uuid, ForeignKey("responses.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("answers", JSONB, nullable=False),
    Column("satisfaction", SmallInteger),
    Column("nps", SmallInteger),
    Column("solved", Boolean),
    Column("low", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("replaced_by", Uuid),
    Column("replaced_at", DateTime(timezone=True), nullable=False),
)
