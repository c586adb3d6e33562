"""Wishes to be called, for the staff who can do it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from services.surveys.invitations.access import visible
from services.surveys.responses.queries import CallWish, call_wishes
from services.surveys.responses.vocabulary import CallbackTime
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/callbacks", tags=["surveys"], responses=documented(400, 401, 403, 422)
)

Reader = Annotated[Actor, Depends(allowed(Permission.SURVEYS_READ))]


class CallWishOut(BaseModel):
    """A customer who was let down and would like to be called, and when."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    satisfaction: int | None
    solved: bool | None
    callback_time: CallbackTime
    submitted_at: datetime


@router.get("", operation_id="list_callbacks")
async def list_callbacks(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CallWishOut]:
    """List who would like to be called after a low answer, the latest first."""
    rows = await call_wishes(
        session, visible(reader), before=keyset(request).read(cursor), limit=limit + 1
    )
    return Page[CallWishOut](**page(request, response, rows, limit, at=_at, out=_out))


def _at(wish: CallWish) -> tuple[datetime, UUID]:
    return wish.submitted_at, wish.id


def _out(wish: CallWish) -> CallWishOut:
    return CallWishOut.model_validate(wish, from_attributes=True)
