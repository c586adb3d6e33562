"""Tickets over HTTP: take, list, read, correct; the moves stand in `moves_api.py`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.tickets.tickets.access import locked
from services.tickets.tickets.correct_ticket import correct_ticket
from services.tickets.tickets.history_schemas import TicketHistory, ticket_history
from services.tickets.tickets.list_queries import ShownTicket, TicketFilter, ticket_page
from services.tickets.tickets.move_queries import moves_of
from services.tickets.tickets.open_ticket import open_ticket
from services.tickets.tickets.queries import Ticket, get_ticket, require_version
from services.tickets.tickets.schemas import (
    TicketCorrection,
    TicketIn,
    TicketLine,
    TicketOut,
    ticket_line,
    ticket_out,
)
from services.tickets.tickets.sight_queries import sight_of
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.concurrency import is_known, required_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Reading, Transaction

router = APIRouter(
    prefix="/api/v1/tickets",
    tags=["tickets"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.TICKETS_READ))]
Worker = Annotated[Actor, Depends(allowed(Permission.TICKETS_WORK))]
Locked = Annotated[Ticket, Depends(locked(Permission.TICKETS_WORK))]


@router.post("", status_code=201, operation_id="open_ticket")
async def take(
    body: TicketIn, request: Request, response: Response, session: Transaction, worker: Worker
) -> TicketOut:
    """Take a request for a customer; number and promised times come back and go to him."""
    state = request.app.state
    ticket = await open_ticket(
        session, state.vault, body.request, intake=state.intake, actor=worker, now=utcnow()
    )
    response.headers["Location"] = f"{router.prefix}/{ticket.id}"
    tag(response, ticket.version)
    return ticket_out(ticket)


@router.get("", operation_id="list_tickets")
async def list_tickets(
    request: Request,
    response: Response,
    session: Reading,
    reader: Reader,
    wanted: Annotated[TicketFilter, Depends()],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketLine]:
    """List the tickets that are the caller's to see, newest first."""
    rows = await ticket_page(
        session,
        wanted,
        sight_of(reader, Permission.TICKETS_READ),
        shown=TicketLine.model_fields,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    return Page[TicketLine](**page(request, response, rows, limit, at=_at, out=ticket_line))


@router.get("/{ticket_id}", operation_id="get_ticket", responses={304: {"description": "Known"}})
async def get(
    ticket_id: UUID, request: Request, response: Response, session: Reading, reader: Reader
) -> TicketOut | None:
    """Show a ticket; 304 when the caller has this version."""
    ticket = await get_ticket(session, ticket_id, sight_of(reader, Permission.TICKETS_READ))
    tag(response, ticket.version)
    if is_known(request, ticket.version):
        response.status_code = 304
        return None
    return ticket_out(ticket)


@router.get("/{ticket_id}/history", operation_id="get_ticket_history")
async def history(ticket_id: UUID, session: Transaction, reader: Reader) -> TicketHistory:
    """Show what happened to a ticket, oldest first, and which moves its state allows now."""
    ticket = await get_ticket(session, ticket_id, sight_of(reader, Permission.TICKETS_READ))
    return ticket_history(ticket, await moves_of(session, ticket_id), utcnow())


@router.patch("/{ticket_id}", operation_id="correct_ticket")
@router.post("/{ticket_id}/update", operation_id="update_ticket")
async def correct(
    body: TicketCorrection,
    request: Request,
    response: Response,
    session: Transaction,
    worker: Worker,
    ticket: Locked,
) -> TicketOut:
    """Correct subject, kind, category or priority; the state stays."""
    require_version(ticket, required_version(request, body.version))
    corrected = await correct_ticket(
        session, ticket, changes=body.changes, actor=worker, now=utcnow()
    )
    tag(response, corrected.version)
    return ticket_out(corrected)


def _at(ticket: ShownTicket) -> tuple[datetime, UUID]:
    return ticket.created_at, ticket.id
