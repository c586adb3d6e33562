"""The epoch of the closing that an invitation came of."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "invitations",
        sa.Column("closed_epoch", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
