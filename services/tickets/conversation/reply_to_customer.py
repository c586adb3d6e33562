"""Answer the customer; a person's first answer stops the response clock and begins the work."""

from datetime import datetime

from services.tickets.conversation.queries import Said, add_message
from services.tickets.conversation.vocabulary import Visibility
from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.telling import notify_customer, tell
from services.tickets.tickets.vocabulary import Move, State
from services.tickets.tickets.work_on_ticket import start_ticket
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketResponded
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.tombstones import require_words_about


async def reply_to_customer(
    session: Session, vault: Vault, ticket: Ticket, *, body: str, actor: Actor, now: datetime
) -> Said:
    """Reply publicly to a locked ticket and tell its customer; who answers a new one begins it."""
    await require_words_about(session, ticket.customer_id)
    if ticket.state is State.NEW:
        ticket = await start_ticket(session, ticket, actor=actor, now=now)
    first = ticket.first_responded_at is None
    replied = await change_ticket(
        session,
        ticket,
        Move.REPLY,
        actor=actor,
        now=now,
        said=1,
        message_count=ticket.message_count + 1,
        first_responded_at=ticket.first_responded_at or now,
    )
    said = await add_message(session, replied, body, Visibility.PUBLIC, actor=actor, now=now)
    await tell(session, replied, TicketResponded, now=now, first=first, responded_at=now)
    await notify_customer(session, vault, replied, "ticket_replied", now=now, reply=body)
    return said
