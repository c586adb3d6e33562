"""Named reads and writes of what is said about a ticket."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from services.tickets.conversation.tables import ticket_messages
from services.tickets.conversation.vocabulary import Visibility
from services.tickets.tickets.queries import Ticket
from shared.auth.actor import Actor
from shared.database import Session
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Said:
    """One message about a ticket; `number` counts them without a gap."""

    id: UUID
    ticket_id: UUID
    number: int
    author_kind: str
    author_id: UUID | None
    visibility: Visibility
    body: str
    said_at: datetime


async def add_message(
    session: Session,
    ticket: Ticket,
    body: str,
    visibility: Visibility,
    *,
    actor: Actor,
    now: datetime,
) -> Said:
    """Write down a message; the ticket's `message_count` was raised for it."""
    said = Said(
        id=new_id(),
        ticket_id=ticket.id,
        number=ticket.message_count,
        author_kind=actor.kind,
        author_id=actor.id,
        visibility=visibility,
        body=body,
        said_at=now,
    )
    values = {field.name: getattr(said, field.name) for field in fields(Said)}
    await session.execute(insert(ticket_messages).values(values))
    return said


async def messages_of(
    session: Session,
    ticket_id: UUID,
    *,
    seen_by_customer: bool,
    after: int,
    limit: int,
) -> list[Said]:
    """Return up to `limit` messages of a ticket after a number, oldest first."""
    statement = (
        select(ticket_messages)
        .where(ticket_messages.c.ticket_id == ticket_id, ticket_messages.c.number > after)
        .order_by(ticket_messages.c.number)
        .limit(limit)
    )
    if seen_by_customer:
        statement = statement.where(ticket_messages.c.visibility == Visibility.PUBLIC)
    rows = await session.execute(statement)
    return [Said(**row._asdict() | {"visibility": Visibility(row.visibility)}) for row in rows]
