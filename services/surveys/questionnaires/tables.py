"""Questionnaires in their versions; a version never changes once it is there."""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Text

from services.surveys.tables import metadata

questionnaire_versions = Table(
    "questionnaire_versions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
)
"""A trigger of the first migration refuses UPDATE and DELETE: what was asked stays known."""
