"""A customer's rows are found without reading the whole table."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # an index that was given up half made is in the way, and useless
        op.drop_index("ix_invitations_customer", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_invitations_customer", "invitations", ["customer_id"], postgresql_concurrently=True
        )
