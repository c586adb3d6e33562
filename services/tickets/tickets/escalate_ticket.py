"""Hand a ticket to the next support tier, or back to the one before."""

from datetime import datetime

from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.rules import tier_above, tier_below
from services.tickets.tickets.telling import tell
from services.tickets.tickets.vocabulary import EscalationReason, Move, Tier
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketEscalated
from shared.database import Session


async def escalate_ticket(
    session: Session, ticket: Ticket, *, reason: EscalationReason, actor: Actor, now: datetime
) -> Ticket:
    """Hand a locked ticket to the tier above; nobody is its assignee then."""
    return await _change_tier(
        session,
        ticket,
        Move.ESCALATE,
        to=tier_above(ticket.tier),
        reason=reason,
        actor=actor,
        now=now,
    )


async def return_ticket(
    session: Session, ticket: Ticket, *, reason: EscalationReason, actor: Actor, now: datetime
) -> Ticket:
    """Give a locked ticket back to the tier below; nobody is its assignee then."""
    return await _change_tier(
        session,
        ticket,
        Move.RETURN,
        to=tier_below(ticket.tier),
        reason=reason,
        actor=actor,
        now=now,
    )


async def _change_tier(
    session: Session,
    ticket: Ticket,
    move: Move,
    *,
    to: Tier,
    reason: EscalationReason,
    actor: Actor,
    now: datetime,
) -> Ticket:
    changed = await change_ticket(
        session,
        ticket,
        move,
        actor=actor,
        now=now,
        detail={"reason": reason, "from": ticket.tier},
        said=1,
        tier=to,
        assignee_id=None,
    )
    await tell(
        session,
        changed,
        TicketEscalated,
        now=now,
        from_tier=ticket.tier,
        reason=reason,
        escalated_at=now,
    )
    return changed
