"""When a service was set back, and which events no longer hold."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "restore",
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("backup_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_restore")),
    )
    op.create_table(
        "void_span",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("before_epoch", sa.Integer(), nullable=False),
        sa.Column("first", sa.Uuid(), nullable=False),
        sa.Column("last", sa.Uuid(), nullable=False),
        sa.Column("kept", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_void_span")),
    )
    op.create_index("ix_void_span_service", "void_span", ["service", "first"], unique=False)
