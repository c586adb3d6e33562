"""The single rows behind a figure."""

from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_

from services.reporting.facts.tables import contributions
from services.reporting.figures.queries import rows_counted, visible
from services.reporting.figures.question_rules import Question
from shared.database import Session


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A row behind a figure: which record adds it, on which day it counts, and as what."""

    id: UUID
    record_id: UUID
    ticket_id: UUID | None
    measure: str
    day: date
    org_unit_id: UUID | None
    channel: str
    category_id: UUID | None
    priority: str
    kind: str
    tier: str
    bucket: int
    value: int


async def counted_rows(
    session: Session, asked: Question, *, after: tuple[date, UUID] | None, limit: int
) -> list[CountedRow]:
    """Return the rows that a figure's n counts, by day."""
    table = contributions
    measure = asked.metric.whole or asked.metric.measure
    statement = select(
        table.c.fact_id.label("record_id"),
        *(table.c[field.name] for field in fields(CountedRow) if field.name != "record_id"),
    ).where(*rows_counted(asked, [measure]), *visible(table, asked.part, asked.units))
    if after is not None:
        statement = statement.where(tuple_(table.c.day, table.c.id) > after)
    rows = await session.execute(statement.order_by(table.c.day, table.c.id).limit(limit))
    return [CountedRow(**row._asdict()) for row in rows]
