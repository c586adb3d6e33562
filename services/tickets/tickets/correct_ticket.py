"""Correct what a ticket is about; its state stays."""

from datetime import datetime
from typing import Any

from services.tickets.categories.queries import require_category
from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.telling import tell
from services.tickets.tickets.vocabulary import Kind, Move
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketRecategorized
from shared.database import Session
from shared.errors import ConflictError
from shared.privacy.tombstones import require_words_about

DIMENSIONS = frozenset({"kind", "category_id", "priority"})
"""What figures are broken down by: a correction of these is told to everybody."""


async def correct_ticket(
    session: Session, ticket: Ticket, *, changes: dict[str, Any], actor: Actor, now: datetime
) -> Ticket:
    """Change subject, kind, category or priority of a locked ticket.

    Raises InvalidError for a category that does not exist, ConflictError for the kind of a
    recovery (figures and surveys go by it) or for new words about an erased customer.
    """
    changes = {name: value for name, value in changes.items() if getattr(ticket, name) != value}
    if not changes:
        return ticket
    if "kind" in changes and ticket.kind is Kind.RECOVERY:
        raise ConflictError("recovery_stays", "A recovery ticket stays one.")
    if "subject" in changes:
        await require_words_about(session, ticket.customer_id)
    await require_category(session, changes.get("category_id"))
    told = bool(DIMENSIONS & changes.keys())
    corrected = await change_ticket(
        session,
        ticket,
        Move.CORRECT,
        actor=actor,
        now=now,
        detail={"fields": sorted(changes)},
        said=int(told),
        **changes,
    )
    if told:
        await tell(session, corrected, TicketRecategorized, now=now, recategorized_at=now)
    return corrected
