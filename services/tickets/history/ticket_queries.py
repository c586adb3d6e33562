"""Named reads and writes of tickets of the past, many at a time."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from services.tickets.history.tables import imported_tickets
from services.tickets.tickets.tables import ticket_moves, ticket_numbers, tickets
from shared.database import Session


async def known_tickets(
    session: Session, source: str, refs: Collection[str]
) -> dict[str, tuple[UUID, bytes | None]]:
    """Return which of a source's refs are tickets here, with the digests of those once imported."""
    rows = await session.execute(
        select(tickets.c.source_ref, tickets.c.id, imported_tickets.c.digest)
        .outerjoin(imported_tickets, imported_tickets.c.ticket_id == tickets.c.id)
        .where(
            tickets.c.source == source,
            tickets.c.source_ref == any_(bindparam(None, sorted(refs), ARRAY(TEXT))),
        )
    )
    return {ref: (ticket_id, digest) for ref, ticket_id, digest in rows}


async def next_numbers(session: Session, count: int) -> list[int]:
    """Return so many running numbers of tickets."""
    each = func.generate_series(1, count).table_valued("each")
    numbers = await session.scalars(select(ticket_numbers.next_value()).select_from(each))
    return list(numbers)


async def insert_past_tickets(
    session: Session,
    rows: Sequence[dict[str, Any]],
    moves: Sequence[dict[str, Any]],
    beside: Sequence[dict[str, Any]],
) -> None:
    """Write tickets, their moves, and what their source said beyond."""
    if not rows:
        return
    await session.execute(insert(tickets), rows)
    await session.execute(insert(ticket_moves), moves)
    await session.execute(insert(imported_tickets), beside)
