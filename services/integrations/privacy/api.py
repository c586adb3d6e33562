"""Requests about one person's data over HTTP; whoever asks or reads is in the audit trail."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.integrations.privacy.ask_services import ask_services
from services.integrations.privacy.queries import (
    PrivacyRequest,
    answers_to,
    get_request,
    request_page,
)
from services.integrations.privacy.read_export import read_export
from services.integrations.privacy.schemas import (
    PrivacyExportOut,
    PrivacyRequestIn,
    PrivacyRequestOut,
    privacy_request_out,
)
from services.integrations.privacy.vocabulary import PrivacyState
from shared.auth.actor import Actor
from shared.auth.callers import allowed, count_heavy
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/privacy/requests",
    tags=["privacy"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 422),
)

Handling = Annotated[Actor, Depends(allowed(Permission.PRIVACY_HANDLE))]


@router.post(
    "", status_code=202, operation_id="ask_privacy_request", dependencies=[Depends(count_heavy)]
)
async def ask(
    body: PrivacyRequestIn,
    request: Request,
    response: Response,
    session: Transaction,
    handler: Handling,
) -> PrivacyRequestOut:
    """Ask every service to erase a customer, or to say what it knows of him.

    An erasure cannot be taken back; asked for again it is the same request.
    """
    now = utcnow()
    taken = await ask_services(
        session,
        body.type,
        body.customer_id,
        body.reason,
        times=request.app.state.privacy_times,
        actor=handler,
        now=now,
    )
    response.headers["Location"] = f"{router.prefix}/{taken.id}"
    return privacy_request_out(taken, await answers_to(session, taken.id), now=now)


@router.get("", operation_id="list_privacy_requests")
async def list_requests(
    request: Request,
    response: Response,
    session: Transaction,
    _handler: Handling,
    customer_id: UUID | None = None,
    state: PrivacyState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PrivacyRequestOut]:
    """List requests, newest first, with who has answered and which are late."""
    before = keyset(request).read(cursor)
    rows = await request_page(
        session, customer_id=customer_id, state=state, before=before, limit=limit + 1
    )
    answers, now = await answers_to(session, *(row.id for row in rows)), utcnow()

    def out(one: PrivacyRequest) -> PrivacyRequestOut:
        return privacy_request_out(one, answers, now=now)

    return Page[PrivacyRequestOut](**page(request, response, rows, limit, at=_at, out=out))


@router.get("/{request_id}", operation_id="get_privacy_request")
async def get(request_id: UUID, session: Transaction, _handler: Handling) -> PrivacyRequestOut:
    """Show a request and which services have answered."""
    found = await get_request(session, request_id)
    return privacy_request_out(found, await answers_to(session, request_id), now=utcnow())


@router.get(
    "/{request_id}/export", operation_id="read_privacy_export", dependencies=[Depends(count_heavy)]
)
async def export(
    request_id: UUID, request: Request, session: Transaction, handler: Handling
) -> PrivacyExportOut:
    """Read what was found of a customer, while it is kept; every reading is in the audit trail."""
    asked, found = await read_export(
        session, request.app.state.vault, request_id, actor=handler, now=utcnow()
    )
    return PrivacyExportOut(
        request_id=asked.id,
        customer_id=asked.customer_id,
        requested_at=asked.requested_at,
        completed_at=asked.completed_at or asked.requested_at,
        found=found,
    )


def _at(request: PrivacyRequest) -> tuple[datetime, UUID]:
    return request.requested_at, request.id
