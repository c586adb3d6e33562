"""The open loop cases that the page shows: the most urgent first."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, case, func, select

from services.reporting.dashboard.case_rules import Clock, OpenCase, OpenCases
from services.reporting.facts.tables import open_cases
from services.reporting.figures.queries import visible
from services.reporting.figures.question_rules import Part
from shared.auth.directory import org_unit_copy
from shared.database import Session

SHOWN: Final = 12
"""What a team can look after in a day; whoever has more works in the list of cases, not here."""


async def cases_in_sight(
    session: Session, part: Part, units: frozenset[UUID] | None, now: datetime
) -> OpenCases:
    """Return the open cases of a part of the organisation, by the next limit that runs out."""
    table = open_cases.c
    running = func.least(
        case((table.contacted_at.is_(None), table.contact_due_at)),
        case((table.resulted_at.is_(None), table.result_due_at)),
    )
    mine = visible(open_cases, part, units)
    total, overdue = (
        await session.execute(select(func.count(), func.count().filter(running < now)).where(*mine))
    ).one()
    rows = await session.execute(
        select(open_cases, org_unit_copy.c.name)
        .outerjoin(org_unit_copy, org_unit_copy.c.org_unit_id == table.org_unit_id)
        .where(*mine)
        .order_by(running.nulls_last(), table.opened_at, table.id)
        .limit(SHOWN)
    )
    return OpenCases(total, overdue, tuple(_case(row) for row in rows))


def _case(row: Row[Any]) -> OpenCase:
    return OpenCase(
        id=row.id,
        ticket_id=row.ticket_id,
        unit=row.name,
        kind=row.kind,
        level=row.level,
        contact=Clock(row.contact_due_at, row.contacted_at),
        result=Clock(row.result_due_at, row.resulted_at),
    )
