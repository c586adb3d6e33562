"""Loop cases: at most one open for each root ticket, with its scores, contacts and escalations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.feedback.tables import metadata

loop_cases = Table(
    "loop_cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    Column("cycle_no", Integer, nullable=False),
    Column("customer_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("category_id", Uuid),
    Column("org_unit_id", Uuid),
    Column("org_path", ARRAY(Uuid), nullable=False),
    Column("priority", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("response_id", Uuid, nullable=False),
    Column("satisfaction", SmallInteger),
    Column("nps", SmallInteger),
    Column("solved", Boolean),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("contact_due_at", DateTime(timezone=True), nullable=False),
    Column("contacted_at", DateTime(timezone=True)),
    Column("contact_overdue_at", DateTime(timezone=True)),
    Column("result_due_at", DateTime(timezone=True), nullable=False),
    Column("resulted_at", DateTime(timezone=True)),
    Column("result_overdue_at", DateTime(timezone=True)),
    Column("nearest_due_at", DateTime(timezone=True), nullable=False),
    Column("level", Integer, nullable=False),
    Column("owner_id", Uuid),
    Column("handling_ticket_id", Uuid),
    Column("handling_cycle_no", Integer),
    Column("noted", Boolean),
    Column("taken_at", DateTime(timezone=True)),
    Column("verifying_since", DateTime(timezone=True)),
    Column("callback_time", Text),
    Column("restated_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Column("close_reason", Text),
    Column("closing_response_id", Uuid),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", Uuid),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("acknowledged_by", Uuid),
    Column("heard_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index(
        "uq_loop_cases_open",
        "ticket_id",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_loop_cases_ticket_id", "ticket_id"),
    Index("ix_loop_cases_handling_ticket_id", "handling_ticket_id"),
    Index("ix_loop_cases_closing_response_id", "closing_response_id"),
    Index("ix_loop_cases_nearest", "nearest_due_at", "id"),
    Index(
        "ix_loop_cases_contact_due",
        "contact_due_at",
        postgresql_where=text(
            "closed_at IS NULL AND contacted_at IS NULL AND contact_overdue_at IS NULL"
        ),
    ),
    Index(
        "ix_loop_cases_result_due",
        "result_due_at",
        postgresql_where=text(
            "closed_at IS NULL AND resulted_at IS NULL AND result_overdue_at IS NULL"
        ),
    ),
)

loop_scores = Table(
    "loop_scores",
    metadata,
    Column("response_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("loop_cases.id"), nullable=False, index=True),
    Column("cycle_no", Integer, nullable=False),
    Column("satisfaction", SmallInteger),
    Column("nps", SmallInteger),
    Column("solved", Boolean),
    Column("completed_at", DateTime(timezone=True), nullable=False),
)
"""Every low answer belongs to one case; the one that opened it stands in the case itself too."""

loop_contacts = Table(
    "loop_contacts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("loop_cases.id"), nullable=False, index=True),
    Column("means", Text, nullable=False),
    Column("reached", Boolean, nullable=False),
    Column("note_sealed", Text),
    Column("staff_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

loop_escalations = Table(
    "loop_escalations",
    metadata,
    Column("case_id", Uuid, ForeignKey("loop_cases.id"), primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("staff_id", Uuid),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""Who raised a case to a level; no `staff_id` when a clock or a verdict did."""
