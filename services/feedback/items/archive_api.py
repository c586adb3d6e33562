"""The archive over HTTP: its folders in a chosen order, and what lies in them."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.feedback.items.access import visible
from services.feedback.items.archive_queries import (
    Folder,
    archive_page,
    filed_in,
    folders,
)
from services.feedback.items.list_queries import ItemFilter
from services.feedback.items.queries import Item
from services.feedback.items.schemas import FeedbackLine, feedback_line
from services.feedback.items.vocabulary import FilingOrder
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.cursors import LARGEST_PAGE, Cursor, Limit, Page, keyset, page
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.texts import Line

router = APIRouter(
    prefix="/api/v1/feedback/archive",
    tags=["feedback"],
    responses=documented(400, 401, 403, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_READ))]


class ArchiveFolder(BaseModel):
    """A folder: the month, id or code that its items are filed under; null is for those without."""

    key: str | None
    n: int
    first_closed_at: datetime
    last_closed_at: datetime


class ArchiveFolders(BaseModel):
    """The fullest folders of an order."""

    order: FilingOrder
    data: list[ArchiveFolder]


@router.get("/folders", operation_id="list_archive_folders")
async def list_folders(
    request: Request,
    session: Transaction,
    reader: Reader,
    order: FilingOrder = FilingOrder.PERIOD,
    limit: Limit = LARGEST_PAGE,
) -> ArchiveFolders:
    """Show the archive laid out by period, category, customer, department or channel."""
    zone = request.app.state.receiving.terms.zone.key
    mine = visible(reader, Permission.FEEDBACK_READ)
    found = await folders(session, order, mine, zone=zone, limit=limit)
    return ArchiveFolders(order=order, data=[_folder(one) for one in found])


@router.get("/items", operation_id="list_archive")
async def list_archive(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    wanted: Annotated[ItemFilter, Depends()],
    period: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$", description="A month")] = None,
    archive_no: Line | None = None,
    words: Annotated[Line | None, Query(description="Words of at least two characters")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[FeedbackLine]:
    """List what was closed, the last first; all words must occur in the masked text."""
    now = utcnow()
    zone = request.app.state.receiving.terms.zone.key
    conditions = wanted.conditions(now) + filed_in(period, archive_no, zone=zone)
    rows = await archive_page(
        session,
        visible(reader, Permission.FEEDBACK_READ),
        conditions=conditions,
        words=words,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    out = partial(feedback_line, now=now)
    return Page[FeedbackLine](**page(request, response, rows, limit, at=_at, out=out))


def _folder(folder: Folder) -> ArchiveFolder:
    return ArchiveFolder.model_validate(folder, from_attributes=True)


def _at(item: Item) -> tuple[datetime, UUID]:
    return item.closed_at or item.received_at, item.id
