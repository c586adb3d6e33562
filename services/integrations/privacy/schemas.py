"""Privacy requests as they are answered over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from services.integrations.privacy.queries import PrivacyAnswer, PrivacyRequest
from services.integrations.privacy.vocabulary import (
    PrivacyReason,
    PrivacyRequestType,
    PrivacyState,
)
from shared.contracts.privacy import EVERY_SERVICE
from shared.texts import RequestModel, example


class PrivacyRequestIn(RequestModel):
    """What is asked about whom; the reason is a code, so that it names nobody."""

    model_config = example(
        type="erase",
        customer_id="019381a2-7f3e-7c55-9b1d-2f6a0c4e8d10",
        reason="customer_asked",
    )

    type: PrivacyRequestType
    customer_id: UUID
    reason: PrivacyReason


class PrivacyAnswerOut(BaseModel):
    """How far one service is; `rows` counts what it erased or found."""

    service: str
    answered_at: datetime | None
    rows: int | None


class PrivacyRequestOut(BaseModel):
    """A request with the answers so far."""

    id: UUID
    type: PrivacyRequestType
    customer_id: UUID
    reason: PrivacyReason
    state: PrivacyState
    requested_by: UUID | None
    requested_at: datetime
    due_at: datetime
    overdue: bool = Field(description="Still open, or completed too late")
    completed_at: datetime | None
    expires_at: datetime | None = Field(description="Until when an export can be read")
    answers: list[PrivacyAnswerOut]


class PrivacyExportOut(BaseModel):
    """What every service knows of a customer, by service and kind of record."""

    request_id: UUID
    customer_id: UUID
    requested_at: datetime
    completed_at: datetime
    found: dict[str, dict[str, list[dict[str, JsonValue]]]]


def privacy_request_out(
    request: PrivacyRequest, answers: Sequence[PrivacyAnswer], *, now: datetime
) -> PrivacyRequestOut:
    """Return a request as it is shown, with one line for every service."""
    given = {answer.service: answer for answer in answers if answer.request_id == request.id}
    plain = {name: getattr(request, name) for name in PrivacyRequest.__dataclass_fields__}
    return PrivacyRequestOut(
        **plain,
        overdue=(request.completed_at or now) > request.due_at,
        answers=[_answer(service, given.get(service)) for service in EVERY_SERVICE],
    )


def _answer(service: str, answer: PrivacyAnswer | None) -> PrivacyAnswerOut:
    if answer is None:
        return PrivacyAnswerOut(service=service, answered_at=None, rows=None)
    return PrivacyAnswerOut(service=service, answered_at=answer.answered_at, rows=answer.rows)
