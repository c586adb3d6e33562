"""Who is responsible for which feedback, and the categories by which that is said."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from services.feedback.tables import metadata

duties = Table(
    "duties",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("category_id", Uuid),
    Column("org_unit_id", Uuid),
    Column("responsible_id", Uuid, nullable=False),
    Column("deputy_id", Uuid),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    CheckConstraint("category_id IS NOT NULL OR org_unit_id IS NOT NULL", name="about_something"),
    Index(
        "uq_duties_live",
        text("coalesce(category_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
        text("coalesce(org_unit_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
        unique=True,
        postgresql_where=text("valid_to IS NULL"),
    ),
)

category_copy = Table(
    "category_copy",
    metadata,
    Column("category_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("path", ARRAY(Uuid), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
