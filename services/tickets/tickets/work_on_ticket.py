"""Steps of the work that only this service needs to know: begin, advance, wait, go on."""

from datetime import datetime

from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.rules import stage_after
from services.tickets.tickets.vocabulary import Move, Stage, WaitingReason
from shared.auth.actor import Actor
from shared.database import Session


async def start_ticket(session: Session, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Begin the work; who begins is responsible unless somebody is already."""
    return await change_ticket(
        session,
        ticket,
        Move.START,
        actor=actor,
        now=now,
        assignee_id=ticket.assignee_id or actor.id,
    )


async def advance_ticket(
    session: Session, ticket: Ticket, *, stage: Stage, actor: Actor, now: datetime
) -> Ticket:
    """Go to another stage of the work. Raises ConflictError when it is the present one."""
    return await change_ticket(
        session,
        ticket,
        Move.ADVANCE,
        actor=actor,
        now=now,
        stage=stage_after(ticket.stage, stage),
    )


async def await_customer(
    session: Session, ticket: Ticket, *, reason: WaitingReason, actor: Actor, now: datetime
) -> Ticket:
    """Wait for the customer; his next words resume the work."""
    return await change_ticket(
        session,
        ticket,
        Move.AWAIT_CUSTOMER,
        actor=actor,
        now=now,
        detail={"reason": reason},
        waiting_reason=reason,
    )


async def await_third_party(
    session: Session, ticket: Ticket, *, actor: Actor, now: datetime
) -> Ticket:
    """Wait for somebody outside, such as a supplier."""
    return await change_ticket(session, ticket, Move.AWAIT_THIRD_PARTY, actor=actor, now=now)


async def resume_ticket(session: Session, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Go on with the work."""
    return await change_ticket(
        session, ticket, Move.RESUME, actor=actor, now=now, waiting_reason=None
    )
