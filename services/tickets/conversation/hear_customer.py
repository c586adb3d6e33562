"""Take down what the customer says; it resumes a ticket that waited for him."""

from datetime import datetime

from services.tickets.conversation.queries import Said, add_message
from services.tickets.conversation.vocabulary import Visibility
from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.vocabulary import Move, State
from services.tickets.tickets.work_on_ticket import resume_ticket
from shared.auth.actor import Actor
from shared.database import Session
from shared.privacy.tombstones import require_words_about


async def hear_customer(
    session: Session, ticket: Ticket, *, body: str, actor: Actor, now: datetime
) -> Said:
    """Add the customer's words to a locked ticket that is not closed."""
    await require_words_about(session, ticket.customer_id)
    if ticket.state is State.WAITING_CUSTOMER:
        ticket = await resume_ticket(session, ticket, actor=actor, now=now)
    heard = await change_ticket(
        session,
        ticket,
        Move.HEAR,
        actor=actor,
        now=now,
        message_count=ticket.message_count + 1,
    )
    return await add_message(session, heard, body, Visibility.PUBLIC, actor=actor, now=now)
