"""What the handlers of the sample service count."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("amount", sa.Integer(), nullable=False),
    )
