"""End a cycle: the survey and the statistics begin here."""

from datetime import datetime

from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.telling import tell
from services.tickets.tickets.vocabulary import CloseActor, Move
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketClosed
from shared.database import Session


async def close_ticket(
    session: Session, ticket: Ticket, *, by: CloseActor, actor: Actor, now: datetime
) -> Ticket:
    """Close a locked, resolved ticket. Raises `IllegalMoveError` in any other state."""
    closed = await change_ticket(
        session,
        ticket,
        Move.CLOSE,
        actor=actor,
        now=now,
        detail={"by": by},
        said=1,
        closed_at=now,
        close_actor=by,
        close_due_at=None,
    )
    await tell(
        session,
        closed,
        TicketClosed,
        now=now,
        close_actor=by,
        resolution_reason=closed.resolution_reason,
        requester=closed.requester,
        created_at=closed.created_at,
        resolved_at=closed.resolved_at,
        closed_at=now,
    )
    return closed
