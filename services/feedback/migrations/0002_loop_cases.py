"""loop cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "heard_answers",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_no", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_heard_answers")),
    )
    op.create_index("ix_heard_answers_at", "heard_answers", ["at"], unique=False)
    op.create_index("ix_heard_answers_ticket_id", "heard_answers", ["ticket_id"], unique=False)
    op.create_table(
        "heard_call_wishes",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("callback_time", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", "at", name=op.f("pk_heard_call_wishes")),
    )
    op.create_index("ix_heard_call_wishes_at", "heard_call_wishes", ["at"], unique=False)
    op.create_table(
        "heard_happenings",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("cycle_no", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "ticket_id", "what", "cycle_no", "at", name=op.f("pk_heard_happenings")
        ),
    )
    op.create_index("ix_heard_happenings_at", "heard_happenings", ["at"], unique=False)
    op.create_table(
        "heard_restatements",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("nps", sa.SmallInteger(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("low", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", "at", name=op.f("pk_heard_restatements")),
    )
    op.create_index("ix_heard_restatements_at", "heard_restatements", ["at"], unique=False)
    op.create_table(
        "loop_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_no", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("org_path", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("nps", sa.SmallInteger(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resulted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nearest_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("handling_ticket_id", sa.Uuid(), nullable=True),
        sa.Column("handling_cycle_no", sa.Integer(), nullable=True),
        sa.Column("noted", sa.Boolean(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verifying_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_time", sa.Text(), nullable=True),
        sa.Column("restated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("closing_response_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loop_cases")),
    )
    op.create_index(
        "ix_loop_cases_closing_response_id", "loop_cases", ["closing_response_id"], unique=False
    )
    op.create_index(
        "ix_loop_cases_contact_due",
        "loop_cases",
        ["contact_due_at"],
        unique=False,
        postgresql_where=sa.text(
            "closed_at IS NULL AND contacted_at IS NULL AND contact_overdue_at IS NULL"
        ),
    )
    op.create_index(
        "ix_loop_cases_handling_ticket_id", "loop_cases", ["handling_ticket_id"], unique=False
    )
    op.create_index("ix_loop_cases_nearest", "loop_cases", ["nearest_due_at", "id"], unique=False)
    op.create_index(
        "ix_loop_cases_result_due",
        "loop_cases",
        ["result_due_at"],
        unique=False,
        postgresql_where=sa.text(
            "closed_at IS NULL AND resulted_at IS NULL AND result_overdue_at IS NULL"
        ),
    )
    op.create_index("ix_loop_cases_ticket_id", "loop_cases", ["ticket_id"], unique=False)
    op.create_index(
        "uq_loop_cases_open",
        "loop_cases",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "loop_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("note_sealed", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["loop_cases.id"], name=op.f("fk_loop_contacts_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loop_contacts")),
    )
    op.create_index(op.f("ix_loop_contacts_case_id"), "loop_contacts", ["case_id"], unique=False)
    op.create_table(
        "loop_escalations",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["loop_cases.id"], name=op.f("fk_loop_escalations_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "level", name=op.f("pk_loop_escalations")),
    )
    op.create_table(
        "loop_scores",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_no", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("nps", sa.SmallInteger(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["loop_cases.id"], name=op.f("fk_loop_scores_case_id")
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_loop_scores")),
    )
    op.create_index(op.f("ix_loop_scores_case_id"), "loop_scores", ["case_id"], unique=False)
