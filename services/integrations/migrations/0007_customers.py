"""A customer's rows are found without reading the whole table."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # an index that was given up half made is in the way, and useless
        op.drop_index("ix_notifications_customer", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_notifications_customer",
            "notifications",
            ["customer_id"],
            postgresql_concurrently=True,
        )
