"""The doors of partners' programs: what each brings is known by its own ids, to nobody else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.tickets.intake.queries import get_ticket_from
from services.tickets.intake.rules import source_of
from services.tickets.intake.schemas import (
    IntakeCustomerIn,
    IntakeCustomerOut,
    IntakeTicketIn,
    IntakeTicketOut,
    intake_ticket_out,
)
from services.tickets.intake.take_customer import take_customer
from services.tickets.intake.take_request import take_request
from services.tickets.intake.vocabulary import IntakeResult
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.ids import new_id
from shared.texts import Line

router = APIRouter(
    prefix="/api/v1/intake",
    tags=["partners"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 422),
)

Requester = Annotated[Actor, Depends(allowed(Permission.TICKETS_INTAKE))]
CustomerKeeper = Annotated[Actor, Depends(allowed(Permission.CUSTOMERS_INTAKE))]


@router.post("/tickets", status_code=201, operation_id="bring_ticket")
async def bring_ticket(
    body: IntakeTicketIn,
    request: Request,
    response: Response,
    session: Transaction,
    partner: Requester,
) -> IntakeTicketOut:
    """Open a ticket for a partner's request; 200 with the ticket that it has already."""
    state, source = request.app.state, source_of(partner.id)
    taken = await take_request(
        session,
        state.vault,
        body.record(source),
        intake=state.intake,
        actor=partner,
        now=utcnow(),
    )
    if taken.result is not IntakeResult.CREATED:
        response.status_code = 200
    ticket = await get_ticket_from(session, source, body.external_id)
    return intake_ticket_out(ticket, taken)


@router.get("/tickets", operation_id="find_brought_ticket")
async def find_ticket(
    external_id: Annotated[Line, Query(description="The partner's own id of the request")],
    session: Transaction,
    partner: Requester,
) -> IntakeTicketOut:
    """Show how far a request is that this partner brought."""
    return intake_ticket_out(await get_ticket_from(session, source_of(partner.id), external_id))


@router.post("/customers", operation_id="bring_customer")
async def bring_customer(
    body: IntakeCustomerIn, request: Request, session: Transaction, partner: CustomerKeeper
) -> IntakeCustomerOut:
    """Add or change a partner's customer; an older version than the one known changes nothing."""
    record = body.record(source_of(partner.id), new_id())
    taken = await take_customer(
        session, request.app.state.vault, record, actor=partner, now=utcnow()
    )
    return IntakeCustomerOut(
        customer_id=taken.record_id, external_id=body.external_id, result=taken.result
    )
