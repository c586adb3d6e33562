"""The customer's own door: file, follow, add words, confirm, object, withdraw."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.tickets.conversation.hear_customer import hear_customer
from services.tickets.conversation.queries import messages_of
from services.tickets.conversation.schemas import (
    AfterNumber,
    Conversation,
    MessageIn,
    MessageOut,
    conversation_out,
    message_out,
)
from services.tickets.customers.keep_customer import add_stub
from services.tickets.self_service.schemas import MyTicketIn, MyTicketOut, Objection, my_ticket
from services.tickets.tickets.access import locked
from services.tickets.tickets.cancel_ticket import cancel_ticket
from services.tickets.tickets.close_ticket import close_ticket
from services.tickets.tickets.list_queries import ShownTicket, TicketFilter, ticket_page
from services.tickets.tickets.open_ticket import open_ticket
from services.tickets.tickets.queries import Ticket, get_ticket
from services.tickets.tickets.reopen_ticket import reopen_ticket
from services.tickets.tickets.sight_queries import sight_of
from services.tickets.tickets.vocabulary import CancelReason, CloseActor
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.errors import ForbiddenError
from shared.http.concurrency import tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/my/tickets",
    tags=["self service"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422),
)

OWN = Permission.TICKETS_OWN
Customer = Annotated[Actor, Depends(allowed(OWN))]
Mine = Annotated[Ticket, Depends(locked(OWN))]


@router.post("", status_code=201, operation_id="file_my_ticket")
async def file(
    body: MyTicketIn, request: Request, response: Response, session: Transaction, me: Customer
) -> MyTicketOut:
    """File a complaint or another request; number and promised times come back."""
    if me.id is None:
        raise ForbiddenError("not_allowed", "A customer needs an identity to file a request.")
    state, now = request.app.state, utcnow()
    await add_stub(session, state.vault, me.id, now=now)
    ticket = await open_ticket(
        session, state.vault, body.request_of(me.id), intake=state.intake, actor=me, now=now
    )
    response.headers["Location"] = f"{router.prefix}/{ticket.id}"
    return _shown(ticket, response)


@router.get("", operation_id="list_my_tickets")
async def list_mine(
    request: Request,
    response: Response,
    session: Transaction,
    me: Customer,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MyTicketOut]:
    """List the caller's own tickets, newest first."""
    rows = await ticket_page(
        session,
        TicketFilter(),
        sight_of(me, OWN),
        shown=MyTicketOut.model_fields,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    return Page[MyTicketOut](**page(request, response, rows, limit, at=_at, out=my_ticket))


@router.get("/{ticket_id}", operation_id="get_my_ticket")
async def get(
    ticket_id: UUID, response: Response, session: Transaction, me: Customer
) -> MyTicketOut:
    """Show one of the caller's own tickets."""
    return _shown(await get_ticket(session, ticket_id, sight_of(me, OWN)), response)


@router.get("/{ticket_id}/messages", operation_id="list_my_messages")
async def list_messages(
    ticket_id: UUID,
    session: Transaction,
    me: Customer,
    after: AfterNumber = 0,
    limit: Limit = 50,
) -> Conversation:
    """List what was said between the customer and us, oldest first."""
    await get_ticket(session, ticket_id, sight_of(me, OWN))
    said = await messages_of(
        session, ticket_id, seen_by_customer=True, after=after, limit=limit + 1
    )
    return conversation_out(said, limit)


@router.post("/{ticket_id}/messages", status_code=201, operation_id="add_my_message")
async def add_words(
    body: MessageIn, ticket: Mine, session: Transaction, me: Customer
) -> MessageOut:
    """Add something; it resumes a ticket that waited for the customer."""
    return message_out(await hear_customer(session, ticket, body=body.body, actor=me, now=utcnow()))


@router.post("/{ticket_id}/confirm", operation_id="confirm_my_ticket")
async def confirm(
    ticket: Mine, response: Response, session: Transaction, me: Customer
) -> MyTicketOut:
    """Confirm the solution: the ticket closes, and a survey goes out."""
    closed = await close_ticket(session, ticket, by=CloseActor.CUSTOMER, actor=me, now=utcnow())
    return _shown(closed, response)


@router.post("/{ticket_id}/dispute", operation_id="dispute_my_ticket")
async def dispute(
    body: Objection,
    ticket: Mine,
    request: Request,
    response: Response,
    session: Transaction,
    me: Customer,
) -> MyTicketOut:
    """Object to the solution: the next cycle begins with the customer's words."""
    now = utcnow()
    reopened = await reopen_ticket(
        session,
        ticket,
        reason=body.reason,
        limits=request.app.state.intake.limits,
        actor=me,
        now=now,
    )
    await hear_customer(session, reopened, body=body.body, actor=me, now=now)
    return _shown(await get_ticket(session, ticket.id, sight_of(me, OWN)), response)


@router.post("/{ticket_id}/withdraw", operation_id="withdraw_my_ticket")
async def withdraw(
    ticket: Mine, response: Response, session: Transaction, me: Customer
) -> MyTicketOut:
    """Withdraw a request that is not solved yet; there is no survey."""
    cancelled = await cancel_ticket(
        session, ticket, reason=CancelReason.WITHDRAWN, actor=me, now=utcnow()
    )
    return _shown(cancelled, response)


def _shown(ticket: Ticket, response: Response) -> MyTicketOut:
    tag(response, ticket.version)
    return my_ticket(ticket)


def _at(ticket: ShownTicket) -> tuple[datetime, UUID]:
    return ticket.created_at, ticket.id
