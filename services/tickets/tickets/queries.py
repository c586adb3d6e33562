"""Named reads, locks and writes of tickets. Rows come back as `Ticket`, which the rules know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select

from services.tickets.tickets.sight_queries import Sight, is_seen
from services.tickets.tickets.tables import tickets
from services.tickets.tickets.vocabulary import (
    Channel,
    Kind,
    Priority,
    Requester,
    Stage,
    State,
    Tier,
)
from shared.auth.rights import Reach
from shared.database import Session
from shared.errors import NotFoundError, StaleError
from shared.statements import Direct


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands; `org_path` leads from the root to `org_unit_id`."""

    id: UUID
    number: str
    kind: Kind
    channel: Channel
    priority: Priority
    tier: Tier
    state: State
    stage: Stage
    waiting_reason: str | None
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    assignee_id: UUID | None
    customer_id: UUID | None
    requester: Requester
    subject: str
    description: str
    source: str | None
    source_ref: str | None
    cycle_no: int
    message_count: int
    move_count: int
    created_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    resolution_due_at: datetime
    resolved_at: datetime | None
    resolution_reason: str | None
    solution: str | None
    close_due_at: datetime | None
    closed_at: datetime | None
    close_actor: str | None
    cancelled_at: datetime | None
    updated_at: datetime
    origin: str
    recovers_ticket_id: UUID | None
    recovery_ticket_id: UUID | None
    loop_case_id: UUID | None
    version: int
    sequence: int


READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": Kind,
    "channel": Channel,
    "priority": Priority,
    "tier": Tier,
    "state": State,
    "stage": Stage,
    "requester": Requester,
    "org_path": tuple,
}
"""How columns become what the rules know."""


async def lock_ticket(
    session: Session, ticket_id: UUID, sight: Sight, *, version: int | None = None
) -> Ticket:
    """Return a ticket, locked until the transaction ends.

    Raises NotFoundError when it does not exist or is not in the caller's sight, StaleError when
    `version` is given and is no longer the present one.
    """
    ticket = await _found(session, ticket_id, sight, lock=True)
    require_version(ticket, version)
    return ticket


def require_version(ticket: Ticket, version: int | None) -> None:
    """Raise StaleError when the caller changed another version than the present one."""
    if version is not None and version != ticket.version:
        raise StaleError(
            "stale_version", "The ticket was changed meanwhile.", version=ticket.version
        )


async def get_ticket(session: Session, ticket_id: UUID, sight: Sight) -> Ticket:
    """Return a ticket. Raises NotFoundError when it is not there or not in the caller's sight."""
    return await _found(session, ticket_id, sight, lock=False)


@lru_cache
def _one_in(reach: Reach | None, *, lock: bool) -> Direct:
    statement = select(tickets).where(tickets.c.id == bindparam("ticket_id"), is_seen(reach))
    return Direct(statement.with_for_update() if lock else statement)


async def lock_tickets_to_close(session: Session, *, now: datetime, limit: int) -> list[Ticket]:
    """Return resolved tickets whose time for an objection is over, locked.

    Those that another worker holds are passed over.
    """
    due = select(tickets).where(tickets.c.close_due_at <= now).order_by(tickets.c.close_due_at)
    rows = await session.execute(due.limit(limit).with_for_update(skip_locked=True))
    return [ticket_of(row) for row in rows.mappings()]


async def _found(session: Session, ticket_id: UUID, sight: Sight, *, lock: bool) -> Ticket:
    statement = _one_in(sight.reach, lock=lock)
    row = await statement.row(session, {"ticket_id": ticket_id, **sight.values})
    if row is None:
        raise NotFoundError("ticket_not_found", "There is no such ticket.")
    return ticket_of(row)


def ticket_of(columns: Any) -> Ticket:
    """Return a row of the table, or a mapping of its columns, as the rules know it."""
    values = dict(columns)
    for name, read in READ.items():
        values[name] = read(values[name])
    return Ticket(**values)
