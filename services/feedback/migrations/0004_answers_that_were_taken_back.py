"""answers that were taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "resurveys",
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
