"""recovery."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "recovery_cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("root_ticket_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_no", sa.Integer(), nullable=False),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["root_ticket_id"], ["tickets.id"], name=op.f("fk_recovery_cases_root_ticket_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_recovery_cases_ticket_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_recovery_cases")),
    )
    op.add_column("tickets", sa.Column("recovers_ticket_id", sa.Uuid(), nullable=True))
    op.add_column("tickets", sa.Column("recovery_ticket_id", sa.Uuid(), nullable=True))
    op.add_column("tickets", sa.Column("loop_case_id", sa.Uuid(), nullable=True))
