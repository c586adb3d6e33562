"""Events that their sender took back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("event_log", sa.Column("void_by", sa.Uuid(), nullable=True), schema="events")
