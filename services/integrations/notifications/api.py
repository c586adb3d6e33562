"""Notices over HTTP, for who watches over the delivery."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.integrations.notifications.queries import Notice, notice_page
from services.integrations.notifications.schemas import NoticeOut, notice_out
from services.integrations.notifications.vocabulary import NoticeState
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/notifications",
    tags=["operations"],
    responses=documented(400, 401, 403, 422),
)

Operator = Annotated[Actor, Depends(allowed(Permission.DEAD_LETTERS))]


@router.get("", operation_id="list_notifications")
async def list_notices(
    request: Request,
    response: Response,
    session: Transaction,
    _operator: Operator,
    state: Annotated[NoticeState | None, Query(description="Only those that are so far")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NoticeOut]:
    """List notices, newest first: what became of each, not what it says."""
    before = keyset(request).read(cursor)
    rows = await notice_page(
        session, request.app.state.vault, state=state, before=before, limit=limit + 1
    )
    return Page[NoticeOut](**page(request, response, rows, limit, at=_at, out=notice_out))


def _at(notice: Notice) -> tuple[datetime, UUID]:
    return notice.requested_at, notice.id
