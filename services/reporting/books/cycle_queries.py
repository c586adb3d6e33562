"""Named reads of one day's cycles, and of what the log says that no fact shows."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text

from services.reporting.books.queries import differing_cycles
from services.reporting.facts.rules import Measure
from services.reporting.facts.tables import contributions, figures
from shared.books.rules import Difference
from shared.database import Session

COMPARED: Final = (Measure.CLOSING, Measure.INVITATION)

_BEGUN: Final = text(
    """
    SELECT DISTINCT CAST(
      coalesce(CAST(data ->> 'closed_at' AS timestamptz), time) AT TIME ZONE :zone AS date) AS day
    FROM events.event_log
    WHERE position > :after AND position <= :last
      AND type IN ('ticket.closed', 'survey.invited', 'survey.suppressed')
    """
)

_UNCOUNTED: Final = text(
    """
    SELECT coalesce(CAST(log.data ->> 'ticket_id' AS uuid), log.subject) AS ticket_id,
           CAST(log.data ->> 'cycle_no' AS int) AS cycle_no, log.type
    FROM events.event_log AS log
    WHERE log.position > :after AND log.position <= :last AND log.void_by IS NULL
      AND log.type IN ('ticket.closed', 'survey.invited', 'survey.suppressed')
      AND NOT EXISTS (
        SELECT FROM facts.contributions AS fact
        WHERE fact.fact_id = log.subject AND fact.value = CAST(log.data ->> 'cycle_no' AS int)
          AND fact.measure
            = CASE log.type WHEN 'ticket.closed' THEN 'closing' ELSE 'invitation' END)
    """
)

_YOUNG: Final = text(
    """
    SELECT DISTINCT coalesce(CAST(data ->> 'ticket_id' AS uuid), subject) AS ticket_id
    FROM events.event_log
    WHERE (position > :last OR position IS NULL)
      AND coalesce(CAST(data ->> 'ticket_id' AS uuid), subject) = ANY (CAST(:tickets AS uuid[]))
    """
)


async def days_begun(session: Session, after: int, last: int, zone: str) -> set[date]:
    """Return the days of the cycles that a stretch of the log tells about."""
    rows = await session.scalars(_BEGUN, {"after": after, "last": last, "zone": zone})
    return set(rows)


async def all_days(session: Session) -> set[date]:
    """Return every day of which there are cycles in the facts or in the figures."""
    days: set[date] = set()
    for table in (contributions, figures):
        rows = select(table.c.day).where(table.c.measure.in_(COMPARED)).distinct()
        days |= set(await session.scalars(rows))
    return days


async def uncounted(session: Session, after: int, last: int) -> list[Difference]:
    """Return the closings, invitations and suppressions of the log that are in no fact.

    Those that were taken back after a restore are in none; of all others each epoch's count.
    """
    rows = await session.execute(_UNCOUNTED, {"after": after, "last": last})
    return [
        Difference(f"{row.ticket_id}/{row.cycle_no}", "uncounted", {"type": row.type})
        for row in rows
    ]


async def day_differences(session: Session, day: date) -> list[Difference]:
    """Return what differs among the cycles closed on a day, and between their facts and figures."""
    cycles = await differing_cycles(session, contributions.c.day == day)
    found = [Difference(f"{one.ticket_id}/{one.cycle_no}", one.problem, {}) for one in cycles]
    return found + await _sums(session, day)


async def _sums(session: Session, day: date) -> list[Difference]:
    """Return the measures of a day whose figures do not add up to their facts."""
    counted: dict[str, dict[str, int]] = {}
    for name, table, count in (
        ("facts", contributions, func.count()),
        ("figures", figures, func.sum(figures.c.n)),
    ):
        rows = await session.execute(
            select(table.c.measure, count)
            .where(table.c.measure.in_(COMPARED), table.c.day == day)
            .group_by(table.c.measure)
        )
        for measure, n in rows:
            counted.setdefault(measure, {"facts": 0, "figures": 0})[name] = int(n)
    return [
        Difference(f"{measure}/{day}", "sums_differ", sums)
        for measure, sums in sorted(counted.items())
        if sums["facts"] != sums["figures"]
    ]


async def spoken_of_since(session: Session, tickets: Collection[UUID], last: int) -> set[UUID]:
    """Return the tickets of which something was heard after a position: they are under way."""
    if not tickets:
        return set()
    return set(await session.scalars(_YOUNG, {"tickets": sorted(tickets), "last": last}))
