"""End a request that is withdrawn: no solution, no closing, no survey."""

from datetime import datetime

from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.telling import tell
from services.tickets.tickets.vocabulary import CancelReason, Move
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketCancelled
from shared.database import Session


async def cancel_ticket(
    session: Session, ticket: Ticket, *, reason: CancelReason, actor: Actor, now: datetime
) -> Ticket:
    """Cancel a locked ticket."""
    cancelled = await change_ticket(
        session,
        ticket,
        Move.CANCEL,
        actor=actor,
        now=now,
        detail={"reason": reason},
        said=1,
        cancelled_at=now,
        waiting_reason=None,
    )
    await tell(session, cancelled, TicketCancelled, now=now, reason=reason, cancelled_at=now)
    return cancelled
