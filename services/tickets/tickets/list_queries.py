"""Lists of tickets: what may be asked for, and a page of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, tuple_

from services.tickets.tickets.tables import tickets
from services.tickets.tickets.vocabulary import Kind, Priority, State, Tier
from shared.database import Session
from shared.texts import Line

ShownTicket = Row[Any]
"""A ticket of which only what a list shows was read."""


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What a list of tickets is asked for; None leaves it open."""

    state: State | None = None
    kind: Kind | None = None
    priority: Priority | None = None
    tier: Tier | None = None
    org_unit_id: UUID | None = None
    assignee_id: UUID | None = None
    customer_id: UUID | None = None
    number: Line | None = None


async def ticket_page(
    session: Session,
    wanted: TicketFilter,
    visible: ColumnElement[bool],
    *,
    shown: Iterable[str],
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[ShownTicket]:
    """Return up to `limit` tickets, newest first, older than `before` (created_at, id).

    Of each only what is `shown`: the names of columns, `created_at` and `id` among them. To read
    every text of fifty tickets costs more than the rest of the request.
    """
    statement = _page_of(wanted, visible, tuple(shown), limit)
    if before is not None:
        statement = statement.where(tuple_(tickets.c.created_at, tickets.c.id) < before)
    return (await session.execute(statement)).all()


@lru_cache(maxsize=1024)
def _page_of(
    wanted: TicketFilter, visible: ColumnElement[bool], shown: tuple[str, ...], limit: int
) -> Select[Any]:
    conditions = [
        tickets.c[name] == value for name, value in asdict(wanted).items() if value is not None
    ]
    return (
        select(*(tickets.c[name] for name in shown))
        .where(visible, *conditions)
        .order_by(tickets.c.created_at.desc(), tickets.c.id.desc())
        .limit(limit)
    )
