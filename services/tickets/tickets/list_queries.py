"""Lists of tickets: what may be asked for, and a page of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, select, tuple_

from services.tickets.tickets.sight_queries import Sight, is_seen
from services.tickets.tickets.tables import tickets
from services.tickets.tickets.vocabulary import Kind, Priority, State, Tier
from shared.auth.rights import Reach
from shared.database import Session
from shared.statements import Direct, Found
from shared.texts import Line

ShownTicket = Found
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
    sight: Sight,
    *,
    shown: Iterable[str],
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[ShownTicket]:
    """Return up to `limit` tickets, newest first, older than `before` (created_at, id).

    Of each only what is `shown`: the names of columns, `created_at` and `id` among them. To read
    every text of fifty tickets costs more than the rest of the request.
    """
    asked = {name: value for name, value in asdict(wanted).items() if value is not None}
    after = {} if before is None else {"before_at": before[0], "before_id": before[1]}
    page = _page_of(sight.reach, tuple(asked), tuple(shown), goes_on=before is not None)
    return await page.rows(session, {**sight.values, **asked, **after, "most": limit})


@lru_cache
def _page_of(
    reach: Reach | None, asked: tuple[str, ...], shown: tuple[str, ...], *, goes_on: bool
) -> Direct:
    columns = tickets.c
    statement = select(*(columns[name] for name in shown)).where(
        is_seen(reach), *(columns[name] == bindparam(name) for name in asked)
    )
    if goes_on:
        last = (
            bindparam("before_at", type_=DateTime(timezone=True)),
            bindparam("before_id", type_=Uuid),
        )
        statement = statement.where(tuple_(columns.created_at, columns.id) < tuple_(*last))
    newest = statement.order_by(columns.created_at.desc(), columns.id.desc())
    return Direct(newest.limit(bindparam("most", type_=Integer)))
