"""What was heard about tickets and answers, kept because no order of messages is promised.

A reply may be heard of before the case that it is about, and a verdict before the recovery.
"""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, SmallInteger, Table, Text, Uuid

from services.feedback.tables import metadata

heard_happenings = Table(
    "heard_happenings",
    metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("cycle_no", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Index("ix_heard_happenings_at", "at"),
)

heard_answers = Table(
    "heard_answers",
    metadata,
    Column("response_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    Column("cycle_no", Integer, nullable=False),
    Column("satisfaction", SmallInteger),
    Column("solved", Boolean),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_heard_answers_ticket_id", "ticket_id"),
    Index("ix_heard_answers_at", "at"),
)

heard_restatements = Table(
    "heard_restatements",
    metadata,
    Column("response_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("satisfaction", SmallInteger),
    Column("nps", SmallInteger),
    Column("solved", Boolean),
    Column("low", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("ix_heard_restatements_at", "at"),
)

heard_call_wishes = Table(
    "heard_call_wishes",
    metadata,
    Column("response_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("callback_time", Text, nullable=False),
    Index("ix_heard_call_wishes_at", "at"),
)
