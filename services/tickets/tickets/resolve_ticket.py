"""Give the customer a solution; he may confirm it or object until the ticket closes."""

from datetime import datetime

from services.tickets.tickets.move_queries import change_ticket, count_moves
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.rules import Limits
from services.tickets.tickets.telling import notify_customer, tell
from services.tickets.tickets.vocabulary import Move, ResolutionReason, Stage
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketResolved
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.tombstones import ERASED_TEXT, is_erased


async def resolve_ticket(
    session: Session,
    vault: Vault,
    ticket: Ticket,
    *,
    reason: ResolutionReason,
    solution: str,
    limits: Limits,
    actor: Actor,
    now: datetime,
) -> Ticket:
    """Resolve a locked ticket; it closes by itself when the time for an objection is over.

    The ticket of an erased customer still comes to its end, without words about him.
    """
    if await is_erased(session, ticket.customer_id):
        solution = ERASED_TEXT
    customer_messages = await count_moves(session, ticket.id, Move.HEAR)
    resolved = await change_ticket(
        session,
        ticket,
        Move.RESOLVE,
        actor=actor,
        now=now,
        detail={"reason": reason},
        said=1,
        stage=Stage.SOLUTION,
        waiting_reason=None,
        resolved_at=now,
        resolution_reason=reason,
        solution=solution,
        close_due_at=limits.close_due(now),
    )
    await tell(
        session,
        resolved,
        TicketResolved,
        now=now,
        resolution_reason=reason,
        resolved_at=now,
        customer_messages=customer_messages,
    )
    await notify_customer(session, vault, resolved, "ticket_resolved", now=now, solution=solution)
    return resolved
