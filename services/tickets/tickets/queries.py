"""Named reads, locks and writes of tickets. Rows come back as `Ticket`, which the rules know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Text, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.tickets.tickets.rules import after
from services.tickets.tickets.sight_queries import Sight, is_seen
from services.tickets.tickets.tables import ticket_moves, ticket_numbers, tickets
from services.tickets.tickets.vocabulary import (
    Channel,
    Kind,
    Move,
    Priority,
    Requester,
    Stage,
    State,
    Tier,
)
from shared.auth.actor import Actor
from shared.auth.rights import Reach
from shared.database import Session
from shared.errors import ConflictError, NotFoundError, StaleError
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


_COUNTER: Final = func.lpad(cast(ticket_numbers.next_value() % 1_000_000, Text), 6, "0")
ADD: Final = Direct(
    insert(tickets)
    .values(number=func.concat(bindparam("day", type_=Text), _COUNTER))
    .on_conflict_do_nothing(index_elements=["source", "source_ref"])
    .returning(tickets)
)
CHANGE: Final = Direct(
    update(tickets)
    .where(tickets.c.id == bindparam("ticket_id"))
    .values(
        version=tickets.c.version + 1,
        sequence=tickets.c.sequence + bindparam("said"),
        move_count=tickets.c.move_count + 1,
    )
    .returning(tickets)
)
ADD_MOVE: Final = Direct(insert(ticket_moves))
"""What every move of a ticket runs."""

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


async def add_ticket(session: Session, values: dict[str, Any], *, day: str) -> Ticket:
    """Insert a ticket and return it; its number is `day` and a counter below a million.

    Raises ConflictError `source_taken` when a ticket has this source and reference already; of two
    that come at once, the second waits for the first.
    """
    row = await ADD.row(session, values | {"day": day})
    if row is None:
        raise ConflictError("source_taken", "The source's record was taken before.")
    return ticket_of(row)


async def change_ticket(
    session: Session,
    ticket: Ticket,
    move: Move,
    *,
    actor: Actor,
    now: datetime,
    detail: dict[str, Any] | None = None,
    said: int = 0,
    **changes: Any,
) -> Ticket:
    """Make a move: check it, write the changes and the line of history; return the new ticket.

    The ticket must be locked. `said` is how many events will be told of it: its sequence is
    raised by that in the same statement. Raises `IllegalMoveError`.
    """
    state = {"state": after(ticket.state, move)}
    values = state | changes | {"updated_at": now, "ticket_id": ticket.id, "said": said}
    (row,) = await CHANGE.rows(session, values)
    present = ticket_of(row)
    await add_move(session, present, move, actor=actor, now=now, detail=detail)
    return present


async def add_move(
    session: Session,
    ticket: Ticket,
    move: Move,
    *,
    actor: Actor,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write a line of a ticket's history."""
    line = {
        "ticket_id": ticket.id,
        "number": ticket.move_count,
        "move": move,
        "state": ticket.state,
        "stage": ticket.stage,
        "tier": ticket.tier,
        "cycle_no": ticket.cycle_no,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "org_unit_id": ticket.org_unit_id,
        "assignee_id": ticket.assignee_id,
        "detail": detail or {},
        "moved_at": now,
    }
    await ADD_MOVE.rows(session, line)


async def moves_of(session: Session, ticket_id: UUID) -> Sequence[Row[Any]]:
    """Return a ticket's history, oldest first."""
    return (
        await session.execute(
            select(ticket_moves)
            .where(ticket_moves.c.ticket_id == ticket_id)
            .order_by(ticket_moves.c.number)
        )
    ).all()


async def count_moves(session: Session, ticket_id: UUID, move: Move) -> int:
    """Return how often a move was made with a ticket."""
    statement = select(func.count()).where(
        ticket_moves.c.ticket_id == ticket_id, ticket_moves.c.move == move
    )
    return await session.scalar(statement) or 0


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
