"""Loop cases over HTTP: the worklist, one case, and what people do with it."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.feedback.loops.access import locked, visible
from services.feedback.loops.case_queries import (
    LoopFilter,
    contacts_of,
    escalations_of,
    scores_of,
    worklist_page,
)
from services.feedback.loops.escalate_case import escalate_by_hand
from services.feedback.loops.queries import LoopCase, get_case
from services.feedback.loops.schemas import (
    LoopAssignment,
    LoopCaseLine,
    LoopCaseOut,
    LoopClosing,
    LoopContactIn,
    LoopEscalation,
    case_line,
    case_out,
)
from services.feedback.loops.work_on_case import (
    acknowledge_case,
    assign_case,
    close_case,
    log_contact,
)
from shared.auth.actor import Actor
from shared.auth.callers import CurrentActor, allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.database import Session
from shared.http.concurrency import is_known, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/loop-cases",
    tags=["loop cases"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_READ))]
Mine = Annotated[LoopCase, Depends(locked(Permission.FEEDBACK_WORK))]
ToAssign = Annotated[LoopCase, Depends(locked(Permission.FEEDBACK_ASSIGN))]


@router.get("", operation_id="list_loop_cases")
async def list_loop_cases(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    wanted: Annotated[LoopFilter, Depends()],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[LoopCaseLine]:
    """List the cases that wait for somebody, or those of a state; the nearest deadline first."""
    now = utcnow()
    rows = await worklist_page(
        session,
        wanted,
        visible(reader, Permission.FEEDBACK_READ),
        me=reader.id,
        now=now,
        after=keyset(request).read(cursor),
        limit=limit + 1,
    )
    out = partial(case_line, now=now)
    return Page[LoopCaseLine](**page(request, response, rows, limit, at=_at, out=out))


@router.get("/{case_id}", operation_id="get_loop_case", responses={304: {"description": "Known"}})
async def get(
    case_id: UUID, request: Request, response: Response, session: Transaction, reader: Reader
) -> LoopCaseOut | None:
    """Show a case with its scores, contacts and escalations; 304 when the caller has it."""
    case = await get_case(session, case_id, visible(reader, Permission.FEEDBACK_READ))
    if is_known(request, case.version):
        tag(response, case.version)
        response.status_code = 304
        return None
    return await _shown(case, session, request, response)


@router.post("/{case_id}/contacts", status_code=201, operation_id="log_loop_contact")
async def contact(
    body: LoopContactIn,
    case: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    response: Response,
) -> LoopCaseOut:
    """Log how somebody tried to reach the customer; who reaches him stops the contact clock."""
    vault = request.app.state.vault
    changed = await log_contact(session, vault, case, body.made, actor=actor, now=utcnow())
    return await _shown(changed, session, request, response)


@router.post("/{case_id}/assign", operation_id="assign_loop_case")
async def assign(
    body: LoopAssignment,
    case: ToAssign,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    response: Response,
) -> LoopCaseOut:
    """Give the case to one of our people, who is told."""
    vault = request.app.state.vault
    changed = await assign_case(
        session, vault, case, owner_id=body.owner_id, actor=actor, now=utcnow()
    )
    return await _shown(changed, session, request, response)


@router.post("/{case_id}/escalate", operation_id="escalate_loop_case")
async def escalate(
    body: LoopEscalation,
    case: Mine,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    response: Response,
) -> LoopCaseOut:
    """Raise the case one level; whoever answers there has it from now on, and is told."""
    vault = request.app.state.vault
    changed = await escalate_by_hand(
        session, vault, case, reason=body.reason, staff_id=actor.id, now=utcnow()
    )
    return await _shown(changed, session, request, response)


@router.post("/{case_id}/acknowledge", operation_id="acknowledge_loop_case")
async def acknowledge(
    case: Mine, actor: CurrentActor, session: Transaction, request: Request, response: Response
) -> LoopCaseOut:
    """Take note of a customer who was not won back; the case leaves the worklist."""
    changed = await acknowledge_case(session, case, actor=actor, now=utcnow())
    return await _shown(changed, session, request, response)


@router.post("/{case_id}/close", operation_id="close_loop_case")
async def close(
    body: LoopClosing,
    case: ToAssign,
    actor: CurrentActor,
    session: Transaction,
    request: Request,
    response: Response,
) -> LoopCaseOut:
    """Close a case that needs no recovery, or whose customer cannot be reached."""
    changed = await close_case(session, case, reason=body.reason, actor=actor, now=utcnow())
    return await _shown(changed, session, request, response)


async def _shown(
    case: LoopCase, session: Session, request: Request, response: Response
) -> LoopCaseOut:
    tag(response, case.version)
    return case_out(
        case,
        request.app.state.vault,
        scores=await scores_of(session, case.id),
        contacts=await contacts_of(session, case.id),
        escalations=await escalations_of(session, case.id),
        now=utcnow(),
    )


def _at(case: LoopCase) -> tuple[datetime, UUID]:
    return case.nearest_due_at, case.id
