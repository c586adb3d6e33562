"""Tell the world about a ticket: events with its dimensions, notices to its customer."""

from datetime import datetime, timedelta
from typing import Any

from services.tickets.tickets.queries import Ticket
from shared.contracts.integrations import NotificationRequest
from shared.contracts.tickets import TicketEvent
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit, send

NOTICE_WORTH = timedelta(hours=24)
"""A notice about a step that is a day old only confuses."""


async def tell(
    session: Session, ticket: Ticket, event: type[TicketEvent], *, now: datetime, **data: Any
) -> None:
    """Emit an event of a ticket as it stands now; its sequence was raised with the change."""
    content = event(
        ticket_id=ticket.id,
        cycle_no=ticket.cycle_no,
        kind=ticket.kind,
        channel=ticket.channel,
        category_id=ticket.category_id,
        org_unit_id=ticket.org_unit_id,
        org_path=ticket.org_path,
        priority=ticket.priority,
        tier=ticket.tier,
        customer_id=ticket.customer_id,
        **data,
    )
    await emit(session, Saying(content, ticket.id, ticket.sequence, now, ticket.origin))


async def notify_customer(
    session: Session, vault: Vault, ticket: Ticket, template: str, *, now: datetime, **texts: str
) -> None:
    """Ask for a notice to the ticket's customer; nothing is sent about what is not live."""
    if ticket.customer_id is None or ticket.origin != Origin.LIVE:
        return
    notice = NotificationRequest(
        notification_id=new_id(),
        customer_id=ticket.customer_id,
        template=template,
        parameters={"number": ticket.number, "subject": ticket.subject, **texts},
        reference_kind="ticket",
        reference_id=ticket.id,
        expires_at=now + NOTICE_WORTH,
    )
    await send(session, vault, Saying(notice, ticket.id, ticket.sequence, now))
