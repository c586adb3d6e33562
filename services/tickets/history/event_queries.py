"""Named reads and writes of a log's events, kept until their tickets are written."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from services.tickets.history.row_rules import HistoryEvent
from services.tickets.history.tables import import_events, import_results
from services.tickets.history.vocabulary import Happening, ImportFile, Outcome, Remark
from shared.database import Session


async def keep_events(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep events of a log."""
    if rows:
        await session.execute(insert(import_events), rows)


async def events_of(
    session: Session, import_id: UUID, refs: Collection[str]
) -> dict[str, list[HistoryEvent]]:
    """Return the events of tickets, oldest first; of one instant in the order of the file."""
    found: defaultdict[str, list[HistoryEvent]] = defaultdict(list)
    rows = await session.execute(
        select(import_events)
        .where(
            import_events.c.import_id == import_id,
            import_events.c.ref == any_(bindparam(None, sorted(refs), ARRAY(TEXT))),
        )
        .order_by(import_events.c.ref, import_events.c.at, import_events.c.line)
    )
    for row in rows:
        event = HistoryEvent(row.ref, row.at, Happening(row.happening), row.org_unit)
        found[row.ref].append(event)
    return found


async def tickets_of_log(
    session: Session, import_id: UUID, *, after: int, limit: int
) -> list[tuple[int, str]]:
    """Return the next tickets of a log with the line on which each appears first."""
    line = func.min(import_events.c.line)
    rows = await session.execute(
        select(line, import_events.c.ref)
        .where(import_events.c.import_id == import_id)
        .group_by(import_events.c.ref)
        .having(line > after)
        .order_by(line)
        .limit(limit)
    )
    return [(number, ref) for number, ref in rows]


async def reject_events_without_ticket(session: Session, import_id: UUID) -> int:
    """Report the tickets of a log that the main file does not have; return how many."""
    line = func.min(import_events.c.line)
    known = select(import_results.c.id).where(
        import_results.c.import_id == import_id,
        import_results.c.file == ImportFile.MAIN,
        import_results.c.ref == import_events.c.ref,
    )
    strange = (
        select(
            literal(import_id),
            literal(ImportFile.EVENTS.value),
            line,
            import_events.c.ref,
            literal(Outcome.REJECTED.value),
            literal(Remark.TICKET_MISSING.value),
        )
        .where(import_events.c.import_id == import_id, ~known.exists())
        .group_by(import_events.c.ref)
        .order_by(line)
    )
    names = ["import_id", "file", "line", "ref", "outcome", "remark"]
    return (await session.execute(insert(import_results).from_select(names, strange))).rowcount


async def forget_events(session: Session, import_id: UUID) -> None:
    """Delete the events of an import."""
    await session.execute(delete(import_events).where(import_events.c.import_id == import_id))
