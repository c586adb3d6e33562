"""items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

KEEP = """
CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'feedback is never deleted' USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "archive_years",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_archive_years")),
    )
    op.create_table(
        "customer_grades",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_grades")),
    )
    op.create_table(
        "importance_rules",
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_importance_rules")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("cycle_no", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("org_path", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text_masked", sa.Text(), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("nps", sa.SmallInteger(), nullable=True),
        sa.Column("low", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("safety", sa.Boolean(), nullable=False),
        sa.Column("sentiment", sa.Text(), nullable=True),
        sa.Column("importance", sa.Text(), nullable=False),
        sa.Column("importance_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("weighed_by_person", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("classified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resulted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verification", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archive_no", sa.Text(), nullable=True),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("archive_no", name=op.f("uq_items_archive_no")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_items_source_source_ref")),
    )
    op.create_index(
        "ix_items_archive",
        "items",
        [sa.literal_column("closed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_items_customer",
        "items",
        ["customer_id", sa.literal_column("received_at DESC")],
        unique=False,
    )
    op.create_index(
        "ix_items_newest",
        "items",
        [sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_items_owner",
        "items",
        ["owner_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_items_response_due",
        "items",
        ["response_due_at"],
        unique=False,
        postgresql_where=sa.text("replied_at IS NULL AND response_overdue_at IS NULL"),
    )
    op.create_index(
        "ix_items_result_due",
        "items",
        ["result_due_at"],
        unique=False,
        postgresql_where=sa.text("resulted_at IS NULL AND result_overdue_at IS NULL"),
    )
    op.create_index("ix_items_ticket", "items", ["ticket_id"], unique=False)
    op.create_table(
        "keywords",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keywords")),
    )
    op.create_index(
        "uq_keywords_live",
        "keywords",
        ["target", "word"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "recovered_roots",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("root_ticket_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_recovered_roots")),
    )
    op.create_index(
        op.f("ix_recovered_roots_root_ticket_id"),
        "recovered_roots",
        ["root_ticket_id"],
        unique=False,
    )
    op.create_table(
        "resurveys",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_resurveys")),
    )
    op.create_index(op.f("ix_resurveys_ticket_id"), "resurveys", ["ticket_id"], unique=False)
    op.create_table(
        "item_originals",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_originals_item_id")),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_item_originals")),
    )
    op.create_table(
        "item_proposals",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("sentiment", sa.Text(), nullable=True),
        sa.Column("department", sa.Uuid(), nullable=True),
        sa.Column("matched", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_category", sa.Text(), nullable=True),
        sa.Column("decided_sentiment", sa.Text(), nullable=True),
        sa.Column("decided_department", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_proposals_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_proposals")),
    )
    op.create_index(
        op.f("ix_item_proposals_decided_at"), "item_proposals", ["decided_at"], unique=False
    )
    op.create_table(
        "item_replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("delivered_by", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_replies_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_replies")),
        sa.UniqueConstraint("notification_id", name=op.f("uq_item_replies_notification_id")),
    )
    op.create_index(op.f("ix_item_replies_item_id"), "item_replies", ["item_id"], unique=False)
    op.create_table(
        "item_search",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_search_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_search")),
    )
    op.create_index(
        "ix_item_search_grams", "item_search", ["grams"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "item_steps",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_steps_item_id")),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_item_steps")),
    )
    op.create_table(
        "item_versions",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("text_masked", sa.Text(), nullable=True),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reason_masked", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_versions_item_id")),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_item_versions")),
    )
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER kept BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION refuse_deletion()"
    )
