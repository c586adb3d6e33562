"""The moves of a ticket over HTTP: POST /api/v1/tickets/{id}/<verb>."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.tickets.tickets.access import locked
from services.tickets.tickets.assign_ticket import assign_ticket
from services.tickets.tickets.cancel_ticket import cancel_ticket
from services.tickets.tickets.close_ticket import close_ticket
from services.tickets.tickets.escalate_ticket import escalate_ticket, return_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.reopen_ticket import reopen_ticket
from services.tickets.tickets.resolve_ticket import resolve_ticket
from services.tickets.tickets.schemas import (
    Advance,
    Assignment,
    Cancellation,
    Escalation,
    Reopening,
    Resolution,
    TicketOut,
    Waiting,
    ticket_out,
)
from services.tickets.tickets.vocabulary import CloseActor
from services.tickets.tickets.work_on_ticket import (
    advance_ticket,
    await_customer,
    await_third_party,
    resume_ticket,
    start_ticket,
)
from shared.auth.callers import CurrentActor
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.concurrency import tag
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/tickets/{ticket_id}",
    tags=["tickets"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422),
)

Mine = Annotated[Ticket, Depends(locked(Permission.TICKETS_WORK))]
ToAssign = Annotated[Ticket, Depends(locked(Permission.TICKETS_ASSIGN))]
ToReopen = Annotated[Ticket, Depends(locked(Permission.TICKETS_REOPEN))]


@router.post("/assign", operation_id="assign_ticket")
async def assign(
    body: Assignment, ticket: ToAssign, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Make a team, and perhaps a person in it, responsible."""
    moved = await assign_ticket(
        session,
        ticket,
        org_unit_id=body.org_unit_id,
        assignee_id=body.assignee_id,
        actor=actor,
        now=utcnow(),
    )
    return _shown(moved, answer)


@router.post("/start", operation_id="start_ticket")
async def start(
    ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Begin the work on a new ticket."""
    return _shown(await start_ticket(session, ticket, actor=actor, now=utcnow()), answer)


@router.post("/advance", operation_id="advance_ticket")
async def advance(
    body: Advance, ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Say that the work reached another stage."""
    moved = await advance_ticket(session, ticket, stage=body.stage, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/await-customer", operation_id="await_customer")
async def wait_for_customer(
    body: Waiting, ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Wait for the customer; his next words resume the work."""
    moved = await await_customer(session, ticket, reason=body.reason, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/await-third-party", operation_id="await_third_party")
async def wait_for_third_party(
    ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Wait for somebody outside."""
    return _shown(await await_third_party(session, ticket, actor=actor, now=utcnow()), answer)


@router.post("/resume", operation_id="resume_ticket")
async def resume(
    ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Go on with the work."""
    return _shown(await resume_ticket(session, ticket, actor=actor, now=utcnow()), answer)


@router.post("/escalate", operation_id="escalate_ticket")
async def escalate(
    body: Escalation, ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Hand the ticket to the next support tier."""
    moved = await escalate_ticket(session, ticket, reason=body.reason, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/return", operation_id="return_ticket")
async def give_back(
    body: Escalation, ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Give the ticket back to the support tier before."""
    moved = await return_ticket(session, ticket, reason=body.reason, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/resolve", operation_id="resolve_ticket")
async def resolve(
    body: Resolution,
    ticket: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> TicketOut:
    """Give the customer a solution; he may confirm it or object."""
    state = request.app.state
    moved = await resolve_ticket(
        session,
        state.vault,
        ticket,
        reason=body.reason,
        solution=body.solution,
        limits=state.intake.limits,
        actor=actor,
        now=utcnow(),
    )
    return _shown(moved, answer)


@router.post("/close", operation_id="close_ticket")
async def close(
    ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """Close a resolved ticket; the survey and the statistics happen by themselves."""
    moved = await close_ticket(session, ticket, by=CloseActor.STAFF, actor=actor, now=utcnow())
    return _shown(moved, answer)


@router.post("/reopen", operation_id="reopen_ticket")
async def reopen(
    body: Reopening,
    ticket: ToReopen,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    answer: Response,
) -> TicketOut:
    """Begin the next cycle of a resolved or closed ticket."""
    moved = await reopen_ticket(
        session,
        ticket,
        reason=body.reason,
        limits=request.app.state.intake.limits,
        actor=actor,
        now=utcnow(),
    )
    return _shown(moved, answer)


@router.post("/cancel", operation_id="cancel_ticket")
async def cancel(
    body: Cancellation, ticket: Mine, actor: CurrentActor, session: Transaction, answer: Response
) -> TicketOut:
    """End a request that is withdrawn; there is no survey."""
    moved = await cancel_ticket(session, ticket, reason=body.reason, actor=actor, now=utcnow())
    return _shown(moved, answer)


def _shown(ticket: Ticket, answer: Response) -> TicketOut:
    tag(answer, ticket.version)
    return ticket_out(ticket)
