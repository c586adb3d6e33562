"""What no partner got and why."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "webhook_passed_over",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_webhook_passed_over")),
        postgresql_partition_by="RANGE (message_id)",
    )
    op.add_column(
        "webhooks",
        sa.Column(
            "event_types_since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    # what the code of before took, and takes for another hour, it did not write down
    op.execute("UPDATE webhooks SET event_types_since = now() + interval '1 hour'")
