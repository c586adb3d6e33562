"""One's own notices over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.integrations.staff_notices.queries import (
    StaffNotice,
    staff_notice_page,
    write_read,
)
from services.integrations.staff_notices.schemas import StaffNoticeOut
from services.integrations.staff_notices.wording import word_staff_notice
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.errors import NotFoundError
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented, language_of
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/my-notices",
    tags=["notices"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.NOTICES_OWN))]


@router.get("", operation_id="list_my_notices")
async def list_own(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[StaffNoticeOut]:
    """List one's own notices: unread before read, and newest first."""
    rows = await staff_notice_page(
        session,
        request.app.state.vault,
        reader.id,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    response.headers["Vary"] = "Accept-Language"
    shown = page(request, response, rows, limit, at=_at, out=_shown_to(request))
    return Page[StaffNoticeOut](**shown)


@router.post("/{notice_id}/read", operation_id="read_my_notice")
async def read(
    notice_id: UUID, request: Request, session: Transaction, reader: Reader
) -> StaffNoticeOut:
    """Say that one has read a notice."""
    vault = request.app.state.vault
    notice = await write_read(session, vault, notice_id, reader.id, now=utcnow())
    if notice is None:
        raise NotFoundError("notice_not_found", "You have no such notice.")
    return _shown_to(request)(notice)


def _at(notice: StaffNotice) -> tuple[datetime, UUID]:
    return notice.ranked_at, notice.id


def _shown_to(request: Request) -> Callable[[StaffNotice], StaffNoticeOut]:
    language = language_of(request.headers.get("accept-language"))

    def shown(notice: StaffNotice) -> StaffNoticeOut:
        wording = word_staff_notice(
            notice.template, notice.parameters, language=language, zone=request.app.state.zone
        )
        return StaffNoticeOut(
            id=notice.id,
            template=notice.template,
            title=wording.title,
            text=wording.text,
            parameters=dict(notice.parameters),
            reference_kind=notice.reference_kind,
            reference_id=notice.reference_id,
            noticed_at=notice.noticed_at,
            read_at=notice.read_at,
        )

    return shown
