"""A ticket's history as the staff's front-ends see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row

from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.rules import allowed_moves, time_in_tiers
from services.tickets.tickets.vocabulary import Move, Stage, State, Tier


class MoveOut(BaseModel):
    """A line of a ticket's history."""

    number: int
    move: Move
    state: State
    stage: Stage
    tier: Tier
    cycle_no: int
    actor_kind: str
    actor_id: UUID | None
    org_unit_id: UUID | None
    assignee_id: UUID | None
    detail: dict[str, Any]
    moved_at: datetime


class TicketHistory(BaseModel):
    """What happened to a ticket; `allowed` are the moves that its state allows now.

    `tier_seconds` says how long each support tier had it so far, the time after an end left out.
    """

    state: State
    allowed: list[Move]
    tier_seconds: dict[Tier, int]
    moves: list[MoveOut]


def ticket_history(ticket: Ticket, moves: Sequence[Row[Any]], now: datetime) -> TicketHistory:
    """Return a ticket's history as it is shown to staff."""
    steps = [(State(move.state), Tier(move.tier), move.moved_at) for move in moves]
    return TicketHistory(
        state=ticket.state,
        allowed=allowed_moves(ticket.state),
        tier_seconds={
            tier: round(spent.total_seconds()) for tier, spent in time_in_tiers(steps, now).items()
        },
        moves=[MoveOut.model_validate(move, from_attributes=True) for move in moves],
    )
