"""Answers over HTTP, for staff: look, correct what was entered wrong, take back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.surveys.invitations.access import visible
from services.surveys.invitations.queries import Invitation
from services.surveys.restatements.queries import (
    Stated,
    former_of,
    get_response,
    lock_response,
    response_page,
)
from services.surveys.restatements.restate_response import restate_response, withdraw_response
from services.surveys.restatements.schemas import (
    ResponseLine,
    ResponseStated,
    Restatement,
    Withdrawal,
    response_line,
    response_stated,
)
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.database import Session
from shared.http.concurrency import given_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/responses",
    tags=["surveys"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422),
)

RESTATE = Permission.SURVEYS_RESTATE
Reader = Annotated[Actor, Depends(allowed(Permission.SURVEYS_READ))]
Restater = Annotated[Actor, Depends(allowed(RESTATE))]


async def _held(
    response_id: UUID, request: Request, session: Transaction, restater: Restater
) -> tuple[Invitation, Stated]:
    """Give the answer of the path; 404 when it is not the caller's, 412 for an old If-Match."""
    return await lock_response(
        session, response_id, visible(restater, RESTATE), version=given_version(request)
    )


Held = Annotated[tuple[Invitation, Stated], Depends(_held)]


@router.get("", operation_id="list_responses")
async def list_responses(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    ticket_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ResponseLine]:
    """List what customers answered, the latest first."""
    rows = await response_page(
        session,
        visible(reader),
        ticket_id=ticket_id,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    return Page[ResponseLine](**page(request, response, rows, limit, at=_at, out=response_line))


@router.get("/{response_id}", operation_id="get_response")
async def get(
    response_id: UUID, answer: Response, session: Transaction, reader: Reader
) -> ResponseStated:
    """Show an answer and how it stood before it was restated."""
    return await _shown(session, await get_response(session, response_id, visible(reader)), answer)


@router.post("/{response_id}/restate", operation_id="restate_response")
async def restate(
    body: Restatement, held: Held, actor: Restater, session: Transaction, answer: Response
) -> ResponseStated:
    """Correct what was entered wrong; every figure follows, the first answer stays readable."""
    stated = await restate_response(
        session, *held, body.answers, reason=body.reason, actor=actor, now=utcnow()
    )
    return await _shown(session, stated, answer)


@router.post("/{response_id}/withdraw", operation_id="withdraw_response")
async def withdraw(
    body: Withdrawal,
    held: Held,
    actor: Restater,
    session: Transaction,
    request: Request,
    answer: Response,
) -> ResponseStated:
    """Take an answer back: it counts nowhere any more, and its words are deleted."""
    vault = request.app.state.vault
    stated = await withdraw_response(
        session, vault, *held, reason=body.reason, actor=actor, now=utcnow()
    )
    return await _shown(session, stated, answer)


async def _shown(session: Session, stated: Stated, answer: Response) -> ResponseStated:
    tag(answer, stated.version)
    return response_stated(stated, await former_of(session, stated.id))


def _at(stated: Stated) -> tuple[datetime, UUID]:
    return stated.submitted_at, stated.id
