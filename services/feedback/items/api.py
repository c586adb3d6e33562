"""Feedback over HTTP: take, list, read, amend; the steps of its life stand in `moves_api.py`."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.feedback.duties.queries import require_known
from services.feedback.items.access import locked, visible
from services.feedback.items.amend_item import amend_item
from services.feedback.items.history_schemas import (
    FeedbackHistory,
    FeedbackOriginal,
    FeedbackReplies,
    FeedbackVersions,
    history_out,
    reply_out,
    versions_out,
)
from services.feedback.items.list_queries import ItemFilter, item_page
from services.feedback.items.queries import Item, get_item, require_version, steps_of
from services.feedback.items.read_original import read_original
from services.feedback.items.reply_queries import replies_of
from services.feedback.items.schemas import (
    FeedbackAmendment,
    FeedbackIn,
    FeedbackLine,
    FeedbackOut,
    feedback_line,
    feedback_out,
)
from services.feedback.items.take_down import take_down
from services.feedback.items.version_queries import versions_of
from services.feedback.items.vocabulary import OriginalReason
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.concurrency import is_known, required_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/feedback",
    tags=["feedback"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_READ))]
Worker = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_WORK))]
Locked = Annotated[Item, Depends(locked(Permission.FEEDBACK_WORK))]


@router.post("", status_code=201, operation_id="take_feedback")
async def take(
    body: FeedbackIn, request: Request, response: Response, session: Transaction, worker: Worker
) -> FeedbackOut:
    """Take feedback down; what it may be about is proposed, and its limits run from now."""
    path = await require_known(session, category_id=body.category_id, org_unit_id=body.org_unit_id)
    item = await take_down(
        session,
        request.app.state.receiving,
        body.model_dump() | {"org_path": path},
        mine=visible(worker, Permission.FEEDBACK_READ),
        actor=worker,
        now=utcnow(),
    )
    response.headers["Location"] = f"{router.prefix}/{item.id}"
    tag(response, item.version)
    return feedback_out(item, utcnow())


@router.get("", operation_id="list_feedback")
async def list_feedback(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    wanted: Annotated[ItemFilter, Depends()],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[FeedbackLine]:
    """List the feedback that is the caller's to see, newest first."""
    now = utcnow()
    rows = await item_page(
        session,
        wanted,
        visible(reader, Permission.FEEDBACK_READ),
        before=keyset(request).read(cursor),
        now=now,
        limit=limit + 1,
    )
    out = partial(feedback_line, now=now)
    return Page[FeedbackLine](**page(request, response, rows, limit, at=_at, out=out))


@router.get("/{item_id}", operation_id="get_feedback", responses={304: {"description": "Known"}})
async def get(
    item_id: UUID, request: Request, response: Response, session: Transaction, reader: Reader
) -> FeedbackOut | None:
    """Show an item, its words masked; 304 when the caller has this version."""
    item = await get_item(session, item_id, visible(reader, Permission.FEEDBACK_READ))
    tag(response, item.version)
    if is_known(request, item.version):
        response.status_code = 304
        return None
    return feedback_out(item, utcnow())


@router.get("/{item_id}/history", operation_id="get_feedback_history")
async def history(
    item_id: UUID, request: Request, session: Transaction, reader: Reader
) -> FeedbackHistory:
    """Show what happened to an item, oldest first, and which moves its state allows now."""
    item = await get_item(session, item_id, visible(reader, Permission.FEEDBACK_READ))
    return history_out(request.app.state.vault, item, await steps_of(session, item_id))


@router.get("/{item_id}/versions", operation_id="list_feedback_versions")
async def versions(item_id: UUID, session: Transaction, reader: Reader) -> FeedbackVersions:
    """List what the record said, from its first version to the present one."""
    await get_item(session, item_id, visible(reader, Permission.FEEDBACK_READ))
    return versions_out(await versions_of(session, item_id))


@router.get("/{item_id}/replies", operation_id="list_feedback_replies")
async def replies(
    item_id: UUID, request: Request, session: Transaction, reader: Reader
) -> FeedbackReplies:
    """List the answers to the customer, and what became of them."""
    await get_item(session, item_id, visible(reader, Permission.FEEDBACK_READ))
    found = await replies_of(session, request.app.state.vault, item_id)
    return FeedbackReplies(data=[reply_out(one) for one in found])


@router.get("/{item_id}/original", operation_id="get_feedback_original")
async def original(
    item_id: UUID, reason: OriginalReason, request: Request, session: Transaction, worker: Worker
) -> FeedbackOriginal:
    """Show the words as they were written, with the reason in the audit trail."""
    item = await get_item(session, item_id, visible(worker, Permission.FEEDBACK_WORK))
    number, text = await read_original(
        session, request.app.state.vault, item, reason, actor=worker, now=utcnow()
    )
    return FeedbackOriginal(number=number, text=text)


@router.patch("/{item_id}", operation_id="amend_feedback")
@router.post("/{item_id}/update", operation_id="update_feedback")
async def amend(
    body: FeedbackAmendment,
    request: Request,
    response: Response,
    session: Transaction,
    worker: Worker,
    item: Locked,
) -> FeedbackOut:
    """Correct or enrich a record as a new version; the former ones stay readable."""
    require_version(item, required_version(request, body.version))
    state = request.app.state
    amended = await amend_item(
        session,
        state.vault,
        item,
        body.changes,
        reason=body.reason,
        terms=state.receiving.terms,
        actor=worker,
        now=utcnow(),
    )
    tag(response, amended.version)
    return feedback_out(amended, utcnow())


def _at(item: Item) -> tuple[datetime, UUID]:
    return item.received_at, item.id
