"""Named reads of the books."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select

from services.reporting.books.rules import Books, DifferingCycle, problem_of
from services.reporting.facts.invitation_rules import InvitationState
from services.reporting.facts.rules import Measure
from services.reporting.facts.tables import contributions, figures
from services.reporting.figures.period_rules import Period
from services.reporting.figures.queries import visible
from services.reporting.figures.question_rules import Part
from shared.database import Session

DIFFERENCES_SHOWN: Final = 100
"""As many as somebody looks through on the page."""


async def books(
    session: Session, period: Period, part: Part, units: frozenset[UUID] | None
) -> Books:
    """Return the books of the cycles closed in a period, as far as the asker may see."""
    counted = await session.execute(
        select(figures.c.measure, figures.c.bucket, func.sum(figures.c.n))
        .where(
            figures.c.measure.in_([Measure.CLOSING, Measure.INVITATION]),
            figures.c.day.between(period.first, period.last),
            *visible(figures, part, units),
        )
        .group_by(figures.c.measure, figures.c.bucket)
    )
    n = {(measure, bucket): int(count) for measure, bucket, count in counted}
    ends = {state: n.get((Measure.INVITATION, state), 0) for state in InvitationState}
    differences = await differing_cycles(
        session,
        contributions.c.day.between(period.first, period.last),
        *visible(contributions, part, units),
        limit=DIFFERENCES_SHOWN + 1,
    )
    return Books(
        closed=n.get((Measure.CLOSING, 0), 0),
        suppressed=ends[InvitationState.SUPPRESSED],
        open=ends[InvitationState.OPEN],
        completed=ends[InvitationState.COMPLETED],
        expired=ends[InvitationState.EXPIRED],
        cancelled=ends[InvitationState.CANCELLED],
        differences=tuple(differences[:DIFFERENCES_SHOWN]),
        more=len(differences) > DIFFERENCES_SHOWN,
    )


async def differing_cycles(
    session: Session, *which: ColumnElement[bool], limit: int | None = None
) -> list[DifferingCycle]:
    """Return the cycles that do not stand exactly once on each side, `which` of contributions."""

    def side(measure: Measure) -> Subquery:
        columns: Any = contributions.c
        return (
            select(columns.ticket_id, columns.value.label("cycle_no"), func.count().label("n"))
            .where(columns.measure == measure, *which)
            .group_by(columns.ticket_id, columns.value)
            .subquery(measure)
        )

    closed, told = side(Measure.CLOSING), side(Measure.INVITATION)
    one_cycle = and_(closed.c.ticket_id == told.c.ticket_id, closed.c.cycle_no == told.c.cycle_no)
    closings, accounts = func.coalesce(closed.c.n, 0), func.coalesce(told.c.n, 0)
    ticket_id = func.coalesce(closed.c.ticket_id, told.c.ticket_id)
    cycle_no = func.coalesce(closed.c.cycle_no, told.c.cycle_no)
    rows = await session.execute(
        select(ticket_id, cycle_no, closings, accounts)
        .select_from(closed.outerjoin(told, one_cycle, full=True))
        .where(or_(closings != 1, accounts != 1))
        .order_by(ticket_id, cycle_no)
        .limit(limit)
    )
    return [
        DifferingCycle(ticket, number, problem_of(closed_n, told_n))
        for ticket, number, closed_n, told_n in rows
    ]
