"""An audit trail that is searched."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # not concurrently, which no parent of partitions can be: a trail gets some lines a minute,
    # and who writes one waits the second
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"])
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "at", "id"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_id", "at", "id"])
