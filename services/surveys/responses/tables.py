"""What customers answered; their words are sealed."""

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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.surveys.tables import metadata

responses = Table(
    "responses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("invitation_id", Uuid, ForeignKey("invitations.id"), nullable=False, unique=True),
    Column("questionnaire", Text, nullable=False),
    Column("version_no", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("texts_sealed", Text, nullable=False),
    Column("satisfaction", SmallInteger),
    Column("nps", SmallInteger),
    Column("solved", Boolean),
    Column("low", Boolean, nullable=False),
    Column("after_reopen", Boolean, nullable=False),
    Column("callback_time", Text),
    Column("submitted_at", DateTime(timezone=True), nullable=False, index=True),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False, server_default=text("1")),
)
