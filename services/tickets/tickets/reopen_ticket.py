"""Begin the next cycle of a ticket that was resolved or closed."""

from datetime import datetime

from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.rules import Limits
from services.tickets.tickets.telling import tell
from services.tickets.tickets.vocabulary import Move, ReopenReason, Stage
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketReopened
from shared.database import Session


async def reopen_ticket(
    session: Session,
    ticket: Ticket,
    *,
    reason: ReopenReason,
    limits: Limits,
    actor: Actor,
    now: datetime,
) -> Ticket:
    """Reopen a locked ticket; it keeps its number and gets a new limit."""
    due_at = limits.resolution_due(now)
    reopened = await change_ticket(
        session,
        ticket,
        Move.REOPEN,
        actor=actor,
        now=now,
        detail={"reason": reason},
        said=1,
        stage=Stage.ACCEPTED,
        cycle_no=ticket.cycle_no + 1,
        resolution_due_at=due_at,
        resolved_at=None,
        resolution_reason=None,
        solution=None,
        close_due_at=None,
        closed_at=None,
        close_actor=None,
    )
    await tell(
        session,
        reopened,
        TicketReopened,
        now=now,
        reason=reason,
        resolution_due_at=due_at,
        reopened_at=now,
    )
    return reopened
