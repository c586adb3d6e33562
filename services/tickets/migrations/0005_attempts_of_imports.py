"""An import that goes wrong again and again ends."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "imports", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
