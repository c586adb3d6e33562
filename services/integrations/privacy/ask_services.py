"""Ask every service to erase one customer, or to say what it knows of him."""

from datetime import datetime
from typing import Final
from uuid import UUID

from services.integrations.privacy.queries import PrivacyRequest, add_request, erasure_of
from services.integrations.privacy.rules import PrivacyTimes
from services.integrations.privacy.vocabulary import (
    PrivacyReason,
    PrivacyRequestType,
    PrivacyState,
)
from shared.audit import audit
from shared.auth.actor import Actor
from shared.contracts.privacy import ErasureRequested, ExportRequested
from shared.database import Session
from shared.ids import new_id
from shared.outbox.emit import Saying, emit

FIRST: Final = 1


async def ask_services(
    session: Session,
    request_type: PrivacyRequestType,
    customer_id: UUID,
    reason: PrivacyReason,
    *,
    times: PrivacyTimes,
    actor: Actor,
    now: datetime,
) -> PrivacyRequest:
    """Take a request and tell everybody; an erasure is asked for once, whoever asks again.

    Whether there is such a customer each service knows for itself: who is unknown everywhere is
    answered with nothing.
    """
    access = request_type is PrivacyRequestType.ACCESS
    due_at = now + times.due
    request = PrivacyRequest(
        id=new_id(),
        type=request_type,
        customer_id=customer_id,
        reason=reason,
        state=PrivacyState.OPEN,
        requested_by=actor.id,
        requested_at=now,
        due_at=due_at,
        completed_at=None,
        expires_at=due_at + times.export_kept if access else None,
    )
    if not await add_request(session, request):
        return await erasure_of(session, customer_id)
    said = ExportRequested if access else ErasureRequested
    asked = said(request_id=request.id, customer_id=customer_id, requested_at=now)
    await emit(session, Saying(asked, request.id, FIRST, now))
    await audit(
        session,
        f"privacy.{request_type}_requested",
        actor=actor,
        subject_kind="customer",
        subject_id=customer_id,
        now=now,
        request=str(request.id),
        reason=reason,
    )
    return request
