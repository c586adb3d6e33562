"""What is said about a ticket, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.tickets.conversation.note_internally import note_internally
from services.tickets.conversation.queries import messages_of
from services.tickets.conversation.reply_to_customer import reply_to_customer
from services.tickets.conversation.schemas import (
    AfterNumber,
    Conversation,
    MessageIn,
    MessageOut,
    conversation_out,
    message_out,
)
from services.tickets.tickets.access import locked
from services.tickets.tickets.queries import Ticket, get_ticket
from services.tickets.tickets.sight_queries import sight_of
from shared.auth.actor import Actor
from shared.auth.callers import CurrentActor, allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.cursors import Limit
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/tickets/{ticket_id}",
    tags=["conversation"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.TICKETS_READ))]
Mine = Annotated[Ticket, Depends(locked(Permission.TICKETS_WORK))]


@router.get("/messages", operation_id="list_messages")
async def list_messages(
    ticket_id: UUID,
    session: Transaction,
    reader: Reader,
    after: AfterNumber = 0,
    limit: Limit = 50,
) -> Conversation:
    """List what was said, oldest first, internal notes included."""
    await get_ticket(session, ticket_id, sight_of(reader, Permission.TICKETS_READ))
    said = await messages_of(
        session, ticket_id, seen_by_customer=False, after=after, limit=limit + 1
    )
    return conversation_out(said, limit)


@router.post("/replies", status_code=201, operation_id="reply_to_customer")
async def reply(
    body: MessageIn, ticket: Mine, actor: CurrentActor, session: Transaction, request: Request
) -> MessageOut:
    """Answer the customer; the first answer of a person stops the response clock."""
    said = await reply_to_customer(
        session, request.app.state.vault, ticket, body=body.body, actor=actor, now=utcnow()
    )
    return message_out(said)


@router.post("/notes", status_code=201, operation_id="note_internally")
async def note(
    body: MessageIn, ticket: Mine, actor: CurrentActor, session: Transaction
) -> MessageOut:
    """Write a note that the customer never sees."""
    said = await note_internally(session, ticket, body=body.body, actor=actor, now=utcnow())
    return message_out(said)
