"""The development outbox as JSON: what a customer would have got, for programs that try things."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.integrations.notifications.queries import notices_to
from services.integrations.notifications.vocabulary import NoticeState
from shared.http.problems import ProblemError, documented
from shared.http.transaction import Transaction

router = APIRouter(prefix="/api/v1/outbox", tags=["development"], responses=documented(404, 422))


class OutboxNotice(BaseModel):
    """A notice to a customer with what it says."""

    template: str
    state: NoticeState
    reference_kind: str
    reference_id: UUID
    parameters: dict[str, str]
    requested_at: datetime


class Outbox(BaseModel):
    """The notices to one customer, oldest first."""

    data: list[OutboxNotice]


@router.get("", operation_id="read_outbox")
async def read(
    customer_id: Annotated[UUID, Query()], request: Request, session: Transaction
) -> Outbox:
    """Show the notices to a customer; outside development there is no such thing."""
    if not request.app.state.sign_in.development:
        raise ProblemError(404, "not_found", "There is no such page.")
    found = await notices_to(session, request.app.state.vault, customer_id)
    return Outbox(
        data=[
            OutboxNotice(
                template=notice.template,
                state=notice.state,
                reference_kind=notice.reference_kind,
                reference_id=notice.reference_id,
                parameters=dict(notice.parameters or {}),
                requested_at=notice.requested_at,
            )
            for notice in found
        ]
    )
