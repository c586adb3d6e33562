"""Which run began the count."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("tally_position", sa.Column("begun_by", sa.Uuid(), nullable=True), schema="books")
