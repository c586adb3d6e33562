"""Write a note among ourselves; the customer never sees it."""

from datetime import datetime

from services.tickets.conversation.queries import Said, add_message
from services.tickets.conversation.vocabulary import Visibility
from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.vocabulary import Move
from shared.auth.actor import Actor
from shared.database import Session
from shared.privacy.tombstones import require_words_about


async def note_internally(
    session: Session, ticket: Ticket, *, body: str, actor: Actor, now: datetime
) -> Said:
    """Add a note to a locked ticket, whatever its state."""
    await require_words_about(session, ticket.customer_id)
    noted = await change_ticket(
        session,
        ticket,
        Move.NOTE,
        actor=actor,
        now=now,
        message_count=ticket.message_count + 1,
    )
    return await add_message(session, noted, body, Visibility.INTERNAL, actor=actor, now=now)
